import tomllib
from http import HTTPStatus
from pathlib import Path

import pytest
from pydantic import BaseModel

import skafu
from skafu.shared.identity import NOBODY, Identity, Kind, Role, random_id
from skafu.shared.membership import Members, Profile
from skafu.shared.routes import Request, Scope
from skafu.workspace import schemas
from skafu.workspace.api import OWN_ROUTES, ROUTES, WorkspaceApi
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

TABLE = InMemoryTable()
MEMBERS = Members(TABLE, FakeClock(), random_id)
API = WorkspaceApi(skafu.__version__, "staging", TABLE, MEMBERS)
BY_ENDPOINT = {route.endpoint: route for route in ROUTES}


@pytest.mark.parametrize(
    ("identity", "kind", "role"),
    [
        (Identity("ann", Kind.PERSON, "acme", Role.ADMIN), "person", "admin"),
        (Identity("bot", Kind.MACHINE, "acme", Role.VIEWER), "machine", "viewer"),
    ],
)
def test_me_is_the_caller_as_membership_knows_them(
    identity: Identity, kind: str, role: str
) -> None:
    reply = API.me(Request(identity, id="r", now=0))

    assert reply.status is HTTPStatus.OK
    assert reply.body == {
        "id": identity.subject,
        "kind": kind,
        "tenant": "acme",
        "role": role,
        "email": None,
        "name": None,
    }
    schemas.Me.model_validate(reply.body)


def test_me_tells_what_is_known_of_the_caller() -> None:
    profile = Profile("cleo@example.com", "Cleo")
    cleo = MEMBERS.add_member("cleo", Kind.PERSON, "acme", Role.VIEWER, profile)

    body = API.me(Request(cleo, id="r", now=0)).body

    assert schemas.Me.model_validate(body).email == "cleo@example.com"
    assert schemas.Me.model_validate(body).name == "Cleo"


def test_health_tells_the_release_and_the_environment() -> None:
    reply = API.health(Request(NOBODY, id="r", now=0))

    assert reply.body == {"status": "ok", "version": skafu.__version__, "environment": "staging"}
    schemas.Health.model_validate(reply.body)


def test_every_member_may_ask_who_they_are_whatever_their_token_is_for() -> None:
    assert BY_ENDPOINT["me"].role is Role.VIEWER
    assert set(BY_ENDPOINT["me"].scopes) == set(Scope)


def test_health_is_for_everybody() -> None:
    assert BY_ENDPOINT["health"].role is None
    assert not BY_ENDPOINT["health"].scopes


def test_every_route_names_a_method_and_the_model_of_its_answer() -> None:
    for route in OWN_ROUTES:
        assert callable(getattr(API, route.endpoint))
        assert route.response is not None
        assert issubclass(getattr(schemas, route.response), BaseModel)


def test_the_version_is_the_packages() -> None:
    text = Path(__file__).parents[3].joinpath("pyproject.toml").read_text(encoding="utf-8")
    declared = tomllib.loads(text)["project"]["version"]

    assert skafu.__version__ == declared
