"""One deployed system for the run: on an embedded AWS of its own, in .test, on a free port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from local import login
from local.api import Api
from local.home import ROOT, Home
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
