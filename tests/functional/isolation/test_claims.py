"""Who somebody is: claims and headers that say more than the membership, tokens of the wrong kind,
of members who are gone, and of machines of another tenant.

The gateway verifies tokens. What is sent here is what an attacker could still vary: what is in the
claims of a token that is theirs, and everything around it.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from skafu.canary import reserved
from skafu.shared import keys
from skafu.shared.identity import Kind, Role
from skafu.shared.membership import CACHE_MS
from skafu.shared.table import Update
from tests.support.claims import machine_claims, person_claims
from tests.support.events import api_event
from tests.support.neighbours import ANN, BOB, SECRET, Answer, Neighbours

EVERY_SCOPE = (
    "aws.cognito.signin.user.admin skafu/admin skafu/alerts.read skafu/alerts.write "
    "skafu/metrics.read skafu/metrics.write"
)


def me(town: Neighbours, **how: Any) -> Answer:
    return town.ask("GET", "/api/me", **how)


CLAIMS: Mapping[str, str] = {
    "custom:tenant": "{tenant}",
    "custom:tenant_id": "{tenant}",
    "tenant": "{tenant}",
    "tenant_id": "{tenant}",
    "cognito:groups": "{tenant}",
    "cognito:username": "{ann}",
    "username": "{ann}",
    "email": "zanzibar@example.com",
    "role": "admin",
    "custom:role": "admin",
    "aud": "{ann}",
    "identities": '[{{"userId": "{ann}"}}]',
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_claim_but_the_subject_says_whose_tenant_it_is(town: Neighbours, claim: str) -> None:
    forged = CLAIMS[claim].format(tenant=town.ann.tenant, ann=ANN)
    for path in ("/api/me", "/api/alerts", "/api/metrics"):
        plain = town.ask("GET", path)
        assert town.ask("GET", path, claims={**person_claims(BOB), claim: forged}) == plain
        assert plain.status == 200


HEADERS = (
    "X-Tenant",
    "X-Tenant-Id",
    "X-Skafu-Tenant",
    "Tenant",
    "X-User",
    "X-Amzn-Oidc-Identity",
    "X-Amzn-Oidc-Data",
    "X-Forwarded-User",
    "X-Original-Url",
    "X-Rewrite-Url",
    "X-Http-Method-Override",
    "Authorization",
    "Cookie",
    "Origin",
    "Host",
)


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_says_whose_tenant_it_is(town: Neighbours, header: str) -> None:
    for value in (town.ann.tenant, ANN, f"/api/alerts/{town.ann.ids['alert']}"):
        for path in ("/api/me", "/api/alerts"):
            assert town.ask("GET", path, headers={header: value}) == town.ask("GET", path)


@pytest.mark.parametrize("name", ["tenant", "tenant_id", "Tenant", "sub", "owner", "as"])
def test_no_parameter_and_no_field_says_whose_tenant_it_is(town: Neighbours, name: str) -> None:
    theirs = town.ann.tenant
    for path in ("/api/me", "/api/alerts", "/api/metrics", "/api/audit", "/api/members"):
        answer = town.ask("GET", path, query={name: theirs})
        assert answer.status == 400, "unknown parameters are refused by their names"
        assert SECRET not in answer.text
    for path, body in (
        ("/api/alerts", {"name": "mine", "metric": "m", name: theirs}),
        ("/api/metrics/query", {"queries": [], name: theirs}),
        ("/api/dashboards", {"name": "mine", name: theirs}),
        ("/api/silences", {"comment": "mine", name: theirs}),
        ("/api/clients", {"name": "mine", name: theirs}),
    ):
        answer = town.ask("POST", path, body)
        assert (answer.status, name in [x["field"] for x in answer.body["errors"]]) == (422, True)


def test_what_else_an_event_can_hold_does_not_say_whose_tenant_it_is(town: Neighbours) -> None:
    """As if the gateway let through what is not of its own making."""
    plain = api_event("GET", "/api/alerts", claims=person_claims(BOB))
    expected = town.send(plain)
    theirs = {"tenant": town.ann.tenant, "sub": ANN, "claims": person_claims(ANN)}
    for place in ("stageVariables", "pathParameters", "authorizer", "claims", "identity"):
        assert town.send({**plain, place: theirs}) == expected
    context = plain["requestContext"]
    for place in ("claims", "identity", "principalId", "jwt", "accountId"):
        assert town.send({**plain, "requestContext": {**context, place: theirs}}) == expected
    lambda_authorizer = {
        **context["authorizer"],
        **{k: v for k, v in theirs.items() if k != "claims"},
    }
    assert town.send({**plain, "requestContext": {**context, "authorizer": lambda_authorizer}}) == (
        expected
    )


NOBODY: Mapping[str, Any] = {
    "none": None,
    "empty": {},
    "text": "sub",
    "a list": ["sub"],
    "without client": {"sub": ANN},
    "without subject": {"client_id": "x"},
    "an empty subject": {"sub": "", "client_id": ""},
    "a list as subject": {"sub": [ANN], "client_id": "x"},
    "an id token": {"sub": ANN, "aud": "3consoleclientid0000000000", "token_use": "id"},
}


@pytest.mark.parametrize("kind", NOBODY)
def test_without_an_access_token_s_claims_nobody_gets_in(town: Neighbours, kind: str) -> None:
    """An ID token has no client_id: even if a route let it in it would be nobody's."""
    for path in ("/api/me", "/api/alerts", "/api/metrics", f"/api/alerts/{town.ann.ids['alert']}"):
        event = api_event("GET", path)
        event["requestContext"]["authorizer"] = {"claims": NOBODY[kind]}
        answer = town.send(event)
        assert answer.status == 401
        assert SECRET not in answer.text


def test_a_removed_member_is_refused_and_gets_no_tenant_of_their_own(town: Neighbours) -> None:
    subject = town.bob.ids["invited"]
    assert town.ask("DELETE", f"/api/members/{subject}").status == 204
    town.as_new()
    tenants = _tenants(town)
    for path in ("/api/me", "/api/alerts", "/api/metrics"):
        assert town.ask("GET", path, who=subject).status == 403
    assert _tenants(town) == tenants


def test_a_disabled_member_is_refused_after_a_minute_at_most(town: Neighbours) -> None:
    subject = town.bob.ids["invited"]
    assert town.ask("GET", "/api/alerts", who=subject).status == 200
    off = {"role": "editor", "status": "disabled"}
    assert town.ask("PUT", f"/api/members/{subject}", off, version=1).status == 200
    town.clock.advance(CACHE_MS)
    assert town.ask("GET", "/api/alerts", who=subject).status == 403


def test_somebody_who_has_changed_teams_sees_nothing_of_the_former_one(town: Neighbours) -> None:
    """Their membership is one item, whatever the index, which is a little behind, still says."""
    subject = "44444444-dddd-4000-8000-000000000004"
    town.members.add_member(subject, Kind.PERSON, town.bob.tenant, Role.ADMIN)
    assert town.ask("GET", "/api/me", who=subject).body["tenant"] == town.bob.tenant
    moved = {"tenant": "cccccccccccccccccccc"}
    town.table.write(Update(keys.membership(subject), set=moved))
    town.clock.advance(CACHE_MS)
    for path in ("/api/alerts", "/api/metrics", "/api/audit", "/api/members", "/api/dashboards"):
        answer = town.ask("GET", path, who=subject)
        assert answer.status == 200
        assert "vermont" not in answer.text and SECRET not in answer.text
    named = town.ask("GET", "/api/members").body["members"]
    assert subject not in [each["id"] for each in named]


def test_a_machine_with_every_scope_acts_in_its_own_tenant_alone(town: Neighbours) -> None:
    claims = machine_claims(town.bob.ids["credentials"], EVERY_SCOPE)
    assert town.ask("GET", "/api/me", claims=claims).body["tenant"] == town.bob.tenant
    for kind, path in (
        ("alert", "/api/alerts/{}"),
        ("channel", "/api/channels/{}"),
        ("dashboard", "/api/dashboards/{}"),
        ("silence", "/api/silences/{}"),
        ("drill", "/api/drills/{}"),
    ):
        answer = town.ask("GET", path.format(town.ann.ids[kind]), claims=claims)
        assert answer.status == 404
        assert SECRET not in answer.text
    # Scopes let it through the gateway; what it may do there its role says.
    assert town.ask("GET", "/api/audit", claims=claims).status == 403


def test_a_machine_that_belongs_to_nobody_gets_no_tenant(town: Neighbours) -> None:
    tenants = _tenants(town)
    claims = machine_claims("5unknownclient000000000000", EVERY_SCOPE)
    for path in ("/api/me", "/api/alerts", "/api/metrics"):
        assert town.ask("GET", path, claims=claims).status == 403
    assert _tenants(town) == tenants


def test_a_person_who_signs_in_through_a_machine_client_is_not_that_machine(
    town: Neighbours,
) -> None:
    """`client_id` says through what a token came; whom it speaks of says `sub`."""
    theirs = town.ann.ids["credentials"]
    claims = {**person_claims(BOB), "client_id": theirs}
    assert me(town, claims=claims).body["tenant"] == town.bob.tenant


@pytest.mark.parametrize(
    "subject",
    [f"{ANN}#membership", f"member#{ANN}", ANN.upper(), f" {ANN}", f"{ANN}\0", f"{ANN}\n"],
)
def test_a_subject_that_only_looks_like_another_one_is_somebody_else(
    town: Neighbours, subject: str
) -> None:
    answer = town.ask("GET", "/api/alerts", who=subject)
    assert answer.status in (200, 500)  # 500: no key can be made of it; Cognito makes no such ids
    assert SECRET not in answer.text
    if answer.status == 200:
        assert me(town, who=subject).body["tenant"] not in (town.ann.tenant, town.bob.tenant)


def test_the_tenant_of_skafu_itself_is_nobody_s_to_enter(town: Neighbours) -> None:
    """Its name is known. Nobody's tenant has a name of people's choice, and nothing that is sent
    names a tenant.
    """
    reserved.found(town.table, town.clock.now)
    town.as_new()
    before = {key: dict(x) for key, x in town.table.items.items() if key.pk.startswith("canary#")}
    assert before
    for how in (
        {"headers": {"X-Tenant": reserved.TENANT}},
        {"claims": {**person_claims(BOB), "custom:tenant": reserved.TENANT}},
        {"claims": {**person_claims(BOB), "username": reserved.SUBJECT}},
        {"claims": {**person_claims(BOB), "client_id": reserved.SUBJECT}},
    ):
        assert me(town, **how).body["tenant"] == town.bob.tenant
    for method, path in (
        ("GET", f"/api/silences/{reserved.SILENCE}"),
        ("DELETE", f"/api/silences/{reserved.SILENCE}"),
        ("DELETE", f"/api/members/{reserved.SUBJECT}"),
    ):
        assert town.ask(method, path).status == 404
    # Somebody new gets a tenant whose id is chance.
    assert me(town, who="66666666-eeee-4000-8000-000000000006").body["tenant"] != reserved.TENANT
    after = {key: dict(x) for key, x in town.table.items.items() if key.pk.startswith("canary#")}
    assert after == before


def _tenants(town: Neighbours) -> set[str]:
    return {key.sk for key in town.table.items if key.pk == keys.TENANTS}
