"""What `make up`, `make down` and the others do."""

import hashlib
import json
import os
import shutil
import subprocess  # nosec B404: it runs Vite
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from skafu.shared.clock import system_clock

from local import cloud, console, demo, history, login, logs, processes, session, stack, status
from local.home import ROOT, Home, Refused
from local.night import morning
from local.night.play import play

AGENT = "agent"
DEVELOPMENT_PORT = "5173"


def up(home: Home, options: Namespace) -> int:
    """Make the whole system run; what runs already is left as it is."""
    _step("Embedded AWS", lambda: cloud.start(home), "started", "runs")
    _step("Application", lambda: stack.deploy(home, _progress), "deployed", "up to date")
    outputs = stack.outputs(home)
    failure = _console(home, outputs)
    there = login.found(home, outputs)
    if options.agent:
        api = login.machine_api(home)
        _step("Demo alerts", lambda: demo.create_alerts(api) > 0, "created", "there")
        _step("Demo agent", lambda: _start_agent(home), "started", "runs")
    people = "\n".join(
        f"          {user['username']} / {user['password']} ({user['role'] or 'no member yet'})"
        for user in there["users"][1:]
    )
    print(
        f"\nConsole   {there['console_url']}\n"
        f"API       {there['api_url']}/api\n"
        f"AWS       {there['endpoint_url']} (key test, secret test, region {there['region']})\n"
        f"Login     {there['username']} / {there['password']} (admin)\n{people}\n"
        f"Details   {home.stack_file}"
    )
    if failure is not None:
        _complain(f"\nThe console is not what its sources say.\n{failure}")
    return 0 if failure is None else 1


def develop(home: Home, _: Namespace) -> int:
    """Serve the console from its sources, with hot reload, on the running system's API."""
    login.read(home)
    port = os.environ.get("SKAFU_DEV_PORT") or DEVELOPMENT_PORT
    if not cloud.port_is_free(int(port)):
        raise Refused(
            f"Port {port} is taken by another program: "
            "choose a free one with SKAFU_DEV_PORT=<port>."
        )
    variables = console.environment(SKAFU_STACK_FILE=str(home.stack_file), SKAFU_DEV_PORT=port)
    vite = [str(console.PROGRAMS / "npx"), "vite"]
    done = subprocess.run(  # nosec B603: a fixed command
        vite, cwd=console.FRONTEND, env=variables, check=False
    )
    return done.returncode


def down(home: Home, _: Namespace) -> int:
    """Stop every process; state stays."""
    _step("Demo agent", lambda: processes.stop(home, AGENT), "stopped", "was not running")
    _step("Embedded AWS", lambda: cloud.stop(home), "stopped", "was not running")
    return 0


def reset(home: Home, options: Namespace) -> int:
    """Stop, and delete what was stored: points, people, the deployment."""
    down(home, options)
    for folder in (home.state, home.run, home.logs, home.folder / "agent"):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (home.stack_file, home.folder / "replay.log", home.folder / "backfill.json"):
        path.unlink(missing_ok=True)
    print("State         deleted")
    return 0


def show_status(home: Home, _: Namespace) -> int:
    """Print what runs, the latest values and the alerts."""
    for line in status.show(home, login.machine_api(home), system_clock()):
        print(line)
    return 0


def show_logs(home: Home, options: Namespace) -> int:
    """Print logs, and go on until interrupted."""
    if options.function:
        lines = logs.of_function(home, options.function, options.follow)
    else:
        lines = logs.of_processes(home, options.follow)
    for line in lines:
        print(line, flush=True)
    return 0


def show_session(home: Home, _: Namespace) -> int:
    """Print shell variables for calling the API."""
    print(session.exports(home))
    return 0


def backfill(home: Home, options: Namespace) -> int:
    """Send a file as history."""
    path = _file(options.file)
    metric = options.metric or history.metric_of(path)
    api, now = login.machine_api(home), system_clock()
    summary = history.backfill(api, history.read(path), metric, now, _complain)
    (home.folder / "backfill.json").write_text(json.dumps(vars(summary)) + "\n", encoding="utf-8")
    print(summary)
    return 1 if summary.rejected else 0


def incident(home: Home, options: Namespace) -> int:
    """Play a night on call with real recordings, and print what is recorded of it."""
    if not options.dir:
        raise Refused(
            "Which recordings? Say DIR=<folder with the files of realAWSCloudwatch of the Numenta "
            "Anomaly Benchmark>."
        )
    admin, machine = login.admin_api(home), login.machine_api(home)
    met = play(admin, machine, Path(options.dir), system_clock, report=morning.report)
    return 0 if met else 1


def replay(home: Home, options: Namespace) -> int:
    """Send a file's values live."""
    path = _file(options.file)
    metric = options.metric or history.metric_of(path)
    rows = history.stretch(history.read(path), options.start, options.count)
    journal = home.folder / "replay.log"
    journal.unlink(missing_ok=True)
    summary = history.replay(
        login.machine_api(home), rows, metric, options.step, history.journal(journal), system_clock
    )
    print(summary)
    print(f"What was sent when: {journal}")
    return 1 if summary.rejected else 0


def _console(home: Home, outputs: Mapping[str, str]) -> Refused | None:
    """Build and publish it; why that was not possible. Everything else runs without it, and what
    was published before stays.
    """
    try:
        _step("Console", lambda: _publish(home, outputs), "published", "up to date")
    except Refused as refusal:
        print("failed", flush=True)
        return refusal
    return None


def _publish(home: Home, outputs: Mapping[str, str]) -> bool:
    if console.build():
        _progress("built")
    return console.publish(home, outputs)


def _file(name: str) -> Path:
    if not name:
        raise Refused("Which file? Say FILE=<path of a CSV file with timestamp,value>.")
    return Path(name)


def _start_agent(home: Home) -> bool:
    """Start it, also when it runs with another login or as another program than it would now."""
    stamp = home.run / "agent.stamp"
    names = ("agent", "api", "columnar", "sender", "spool")
    known = (home.stack_file, *(ROOT / "local" / f"{name}.py" for name in names))
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in known)).hexdigest()
    if processes.running(home, AGENT):
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return False
        processes.stop(home, AGENT)
    environment = home.aws_environment() | {
        "SKAFU_HOME": str(home.folder),
        "SKAFU_PORT": str(home.port),
        "PYTHONUNBUFFERED": "1",
    }
    python = ROOT / ".venv" / "bin" / "python"
    processes.start(home, AGENT, [python, "-m", "local.agent"], environment)
    stamp.write_text(wanted, encoding="utf-8")
    return True


def _step(what: str, act: Callable[[], bool], done: str, unchanged: str) -> None:
    """One line: what is being done, then how it ended."""
    print(f"{what:14}", end="", flush=True)
    print(done if act() else unchanged, flush=True)


def _progress(what: str) -> None:
    print(f"{what}, ", end="", flush=True)


def _complain(text: str) -> None:
    print(text, file=sys.stderr)
