"""The process that `make sam-local` is, with another program in the place of the SAM CLI."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import ROOT

# Serves a port as the SAM CLI does, and writes down that it was ended in order.
SERVER = """
import signal, socket, sys, time
from pathlib import Path
port, note = int(sys.argv[1]), Path(sys.argv[2])
def end(*_):
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
sys.exit(run([sys.executable, *sys.argv[2:]], dict(os.environ), int(sys.argv[1])))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        return int(reserved.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_end_it_ends_the_sam_cli_in_order(tmp_path: Path, number: signal.Signals) -> None:
    port, note = free_port(), tmp_path / "note"
    arguments = [sys.executable, "-c", RUN, str(port), "-c", SERVER, str(port), str(note)]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "\n"
        assert f"http://127.0.0.1:{port}/api" in running.stdout.readline()
        os.kill(running.pid, number)
        assert running.wait(10) == 0
    assert note.read_text() == "ended"


def test_when_the_sam_cli_fails_its_status_is_passed_on() -> None:
    arguments = [sys.executable, "-c", RUN, str(free_port()), "-c", "raise SystemExit(7)"]
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
