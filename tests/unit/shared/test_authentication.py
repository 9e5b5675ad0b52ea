from dataclasses import replace

import pytest

from skafu.shared.api import Authenticator
from skafu.shared.authentication import authenticator
from skafu.shared.errors import Unauthenticated
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.settings import ApiSettings
from tests.support.claims import MACHINE, POOL, machine_claims, person_claims
from tests.support.clocks import FakeClock
from tests.support.events import api_event
from tests.support.memory_table import InMemoryTable

SETTINGS = ApiSettings(table_name="t", environment="local", cors_origin="*")
SAM_LOCAL = replace(
    SETTINGS, aws_sam_local=True, user_pool_id=POOL, aws_endpoint_url="http://127.0.0.1:1"
)


def authenticate_with(settings: ApiSettings) -> Authenticator:
    clock = FakeClock()
    members = Members(InMemoryTable(), clock, random_id)
    members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)
    return authenticator(settings, members, clock)


@pytest.mark.parametrize("settings", [SETTINGS, SAM_LOCAL])
def test_claims_that_the_gateway_verified_are_taken(settings: ApiSettings) -> None:
    authenticate = authenticate_with(settings)

    assert authenticate(api_event("GET", "/", claims=machine_claims())).tenant == "acme"
    assert authenticate(api_event("GET", "/", claims=person_claims())).role is Role.ADMIN


@pytest.mark.parametrize(
    "authorizer", [None, {}, {"claims": None}, {"claims": {}}, {"claims": "x"}]
)
def test_without_verified_claims_nobody_is_known_whatever_the_headers_say(
    authorizer: object,
) -> None:
    event = api_event("GET", "/", headers={"Authorization": "Bearer a.b.c"})
    event["requestContext"]["authorizer"] = authorizer

    with pytest.raises(Unauthenticated):
        authenticate_with(SETTINGS)(event)


def test_under_sam_local_a_request_without_token_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        authenticate_with(SAM_LOCAL)(api_event("GET", "/"))


def test_under_sam_local_the_token_itself_is_looked_at() -> None:
    with pytest.raises(Unauthenticated, match="bearer token"):
        authenticate_with(SAM_LOCAL)(api_event("GET", "/", headers={"Authorization": "Bearer x"}))
