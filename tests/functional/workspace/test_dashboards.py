"""/api/dashboards, through the whole function."""

from typing import Any

import pytest

from skafu.shared import keys
from skafu.shared.audit import AuditReader, Wanted
from skafu.shared.table import Put
from skafu.workspace.dashboards import schemas
from tests.support.clocks import NOON
from tests.support.dashboards import Function, dashboard, panel, query
from tests.support.memory_table import InMemoryTable

BY_HOST = query(filters=[{"tag": "host", "op": "=", "value": "$host"}])


@pytest.fixture
def function() -> Function:
    return Function()


def test_a_dashboard_is_kept_as_it_was_sent(function: Function) -> None:
    sent = dashboard(
        description="What every host does\nall day",
        variables=[{"name": "host", "tag": "host", "metric": "cpu.load", "default": ["web-1"]}],
        panels=[
            panel(
                queries=[
                    query(filters=[{"tag": "host", "op": "in", "value": "$host"}], hidden=True),
                    {"id": "b", "expression": "a * 100"},
                ],
                unit="Percent",
                thresholds=[{"value": 90.0, "severity": "critical"}],
            ),
            panel("note", type="text", y=4, queries=[], text="<b>bold</b>\nhttps://example.com"),
            panel("fires", type="alerts", y=8, queries=[], alerts={"severity": "high"}),
        ],
    )

    made = function.ask("POST", body=sent)

    assert made.status == 201
    assert made.headers["etag"] == '"1"'
    found = function.ask("GET", made.headers["location"], who="viewer")
    assert (found.status, found.headers["etag"]) == (200, '"1"')
    assert found.body == made.body
    schemas.DashboardOut.model_validate(found.body)
    assert {name: found.body[name] for name in sent} == sent
    assert (found.body["version"], found.body["updated_by"]) == (1, "editor")
    assert found.body["created_at"] == found.body["updated_at"] == NOON


def test_viewers_read_and_editors_write(function: Function) -> None:
    path = function.made()

    assert function.ask("POST", body=dashboard(), who="viewer").status == 403
    assert function.ask("PUT", path, dashboard(), who="viewer", match=1).status == 403
    assert function.ask("DELETE", path, who="viewer").status == 403
    assert function.ask("POST", f"{path}/restore", {"version": 1}, who="viewer").status == 403
    assert function.ask("GET", path, who="viewer").status == 200
    assert function.ask("GET", f"{path}/versions", who="viewer").status == 200


def test_other_tenants_see_nothing(function: Function) -> None:
    path = function.made()

    assert function.ask("GET", path, who="stranger").status == 404
    assert function.ask("PUT", path, dashboard(), who="stranger", match=1).status == 404
    assert function.ask("DELETE", path, who="stranger").status == 404
    assert function.ask("GET", f"{path}/versions", who="stranger").status == 404
    assert function.ask("GET", path, who="stranger", version="1").status == 404
    assert function.ask("GET", who="stranger").body["dashboards"] == []


def test_a_change_needs_the_version_that_is_meant(function: Function) -> None:
    path = function.made()

    assert function.ask("PUT", path, dashboard("New")).status == 428
    changed = function.ask("PUT", path, dashboard("New"), match=1)
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert function.ask("GET", path).body["name"] == "New"


def test_who_comes_too_late_is_shown_what_is_there_now(function: Function) -> None:
    path = function.made()
    function.ask("PUT", path, dashboard("Hers"), match=1)

    answer = function.ask("PUT", path, dashboard("Mine"), match=1, who="admin")

    assert answer.status == 412
    assert "version 2" in answer.body["detail"]
    current = answer.body["current"]
    schemas.DashboardOut.model_validate(current)
    assert (current["name"], current["updated_by"], current["version"]) == ("Hers", "editor", 2)
    assert function.ask("DELETE", path, match=1).body["current"] == current
    assert function.ask("GET", path).body["name"] == "Hers"


def test_saying_what_is_so_already_makes_no_version(function: Function) -> None:
    path = function.made()

    again = function.ask("PUT", path, dashboard(), match=1)

    assert (again.status, again.body["version"]) == (200, 1)
    assert len(function.ask("GET", f"{path}/versions").body["versions"]) == 1


def test_dashboards_are_listed_by_name_page_by_page(function: Function) -> None:
    for name in ("beta", "Alpha", "gamma", "alpine"):
        function.made(name)

    first = function.ask("GET", limit="3")
    schemas.DashboardList.model_validate(first.body)
    second = function.ask("GET", limit="3", cursor=first.body["cursor"])

    names = [[each["name"] for each in page.body["dashboards"]] for page in (first, second)]
    assert names == [["Alpha", "alpine", "beta"], ["gamma"]]
    assert second.body["cursor"] is None
    assert first.body["dashboards"][0]["panels"] == 1
    assert first.body["limit"] == 500


def test_a_prefix_is_of_names_in_any_case(function: Function) -> None:
    for name in ("beta", "Alpha", "alpine"):
        function.made(name)

    found = function.ask("GET", prefix="AL").body["dashboards"]

    assert [each["name"] for each in found] == ["Alpha", "alpine"]


def test_two_dashboards_may_have_one_name(function: Function) -> None:
    assert function.made("Same") != function.made("Same")

    assert len(function.ask("GET", limit="1").body["dashboards"]) == 1
    assert len(function.ask("GET").body["dashboards"]) == 2


def test_those_that_show_a_metric_are_found(function: Function) -> None:
    path = function.made("CPU")
    function.made("Disk", panels=[panel(queries=[query(metric="disk.used")])])

    def names(metric: str) -> list[str]:
        found = function.ask("GET", metric=metric).body["dashboards"]
        return [each["name"] for each in found]

    assert names("cpu.load") == ["CPU"]
    function.ask("PUT", path, dashboard("CPU", panels=[]), match=1)
    assert names("cpu.load") == []
    assert names("disk.used") == ["Disk"]


def test_what_was_deleted_is_in_no_list_and_can_be_restored(function: Function) -> None:
    path = function.made()
    function.ask("PUT", path, dashboard("Second"), match=1)

    assert function.ask("DELETE", path).status == 204
    assert function.ask("GET", path).status == 404
    assert function.ask("GET").body["dashboards"] == []
    assert function.ask("GET", metric="cpu.load").body["dashboards"] == []
    versions = function.ask("GET", f"{path}/versions")
    schemas.DashboardVersionList.model_validate(versions.body)
    assert versions.body["deleted"]
    assert versions.body["gone_at"] == NOON // 1000 * 1000 + 90 * 86_400_000
    assert function.ask("GET", path, version="1").body["name"] == "Hosts"

    restored = function.ask("POST", f"{path}/restore", {"version": 1}, match=2)

    assert (restored.status, restored.body["version"]) == (200, 3)
    assert function.ask("GET", path).body == restored.body
    assert restored.body["name"] == "Hosts"
    assert function.ask("GET", metric="cpu.load").body["dashboards"]
    after = function.ask("GET", f"{path}/versions").body
    assert [each["action"] for each in after["versions"]] == ["restore", "change", "create"]
    assert (after["deleted"], after["gone_at"]) == (False, None)


def test_after_ninety_days_a_deleted_dashboard_is_gone(function: Function) -> None:
    path = function.made()
    function.ask("DELETE", path)
    function.clock.advance(90 * 86_400_000)

    assert function.ask("GET", f"{path}/versions").status == 404
    assert function.ask("GET", path, version="1").status == 404
    assert function.ask("POST", f"{path}/restore", {"version": 1}, match=1).status == 404


def test_a_restored_dashboard_keeps_its_versions_for_good(function: Function) -> None:
    path = function.made()
    function.ask("DELETE", path)
    function.ask("POST", f"{path}/restore", {"version": 1}, match=1)
    function.clock.advance(100 * 86_400_000)

    assert len(function.ask("GET", f"{path}/versions").body["versions"]) == 2
    assert function.ask("GET", path, version="1").status == 200


def test_restoring_needs_the_newest_version_and_one_that_is_kept(function: Function) -> None:
    path = function.made()
    function.ask("PUT", path, dashboard("Second"), match=1)

    assert function.ask("POST", f"{path}/restore", {"version": 1}).status == 428
    late = function.ask("POST", f"{path}/restore", {"version": 1}, match=1)
    assert (late.status, late.body["current"]["name"]) == (412, "Second")
    none = function.ask("POST", f"{path}/restore", {"version": 7}, match=2)
    assert (none.status, none.fields) == (422, {"version": "is not kept; there are 1 to 2"})
    assert function.ask("POST", f"{path}/restore", {"version": 1}, match=2).body["version"] == 3


def test_versions_tell_who_changed_what(function: Function) -> None:
    path = function.made()
    changed = dashboard(panels=[panel(title="New", queries=[query("b")]), panel("more", y=4)])
    function.ask("PUT", path, changed, match=1, who="admin")

    newest, first = function.ask("GET", f"{path}/versions").body["versions"]

    assert (first["version"], first["by"], first["action"]) == (1, "editor", "create")
    assert first["changes"] == []
    assert (newest["version"], newest["by"], newest["action"]) == (2, "admin", "change")
    assert [each["field"] for each in newest["changes"]] == [
        "panels.cpu.content",
        "panels.cpu.title",
        "panels.more",
    ]


def test_the_last_fifty_versions_are_kept(function: Function) -> None:
    path = function.made("0")
    for number in range(1, 53):
        assert function.ask("PUT", path, dashboard(str(number)), match=number).status == 200

    kept = function.ask("GET", f"{path}/versions").body["versions"]

    assert [each["version"] for each in kept] == list(range(53, 3, -1))
    assert function.ask("GET", path, version="3").status == 404
    assert function.ask("GET", path, version="4").body["name"] == "3"
    assert function.ask("POST", f"{path}/restore", {"version": 3}, match=53).status == 422


def test_changes_are_in_the_audit(function: Function) -> None:
    path = function.made()
    function.ask("PUT", path, dashboard("Second"), match=1)
    function.ask("DELETE", path)
    function.ask("POST", f"{path}/restore", {"version": 1}, match=2)

    entries = function.ask("GET", "/api/audit", who="admin", kind="dashboard").body["entries"]

    told = {each["action"]: (each["before"], each["after"]) for each in entries}
    assert set(told) == {"create", "change", "delete", "restore"}
    assert told["create"][0] is None and told["delete"][1] is None
    assert told["change"][0]["name"] == "Hosts" and told["change"][1]["name"] == "Second"
    assert {each["subject"] for each in entries} == {path.rpartition("/")[2]}


def test_a_refused_change_leaves_no_trace(function: Function) -> None:
    path = function.made()

    function.ask("PUT", path, dashboard("Second"), match=9)

    found = AuditReader(function.table).page("acme", Wanted(kind="dashboard"), 10, None)
    assert [each.action for each in found.changes] == ["create"]


def test_looking_at_a_dashboard_is_looking_at_its_metrics(function: Function) -> None:
    table = function.table
    assert isinstance(table, InMemoryTable)
    record = keys.metric_record("acme", "cpu.load")
    table.write(Put({**record._asdict(), "k": "metric"}))
    path = function.made()

    function.ask("GET", path)

    day = NOON // keys.DAY_MS * keys.DAY_MS
    item = table.get(record)
    assert item is not None and item["shown"] == day


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\u0085b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"colour": "red"}, "colour"),
        ({"range": {"last": 59}}, "range.last"),
        ({"panels": [panel(str(i), y=i) for i in range(61)]}, "panels"),
        ({"panels": [panel(x=12)]}, "panels.0.x"),
        ({"panels": [panel(x=7)]}, "panels.0.w"),
        ({"panels": [panel(w=1.5)]}, "panels.0.w"),
        ({"panels": [panel(type="pie")]}, "panels.0.type"),
        ({"panels": [panel(), panel()]}, "panels.1.id"),
        ({"panels": [panel(queries=[])]}, "panels.0.queries"),
        ({"panels": [panel(queries=[query(hidden=True)])]}, "panels.0.queries"),
        ({"panels": [panel(queries=[query(), query()])]}, "panels.0.queries.1.id"),
        ({"panels": [panel(queries=[query(f"q{i}") for i in range(11)])]}, "panels.0.queries"),
        ({"panels": [panel(queries=[query(metric="1st")])]}, "panels.0.queries.0.metric"),
        ({"panels": [panel(queries=[query(statistic="mode")])]}, "panels.0.queries.0.statistic"),
        (
            {"panels": [panel(queries=[{"id": "b", "expression": "a +"}])]},
            "panels.0.queries.0.expression",
        ),
        (
            {"panels": [panel(queries=[{"id": "b", "expression": "a + 1"}])]},
            "panels.0.queries.0.expression",
        ),
        ({"panels": [panel(queries=[BY_HOST])]}, "panels.0.queries.0.filters.0.value"),
        ({"panels": [panel(unit="Parsec")]}, "panels.0.unit"),
        ({"panels": [panel(thresholds=[{"value": 1}])]}, "panels.0.thresholds.0.severity"),
        ({"panels": [panel(type="text")]}, "panels.0.queries"),
        ({"panels": [panel(type="text", queries=[])]}, "panels.0.text"),
        ({"panels": [panel(text="note")]}, "panels.0.text"),
        ({"panels": [panel(type="text", queries=[], text="\u0007")]}, "panels.0.text"),
        ({"panels": [panel(alerts={})]}, "panels.0.alerts"),
        ({"variables": [{"name": "1", "tag": "host"}]}, "variables.0.name"),
        ({"variables": [{"name": "a", "tag": "x"}, {"name": "a", "tag": "y"}]}, "variables.1.name"),
    ],
)
def test_what_is_wrong_is_named(function: Function, wrong: dict[str, Any], field: str) -> None:
    answer = function.ask("POST", body=dashboard() | wrong)

    assert answer.status == 422, answer.body
    assert field in answer.fields


def test_a_variable_must_be_declared(function: Function) -> None:
    def made(op: str, value: object) -> int:
        filters = [{"tag": "host", "op": op, "value": value}]
        variables = [{"name": "host", "tag": "host"}]
        body = dashboard(panels=[panel(queries=[query(filters=filters)])], variables=variables)
        return function.ask("POST", body=body).status

    assert made("=", "$host") == made("!=", "$host") == made("in", "$host") == 201
    assert made("in", ["$host", "other"]) == 201
    assert made("prefix", "$host") == 201
    assert made("in", "host") == made("=", "$hosts") == made("in", ["$hosts"]) == 422
    assert made("prefix", "$5") == made("=", "$5") == made("exists", True) == 201


def test_a_dashboard_has_at_most_300_kb(function: Function) -> None:
    notes = [panel(str(i), type="text", y=i, queries=[], text="x" * 9_000) for i in range(40)]

    answer = function.ask("POST", body=dashboard(panels=notes))

    assert answer.status == 413
    assert "307,200" in answer.body["detail"]


def test_the_longest_names_fit_into_the_audit_twice(function: Function) -> None:
    """An item of the table has at most 400 KB, before and after together."""

    def largest(letter: str) -> dict[str, Any]:
        panels = [
            panel(f"{number:064d}", title=letter * 200, y=number, queries=[query(metric="m" * 255)])
            for number in range(60)
        ]
        variables = [
            {"name": f"v{number}", "tag": letter * 128, "metric": "m" * 255, "default": [letter]}
            for number in range(10)
        ]
        return dashboard(letter * 200, panels, description=letter * 2_000, variables=variables)

    path = function.ask("POST", body=largest("\U00010348")).headers["location"]

    assert function.ask("PUT", path, largest("\U0001f600"), match=1).status == 200
    assert len(function.ask("GET", f"{path}/versions").body["versions"][0]["changes"]) > 60


def test_a_limit_of_dashboards_is_told(function: Function) -> None:
    for number in range(500):
        function.made(str(number))

    answer = function.ask("POST", body=dashboard())

    assert answer.status == 409
    assert "at most 500 dashboards" in answer.body["detail"]
    assert len(function.ask("GET", limit="1000").body["dashboards"]) == 500


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e3", "٣"])
def test_a_version_that_is_no_number_is_refused(function: Function, text: str) -> None:
    assert function.ask("GET", function.made(), match=None, version=text).status == 400
