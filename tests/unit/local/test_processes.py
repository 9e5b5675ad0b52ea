"""Processes are real here: they are what is tested, and they open no socket."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local import processes
from local.home import Home
from tests.support.waiting import wait_until

CHILD = "import time; print('up', flush=True); time.sleep(600)"
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {CHILD!r}])
time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    found = Home(tmp_path, 4566)
    yield found
    processes.stop(found, "one")


def start(home: Home, code: str) -> psutil.Process:
    return processes.start(home, "one", [sys.executable, "-c", code], {})


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def said(home: Home) -> str:
    return (home.logs / "one.log").read_text()


def test_a_started_process_is_recognised_and_its_output_kept(home: Home) -> None:
    process = start(home, CHILD)
    assert processes.running(home, "one") == process
    assert wait_until(lambda: "up" in said(home), "its output")


def test_stopping_ends_the_process_and_its_children(home: Home) -> None:
    process = start(home, PARENT)
    wait_until(lambda: "up" in said(home), "the child's output")
    family = [process, *process.children(recursive=True)]
    assert len(family) == 2
    assert processes.stop(home, "one")
    assert not any(runs(each) for each in family)
    assert processes.running(home, "one") is None


def test_stopping_what_does_not_run_changes_nothing(home: Home) -> None:
    assert not processes.stop(home, "one")


def test_a_process_that_ended_by_itself_is_not_running(home: Home) -> None:
    process = start(home, "pass")
    psutil.wait_procs([process], timeout=30)
    assert processes.running(home, "one") is None


def test_an_id_that_someone_else_has_now_is_left_alone(home: Home) -> None:
    process = start(home, CHILD)
    record = home.run / "one.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "started": content["started"] - 1}))
    assert processes.running(home, "one") is None
    assert not processes.stop(home, "one")
    assert process.is_running()
    process.kill()
    process.wait(30)


def test_a_process_that_ignores_the_signal_is_killed(home: Home) -> None:
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {CHILD}"
    process = start(home, code)
    wait_until(lambda: "up" in said(home), "its output")
    assert processes.stop(home, "one", grace=0.2)
    assert not runs(process)
