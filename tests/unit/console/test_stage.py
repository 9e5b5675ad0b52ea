"""What runs against the console is run for people to see, and ended."""

import time
from pathlib import Path

import psutil
import pytest

from local.home import Home
from tests.console.stage import perform, variables_of


def _ends(pid: int, within_s: float = 10) -> bool:
    """A signal takes a moment; a zombie only waits for whoever adopted it to take notice."""
    try:
        process = psutil.Process(pid)
        # Not by wait(): that would wait for the zombie's taking notice, too.
        until = time.monotonic() + within_s
        while process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
    except psutil.NoSuchProcess:
        pass
    return True


def test_the_programs_exit_code_counts() -> None:
    assert perform(["sh", "-c", "exit $CODE"], {"CODE": "7"}, 30) == 7


def test_what_it_says_is_seen(capfd: pytest.CaptureFixture[str]) -> None:
    assert perform(["sh", "-c", "echo 12 passed"], {}, 30) == 0
    assert capfd.readouterr().out == "12 passed\n"


def test_what_takes_too_long_is_ended_with_its_children(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    child = f"sleep 60 & echo $! > {tmp_path}/child; sleep 60"
    assert perform(["sh", "-c", child], {}, 1) == 1
    assert "sh was ended after 1 s" in capfd.readouterr().err
    assert _ends(int((tmp_path / "child").read_text(encoding="utf-8")))


def test_it_is_told_where_everything_is(tmp_path: Path) -> None:
    home = Home(tmp_path, 4566)
    stack = {"api_url": "http://api", "console_url": "http://console"}
    found = variables_of(home, stack, Path("/usr/bin/chromium"))
    assert found["CONSOLE_URL"] == "http://console"
    assert found["API_URL"] == "http://api"
    assert found["STACK_FILE"] == str(tmp_path / "stack.json")
    assert found["CHROMIUM"] == "/usr/bin/chromium"
