import pytest

from skafu.shared import keys
from skafu.shared.identity import NOBODY, Role, random_id
from skafu.shared.routes import Route, Scope


def test_each_role_includes_the_ones_below_it() -> None:
    assert Role.VIEWER < Role.EDITOR < Role.ADMIN
    assert [role.label for role in Role] == ["viewer", "editor", "admin"]


def test_random_ids_differ_and_are_safe_in_keys() -> None:
    found = {random_id() for _ in range(1000)}

    assert len(found) == 1000
    assert all(each.isalnum() and len(each) == 20 for each in found)


def test_nobody_can_reach_no_tenants_partition() -> None:
    with pytest.raises(ValueError):
        keys.alerts(NOBODY.tenant)


def test_a_route_has_a_role_and_scopes_or_is_public() -> None:
    with pytest.raises(ValueError):
        Route("GET", "/api/x", "x", "x", role=None, scopes=(Scope.PERSON,))
    with pytest.raises(ValueError):
        Route("GET", "/api/x", "x", "x", role=Role.VIEWER, scopes=())
