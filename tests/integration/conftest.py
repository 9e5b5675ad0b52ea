"""One deployed system for the run: on an embedded AWS of its own, in .test, on a free port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from local import login
from local.api import Api
from local.home import ROOT, Home
from tests.integration.nights import Played, played
from tests.integration.system import System


def run(command: str, home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m local <command>` for this home, as the Makefile calls it."""
    environment = os.environ | {"SKAFU_HOME": str(home.folder), "SKAFU_PORT": str(home.port)}
    return subprocess.run(
        [sys.executable, "-m", "local", command, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who has to wait for the night's end comes last, so that nobody waits behind them; and the
    restart after all others.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.path.name == "test_restart.py":
        return 2
    waits = "after_the_night" in getattr(item, "fixturenames", ())
    return int(waits or item.path.name == "test_night.py")


@pytest.fixture(scope="session")
def home() -> Home:
    """A folder that keeps what was built from run to run, and a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    return Home(ROOT / ".test", port)


@pytest.fixture(scope="session")
def system(home: Home) -> Iterator[System]:
    """The system, started from nothing but what was built."""
    assert run("reset", home).returncode == 0
    started = run("up", home, "--no-agent")
    assert started.returncode == 0, started.stdout + started.stderr
    yield System(home, login.read(home))
    assert run("down", home).returncode == 0


@pytest.fixture(scope="session")
def admin(system: System) -> Api:
    return system.person("admin")


@pytest.fixture(scope="session")
def viewer(system: System) -> Api:
    return system.person("viewer")


@pytest.fixture(scope="session")
def outsider(system: System) -> Api:
    return system.person("outsider")


@pytest.fixture(scope="session")
def machine(system: System) -> Api:
    return system.machine()


@pytest.fixture(scope="session", autouse=True)
def night(request: pytest.FixtureRequest) -> Iterator[Future[Played] | None]:
    """A night on call, where its test is among those that run. It is minutes of waiting: it begins
    before the first test and is played beside the others.
    """
    if not any(item.path.name == "test_night.py" for item in request.session.items):
        yield None
        return
    system: System = request.getfixturevalue("system")
    folder = request.getfixturevalue("tmp_path_factory").mktemp("night")
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(played, system.person("admin"), system.machine(), folder)


@pytest.fixture
def after_the_night(night: Future[Played] | None) -> None:
    """For tests that would disturb it. How it went is told by a test of its own."""
    wait([night] if night else [])
