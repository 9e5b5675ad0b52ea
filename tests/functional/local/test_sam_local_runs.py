"""The process that `make sam-local` is, with another program in the place of the SAM CLI."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import ROOT

# Serves a port as the SAM CLI does, ends when asked as often as it wants to be, and writes it down.
SERVER = """
import signal, socket, sys
from pathlib import Path
port, note, wanted = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
asked = 0
def end(*_):
    global asked
    asked += 1
    if asked == wanted:
        note.write_text("ended")
        sys.exit(0)
signal.signal(signal.SIGINT, end)
with socket.create_server(("127.0.0.1", port)) as server:
    while True:
        server.accept()[0].close()
"""
RUN = """
import os, sys
from local.sam_local.serve import run
port, grace = int(sys.argv[1]), float(sys.argv[2])
sys.exit(run([sys.executable, *sys.argv[3:]], dict(os.environ), port, grace))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        return int(reserved.getsockname()[1])


def served(note: Path, number: signal.Signals, wanted: int, grace: float) -> int:
    """Run the server until it serves, send the signal, and return the exit status."""
    port = free_port()
    server = ["-c", SERVER, str(port), str(note), str(wanted)]
    arguments = [sys.executable, "-c", RUN, str(port), str(grace), *server]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "\n"
        assert f"http://127.0.0.1:{port}/api" in running.stdout.readline()
        running.send_signal(number)
        return running.wait(30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_end_it_ends_the_sam_cli_in_order(tmp_path: Path, number: signal.Signals) -> None:
    assert served(tmp_path / "note", number, wanted=1, grace=20) == 0
    assert (tmp_path / "note").read_text() == "ended"


def test_it_asks_again_because_the_first_time_may_end_a_request_only(tmp_path: Path) -> None:
    assert served(tmp_path / "note", signal.SIGTERM, wanted=2, grace=0.5) == 0
    assert (tmp_path / "note").read_text() == "ended"


def test_what_does_not_end_when_asked_three_times_is_killed(tmp_path: Path) -> None:
    assert served(tmp_path / "note", signal.SIGTERM, wanted=4, grace=0.2) == 0
    assert not (tmp_path / "note").exists()


def test_when_the_sam_cli_fails_its_status_is_passed_on() -> None:
    arguments = [sys.executable, "-c", RUN, str(free_port()), "1", "-c", "raise SystemExit(7)"]
    assert subprocess.run(arguments, cwd=ROOT, check=False, timeout=30).returncode == 7


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DOCKER_HOST": "unix:///nowhere/docker.sock"}, "No Docker engine answers"),
        ({"DOCKER_HOST": "tcp://there:2375"}, "needs an engine on this machine"),
        ({"SAM_LOCAL_PORT": "http"}, "SAM_LOCAL_PORT is 'http'"),
    ],
)
def test_what_is_missing_is_one_sentence_and_status_1(
    changed: dict[str, str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.sam_local"],
        cwd=ROOT,
        env=dict(os.environ) | changed,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1 and not done.stdout
