from typing import Any

import pytest

from skafu.shared.errors import Unprocessable
from skafu.shared.identity import Role
from skafu.shared.membership import Status
from skafu.shared.validation import validate
from skafu.workspace.members.model import Invitation, Member
from skafu.workspace.members.schemas import MemberChange, MemberIn, MemberOut
from skafu.workspace.members.views import member_view


def wrong(**values: Any) -> list[str]:
    """The fields of an invitation that are refused."""
    given = {"email": "cleo@example.com", "role": "viewer", **values}
    try:
        validate(MemberIn, {name: value for name, value in given.items() if value is not None})
    except Unprocessable as refusal:
        return [each.field for each in refusal.errors]
    return []


@pytest.mark.parametrize("status", [Status.INVITED, Status.ACTIVE, Status.DISABLED])
def test_a_shown_member_is_what_is_documented(status: Status) -> None:
    for email, name in (("a@example.com", "<script>alert(1)</script>"), (None, None)):
        member = Member("sub", email, name, Role.EDITOR, status, 7, 3)
        MemberOut.model_validate(member_view(member))


def test_an_invitation_is_read() -> None:
    read = validate(
        MemberIn, {"email": "Cleo.O'Hara+x@Example.COM", "name": "<b>&amp; \u202d", "role": "admin"}
    )

    assert read.invitation() == Invitation(
        "cleo.o'hara+x@example.com", "<b>&amp; \u202d", Role.ADMIN
    )


def test_who_is_called_nothing_is_called_by_their_address() -> None:
    assert validate(MemberIn, {"email": "cleo@a.example", "role": "viewer"}).invitation().name == (
        "cleo"
    )


@pytest.mark.parametrize(
    "email",
    [
        "",
        "cleo",
        "cleo@",
        "@example.com",
        "cleo@localhost",
        "cleo@example..com",
        "cleo@exa mple.com",
        "cleo@example.com\n",
        "cleo@example.com, dan@example.com",
        "<cleo@example.com>",
        "cl\u00e9o@example.com",
        "a" * 120 + "@example.com",
        7,
    ],
)
def test_what_is_no_address_is_refused(email: object) -> None:
    assert wrong(email=email) == ["email"]


def test_other_fields_are_refused_by_their_names() -> None:
    assert wrong(role="owner") == ["role"]
    assert wrong(name="") == ["name"]
    assert wrong(name=" ") == ["name"]
    assert wrong(name="two\nlines") == ["name"]
    assert wrong(name="x" * 129) == ["name"]
    assert wrong(tenant="another") == ["tenant"]
    assert wrong(email=None) == ["email"]
    assert wrong(name="x" * 128) == []


def test_a_change_names_role_and_status() -> None:
    read = validate(MemberChange, {"role": "viewer", "status": "disabled"})
    assert read.wanted() == (Role.VIEWER, Status.DISABLED)
    for given in (
        {"role": "viewer"},
        {"role": "viewer", "status": "removed"},
        {"role": "viewer", "status": "invited"},
        {"role": "viewer", "status": "active", "email": "x@example.com"},
    ):
        with pytest.raises(Unprocessable):
            validate(MemberChange, given)


def test_an_invitation_has_one_id_for_an_address() -> None:
    first = Invitation("cleo@example.com", "Cleo", Role.VIEWER)

    assert first.id == Invitation("cleo@example.com", "Other", Role.ADMIN).id
    assert first.id != Invitation("dan@example.com", "Cleo", Role.VIEWER).id
    assert "cleo" not in first.id
