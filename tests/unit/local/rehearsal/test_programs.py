"""Programs of a rehearsal: told as they end, and ended with their children."""

import sys
from pathlib import Path
from threading import Thread

import psutil
import pytest

from local.home import Refused
from local.rehearsal import programs
from local.rehearsal.programs import Done
from local.rehearsal.writer import wait_until

PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("child").write_text(str(child.pid))
time.sleep(60)
"""


def run(folder: Path, code: str, deadline_s: float = 30) -> Done:
    line = [sys.executable, "-c", code]
    return programs.run(line, folder, {"GREETING": "hello"}, folder / "log", deadline_s)


def is_gone(folder: Path) -> bool:
    try:
        return psutil.Process(int((folder / "child").read_text())).status() == "zombie"
    except psutil.NoSuchProcess:
        return True


def test_a_program_is_told_by_its_code_and_what_it_printed(tmp_path: Path) -> None:
    done = run(tmp_path, "import os, sys; print(os.environ['GREETING']); print(); sys.exit(3)")
    assert (done.code, done.last) == (3, "hello")
    assert (tmp_path / "log").read_text() == done.said


def test_one_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="took over 2 s"):
        run(tmp_path, PARENT, deadline_s=2)
    wait_until(lambda: is_gone(tmp_path), 10, "the child lives on")


def test_all_that_run_are_ended_when_the_rehearsal_ends(tmp_path: Path) -> None:
    codes: list[int] = []
    waiting = Thread(target=lambda: codes.append(run(tmp_path, PARENT).code))
    waiting.start()
    wait_until((tmp_path / "child").exists, 10, "it does not begin")
    wait_until(lambda: (tmp_path / "child").read_text() != "", 10, "it does not begin")
    programs.end()
    waiting.join(10)
    assert codes and codes[0] != 0
    wait_until(lambda: is_gone(tmp_path), 10, "the child lives on")
