"""The running system, as `make up` left it. `make e2e` starts these tests, `make test` does not."""

from collections.abc import Callable
from typing import Any

import pytest
from pycognito import Cognito

from local import login
from local.api import Api
from local.home import Home


@pytest.fixture(scope="session")
def running() -> dict[str, Any]:
    """The content of stack.json."""
    return login.read(Home.from_environment())


@pytest.fixture(scope="session")
def admin(running: dict[str, Any]) -> Api:
    """The API as the admin whom `make up` printed, signed in with SRP."""
    return Api(running["api_url"], _signed_in(running))


@pytest.fixture(scope="session")
def machine() -> Api:
    """The API as the demo agent's machine client."""
    return login.machine_api(Home.from_environment())


def _signed_in(running: dict[str, Any]) -> Callable[[], str]:
    user = Cognito(
        running["user_pool_id"],
        running["user_pool_client_id"],
        username=running["username"],
        user_pool_region=running["region"],
        boto3_client_kwargs={"endpoint_url": running["endpoint_url"]},
    )
    user.authenticate(password=running["password"])
    return lambda: str(user.access_token)
