"""The running system, as `make up` left it. `make e2e` starts these tests, `make test` does not."""

import pytest

from local import login
from local.api import Api
from local.home import Home
from tests.integration.system import System


@pytest.fixture(scope="session")
def running() -> System:
    """The system that SKAFU_HOME and SKAFU_PORT tell of."""
    home = Home.from_environment()
    return System(home, login.read(home))


@pytest.fixture(scope="session")
def admin(running: System) -> Api:
    """The API as the admin whom `make up` printed, signed in with SRP."""
    return running.person("admin")


@pytest.fixture(scope="session")
def machine(running: System) -> Api:
    """The API as the demo agent's machine client."""
    return running.machine()
