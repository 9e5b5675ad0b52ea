"""Every change of an alert leaves an entry in the audit, or is not made."""

from collections.abc import Sequence
from typing import Any

import pytest

from skafu.shared import keys
from skafu.shared.audit import AuditReader, Change, Wanted
from skafu.shared.errors import Unavailable
from skafu.shared.table import Check, Delete, Write, key_of
from tests.support.alerting import TENANT
from tests.support.alerts_api import AlertsFunction
from tests.support.clocks import NOON, FakeClock

BODY: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 0.9,
}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def changes(function: AlertsFunction, subject: str | None = None) -> list[Change]:
    """Oldest first."""
    wanted = Wanted(kind="alert", subject=subject)
    return list(AuditReader(function.table).page(TENANT, wanted, 100, None).changes[::-1])


def create(function: AlertsFunction) -> str:
    answer = function.ask("editor", "POST", "/api/alerts", BODY)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_making_changing_and_removing_are_told_with_who_and_when(function: AlertsFunction) -> None:
    alert_id = create(function)
    path = f"/api/alerts/{alert_id}"
    function.clock.advance(1_000)
    function.ask("admin", "PUT", path, {**BODY, "threshold": 5}, version=1)
    function.clock.advance(1_000)
    function.ask("editor", "DELETE", path)

    made, changed, removed = changes(function, alert_id)

    assert (made.actor, made.action, made.at) == ("editor", "create", NOON)
    assert (changed.actor, changed.action, changed.at) == ("admin", "change", NOON + 1_000)
    assert (removed.actor, removed.action, removed.at) == ("editor", "delete", NOON + 2_000)
    assert made.before is None and made.after is not None
    assert changed.before == made.after
    assert changed.after == {
        **made.after,
        "threshold": 5,
        "version": 2,
        "edited_at": NOON + 1_000,
    }
    assert (removed.before, removed.after) == (changed.after, None)


def test_an_entry_shows_what_the_api_shows_without_instances(function: AlertsFunction) -> None:
    alert_id = create(function)
    shown = function.ask("viewer", "GET", f"/api/alerts/{alert_id}").body

    (made,) = changes(function)

    assert made.after == {name: value for name, value in shown.items() if "instances" not in name}


def test_saying_what_is_so_already_is_no_change(function: AlertsFunction) -> None:
    alert_id = create(function)
    function.ask("editor", "PUT", f"/api/alerts/{alert_id}", BODY, version=1)

    assert len(changes(function)) == 1


def test_what_is_refused_leaves_no_entry(function: AlertsFunction) -> None:
    alert_id = create(function)
    path = f"/api/alerts/{alert_id}"

    assert function.ask("editor", "PUT", path, {**BODY, "threshold": 5}, version=7).status == 412
    assert function.ask("editor", "PUT", path, {**BODY, "threshold": None}, version=1).status == 422
    assert function.ask("editor", "DELETE", path, version=7).status == 412
    assert function.ask("viewer", "DELETE", path).status == 403
    assert len(changes(function)) == 1


def test_a_change_without_its_entry_is_not_made(function: AlertsFunction) -> None:
    def refuse(writes: Sequence[Write | Check]) -> None:
        if any(key_of(each).pk == keys.audit(TENANT) for each in writes):
            raise Unavailable("the audit cannot be written")

    alert_id = create(function)
    function.table.before_write = refuse
    path = f"/api/alerts/{alert_id}"

    assert function.ask("editor", "PUT", path, {**BODY, "threshold": 5}, version=1).status == 503
    assert function.ask("editor", "DELETE", path).status == 503
    assert function.ask("editor", "POST", "/api/alerts", BODY).status == 503
    function.table.before_write = lambda writes: None
    assert function.ask("viewer", "GET", path).body["version"] == 1
    assert len(function.ask("viewer", "GET", "/api/alerts").body["alerts"]) == 1


def test_removing_tells_the_version_that_was_removed(function: AlertsFunction) -> None:
    """Somebody else changes it between the look and the removal."""
    alert_id = create(function)
    path = f"/api/alerts/{alert_id}"
    other = AlertsFunction(function.table, FakeClock(NOON + 1_000))
    function.clock.advance(2_000)

    def interrupt(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(each, Delete) for each in writes):
            function.table.before_write = lambda writes: None
            other.ask("admin", "PUT", path, {**BODY, "threshold": 5}, version=1)

    function.table.before_write = interrupt
    assert function.ask("editor", "DELETE", path).status == 204

    *_, removed = changes(function, alert_id)
    assert removed.before is not None
    assert (removed.before["version"], removed.before["threshold"]) == (2, 5)
