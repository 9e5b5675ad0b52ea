"""Processes that outlive the command that started them: started, recognised again, ended.

A record holds the process id and its start time, so that an id which the system has given to
someone else meanwhile is never mistaken for ours.
"""

import json
import subprocess  # nosec B404: starting programs is what this module is for
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from local.home import ROOT, Home

GRACE_SECONDS = 15.0

_started: list[subprocess.Popen[bytes]] = []
"""Nothing here waits for what was started, and a forgotten Popen would complain about that."""


def start(
    home: Home, name: str, command: Sequence[str | Path], environment: Mapping[str, str]
) -> psutil.Process:
    """Start a program in the background, its output in `logs/<name>.log`, and record it."""
    for folder in (home.logs, home.run):
        folder.mkdir(parents=True, exist_ok=True)
    with (home.logs / f"{name}.log").open("ab") as log:
        started = (
            subprocess.Popen(  # nosec B603 # pylint: disable=consider-using-with # it lives on
                [str(part) for part in command],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )
    _started.append(started)
    process = psutil.Process(started.pid)
    record = {"pid": process.pid, "started": process.create_time()}
    _record(home, name).write_text(json.dumps(record), encoding="utf-8")
    return process


def running(home: Home, name: str) -> psutil.Process | None:
    """The recorded process when it still runs."""
    try:
        record = json.loads(_record(home, name).read_text(encoding="utf-8"))
        process = psutil.Process(record["pid"])
        if process.create_time() == record["started"] and _runs(process):
            return process
    except (FileNotFoundError, psutil.NoSuchProcess):
        pass
    return None


def stop(home: Home, name: str, grace: float = GRACE_SECONDS) -> bool:
    """End the recorded process and all of its children; False when it did not run.

    The process is asked first, and may end its children itself; then they are asked too, because
    it may be waiting for them; what has not ended after `grace` seconds is killed.
    """
    process = running(home, name)
    if process is not None:
        family = [process, *process.children(recursive=True)]
        process.terminate()
        left = _wait(family, grace / 3)
        for each in left:
            if each != process:
                each.terminate()
        left = _wait(left, grace * 2 / 3)
        for each in left:
            each.kill()
        _wait(left, 2.0)
    _record(home, name).unlink(missing_ok=True)
    return process is not None


def _wait(family: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run after so many seconds."""
    deadline = time.monotonic() + seconds
    while left := [each for each in family if _runs(each)]:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.05)
    return []


def _runs(process: psutil.Process) -> bool:
    """Whether it does anything: a zombie only waits for whoever adopted it to take notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _record(home: Home, name: str) -> Path:
    return home.run / f"{name}.json"
