from typing import Any, get_args

import pytest

from skafu.shared.errors import Unprocessable
from skafu.shared.identity import Role
from skafu.shared.routes import Scope
from skafu.shared.validation import validate
from skafu.workspace.clients.model import MACHINE_SCOPES, Client, ClientDraft, Earlier
from skafu.workspace.clients.schemas import (
    ClientCreated,
    ClientIn,
    ClientOut,
    ClientRotateIn,
    ScopeName,
)
from skafu.workspace.clients.views import client_view

READ = ["skafu/metrics.read", "skafu/alerts.read"]
WRITE = ["skafu/metrics.write", "skafu/alerts.write"]
ADMIN = ["skafu/admin"]
CLIENT = Client(
    "id",
    "<img src=x>",
    Role.EDITOR,
    ("skafu/metrics.write",),
    created=1,
    client_id="app2",
    rotated_at=2,
    earlier=(Earlier("app1", 3),),
)


def wrong(**values: Any) -> dict[str, str]:
    """The fields of a client that are refused, and why."""
    given = {"name": "agent", "role": "editor", "scopes": WRITE, **values}
    try:
        validate(ClientIn, given)
    except Unprocessable as refusal:
        return {each.field: each.reason for each in refusal.errors}
    return {}


def test_a_shown_client_is_what_is_documented_and_tells_no_secret() -> None:
    for client in (CLIENT, Client("id", "bot", Role.VIEWER, ("skafu/metrics.read",), 1)):
        shown = client_view(client)
        ClientOut.model_validate(shown)
        ClientCreated.model_validate({**shown, "secret": "s", "token_url": "https://a.example"})
        assert "secret" not in shown


def test_machines_may_have_every_scope_but_that_of_people() -> None:
    assert set(get_args(ScopeName)) == {each.value for each in MACHINE_SCOPES}
    assert Scope.PERSON not in MACHINE_SCOPES


def test_a_client_is_read() -> None:
    given = {"name": "<b>agent</b>", "role": "viewer", "scopes": READ}

    assert validate(ClientIn, given).draft() == ClientDraft(
        "<b>agent</b>", Role.VIEWER, (Scope.METRICS_READ, Scope.ALERTS_READ)
    )


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("viewer", READ),
        ("viewer", READ[:1]),
        ("editor", WRITE),
        ("editor", READ),
        ("editor", READ + WRITE),
        ("admin", ADMIN),
        ("admin", ADMIN + READ + WRITE),
    ],
)
def test_roles_and_scopes_that_fit_are_taken(role: str, scopes: list[str]) -> None:
    assert not wrong(role=role, scopes=scopes)


@pytest.mark.parametrize(
    ("role", "scopes", "reason"),
    [
        ("viewer", READ + WRITE[:1], "it reads"),
        ("viewer", ADMIN, "it reads"),
        ("editor", WRITE + ADMIN, "for the role admin"),
        ("admin", READ + WRITE, "needs skafu/admin"),
    ],
)
def test_a_role_and_scopes_that_do_not_fit_are_told_at_the_scopes(
    role: str, scopes: list[str], reason: str
) -> None:
    told = wrong(role=role, scopes=scopes)

    assert list(told) == ["scopes"]
    assert f"the role {role}" in told["scopes"] and reason in told["scopes"]


def test_other_fields_are_refused_by_their_names() -> None:
    assert list(wrong(scopes=[])) == ["scopes"]
    assert list(wrong(scopes=WRITE + WRITE[:1])) == ["scopes"]
    assert list(wrong(scopes=["aws.cognito.signin.user.admin"])) == ["scopes.0"]
    assert list(wrong(role="owner")) == ["role"]
    assert list(wrong(name="a\u0007b")) == ["name"]
    assert list(wrong(secret="mine")) == ["secret"]


def test_an_overlap_is_a_day_if_nothing_is_said_and_a_week_at_most() -> None:
    assert validate(ClientRotateIn, {}).overlap == 86_400
    assert validate(ClientRotateIn, {"overlap": 0}).overlap == 0
    for overlap in (-1, 7 * 86_400 + 1, "3600", 1.5, True):
        with pytest.raises(Unprocessable):
            validate(ClientRotateIn, {"overlap": overlap})
