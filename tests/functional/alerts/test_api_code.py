"""Alerts as code over HTTP: export, plan, import."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from skafu.alerts.code.schemas import ImportOut
from skafu.alerts.code.service import BUDGET_MS
from skafu.shared import keys
from skafu.shared.audit import AuditReader, Wanted
from skafu.shared.table import Check, Put, Write
from tests.support.alerting import TENANT
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.claims import person_claims
from tests.support.events import answer_headers, api_event, lambda_context

BODY: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 0.9,
}
FILE = """\
alerts:
- name: CPU is busy
  metric: cpu.load
  statistic: avg
  period: 60
  comparison: '>'
  threshold: 0.9
- name: Disk is full
  metric: disk.used
  statistic: max
  period: 300
  filters:
  - tag: mount
    op: '='
    value: /
  group_by:
  - host
  comparison: '>='
  threshold: 95
  evaluation_periods: 3
  severity: high
  channels:
  - hook
  labels:
    team: core
  description: |
    The disk is full.
    Make room.
  runbook_url: https://wiki.example.com/disk
"""


class Code:
    """The function, asked for files."""

    def __init__(self) -> None:
        self.function = AlertsFunction()
        self.hook = self.channel("hook")

    def channel(self, name: str) -> str:
        body = {"name": name, "type": "webhook", "url": "https://hooks.example.com/x"}
        answer = self.function.ask("admin", "POST", "/api/channels", body)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def create(self, **changes: Any) -> str:
        answer = self.function.ask("editor", "POST", "/api/alerts", {**BODY, **changes})
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def alerts(self) -> dict[str, Any]:
        listed = self.function.ask("viewer", "GET", "/api/alerts").body["alerts"]
        return {each["name"]: each for each in listed}

    def export(self, **query: str | Sequence[str]) -> str:
        event = api_event("GET", "/api/alerts/export", claims=person_claims("viewer"), query=query)
        answer = self.function.handler(event, lambda_context("AlertsFunction"))
        assert answer["statusCode"] == 200, answer
        assert answer_headers(answer)["content-type"] == "application/yaml"
        return str(answer["body"])

    def load(self, text: str, person: str = "editor", **query: str) -> Answer:
        return self.function.ask(person, "PUT", "/api/alerts/import", text, query=query)

    def applied(self, text: str, person: str = "editor", **query: str) -> Mapping[str, Any]:
        answer = self.load(text, person, **query)
        assert answer.status == 200, answer.body
        assert ImportOut.model_validate(answer.body)
        body: dict[str, Any] = answer.body
        return body

    def refusals(self, text: str, **query: str) -> dict[str, str]:
        answer = self.load(text, **query)
        assert answer.status == 422, answer.body
        return {each["field"]: each["reason"] for each in answer.body["errors"]}


@pytest.fixture
def code() -> Code:
    return Code()


def outcomes(body: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["outcome"] for each in body["alerts"]}


# --- export ---------------------------------------------------------------------------------------


def test_an_export_is_a_file_that_people_could_have_written(code: Code) -> None:
    code.applied(FILE)

    assert code.export() == FILE


def test_alerts_are_sorted_by_name_whatever_their_ids(code: Code) -> None:
    for name in ("b", "c", "a"):
        code.create(name=name)

    names = [line for line in code.export().splitlines() if line.startswith("- name")]
    assert names == ["- name: a", "- name: b", "- name: c"]


def test_ids_stand_only_where_names_are_not_enough(code: Code) -> None:
    ids = sorted((code.create(name="same"), code.create(name="same")))
    code.create(name="other")

    text = code.export()

    assert [line for line in text.splitlines() if "id:" in line] == [f"- id: {x}" for x in ids]
    assert code.applied(text)["counts"]["unchanged"] == 3


def test_a_channel_whose_name_another_has_too_stands_by_its_id(code: Code) -> None:
    twin = code.channel("hook")
    code.create(channels=[twin, "default"])

    assert f"  channels:\n  - {twin}\n  - default\n" in code.export()


def test_labels_choose_what_is_exported(code: Code) -> None:
    code.create(name="mine", labels={"team": "core", "tier": "1"})
    code.create(name="theirs", labels={"team": "web", "tier": "1"})

    assert "mine" in code.export(label="team=core") and "theirs" not in code.export(
        label="team=core"
    )
    assert "mine" in code.export(label=["tier=1", "team=core"])
    assert code.export(label="team=none") == "alerts: []\n"


def test_an_export_of_nothing_is_a_file_too(code: Code) -> None:
    assert code.export() == "alerts: []\n"
    assert code.applied("alerts: []\n")["counts"]["unchanged"] == 0


# --- plan -----------------------------------------------------------------------------------------


def test_a_plan_tells_what_would_be_done_and_does_nothing(code: Code) -> None:
    code.create()
    left = code.create(name="Left alone")
    text = FILE.replace("threshold: 0.9", "threshold: 0.8")

    body = code.applied(text, dry_run="true")

    assert body["dry_run"] is True
    changed, made = body["alerts"]
    assert (changed["outcome"], changed["line"], changed["version"]) == ("changed", 2, 1)
    assert changed["changes"] == [{"field": "threshold", "before": 0.9, "after": 0.8}]
    assert changed["alert"] == {**BODY, "threshold": 0.8}
    assert (made["outcome"], made["id"], made["line"]) == ("created", None, 8)
    assert made["alert"]["channels"] == [code.hook]
    assert {"field": "threshold", "before": None, "after": 95.0} in made["changes"]
    assert set(code.alerts()) == {"CPU is busy", "Left alone"}
    assert code.alerts()["CPU is busy"]["version"] == 1
    assert left


def test_pruning_plans_to_remove_what_the_file_does_not_have(code: Code) -> None:
    code.create()
    code.create(name="Not in the file")

    assert "deleted" not in outcomes(code.applied(FILE, dry_run="true")).values()
    planned = outcomes(code.applied(FILE, dry_run="true", prune="true"))

    assert planned == {
        "CPU is busy": "unchanged",
        "Disk is full": "created",
        "Not in the file": "deleted",
    }


# --- import ---------------------------------------------------------------------------------------


def test_an_import_does_what_the_plan_said(code: Code) -> None:
    code.create()
    code.create(name="Not in the file")
    text = FILE.replace("threshold: 0.9", "threshold: 0.8")

    body = code.applied(text, prune="true")

    assert body["counts"] == {
        "created": 1, "changed": 1, "unchanged": 0, "deleted": 1, "failed": 0, "left": 0,
    }  # fmt: skip
    alerts = code.alerts()
    assert set(alerts) == {"CPU is busy", "Disk is full"}
    assert (alerts["CPU is busy"]["threshold"], alerts["CPU is busy"]["version"]) == (0.8, 2)
    assert alerts["Disk is full"]["channels"] == [code.hook]
    assert code.export() == text


def test_importing_again_changes_nothing(code: Code) -> None:
    code.applied(FILE)
    before = dict(code.function.table.items)

    body = code.applied(FILE, prune="true")

    assert body["counts"]["unchanged"] == 2
    assert code.function.table.items == before


def test_everything_is_audited_with_who_did_it(code: Code) -> None:
    code.create(name="Not in the file")
    code.function.clock.advance(1_000)
    code.applied(FILE, person="admin", prune="true")

    changes = AuditReader(code.function.table).page(TENANT, Wanted(kind="alert"), 3, None).changes
    assert sorted(each.action for each in changes) == ["create", "create", "delete"]
    assert {each.actor for each in changes} == {"admin"}


def test_an_id_tells_which_alert_it_is_also_under_a_new_name(code: Code) -> None:
    made = code.create()
    text = FILE.replace("- name: CPU is busy", f"- id: {made}\n  name: CPU is very busy")

    body = code.applied(text)

    (renamed,) = [each for each in body["alerts"] if each["id"] == made]
    assert renamed["outcome"] == "changed"
    assert renamed["changes"] == [
        {"field": "name", "before": "CPU is busy", "after": "CPU is very busy"}
    ]


def test_an_alert_can_give_its_name_to_a_new_one(code: Code) -> None:
    made = code.create()
    text = "alerts:\n" + "".join(
        f"- {{{head}, metric: m, statistic: avg, period: 60, comparison: '>', threshold: 1}}\n"
        for head in ("name: CPU is busy", f"id: {made}, name: Old")
    )

    code.applied(text)

    assert code.alerts()["Old"]["id"] == made
    assert code.alerts()["CPU is busy"]["id"] != made


def test_an_id_that_nobody_has_is_the_new_alert_s(code: Code) -> None:
    text = FILE.replace("- name: CPU is busy", "- id: cpu-is-busy\n  name: CPU is busy")

    code.applied(text)
    again = code.applied(text)

    assert code.alerts()["CPU is busy"]["id"] == "cpu-is-busy"
    assert again["counts"]["unchanged"] == 2


def test_a_deleted_alert_s_id_comes_back_with_the_next_version(code: Code) -> None:
    text = FILE.replace("- name: CPU is busy", "- id: cpu-is-busy\n  name: CPU is busy")
    code.applied(text)
    code.function.ask("editor", "DELETE", "/api/alerts/cpu-is-busy")

    code.applied(text)

    assert code.alerts()["CPU is busy"]["version"] == 2


def test_pruning_within_labels_leaves_others_alone(code: Code) -> None:
    code.create(name="theirs", labels={"team": "web"})
    code.create(name="ours", labels={"team": "core"})

    body = code.applied("alerts: []", prune="true", label="team=core")

    assert outcomes(body) == {"ours": "deleted"}
    assert set(code.alerts()) == {"theirs"}


# --- what is wrong --------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_told_at_once_with_its_line_and_nothing_is_done(
    code: Code,
) -> None:
    text = (
        FILE.replace("period: 60", "period: 61")
        .replace("- hook", "- smoke")
        .replace("severity: high", "severity: huge\n  colour: red")
    )

    wrong = code.refusals(text)

    assert wrong["alerts.0.period"].endswith("(line 5)")
    assert wrong["alerts.1.channels.0"] == ("there is no channel with this name or id (line 24)")
    assert wrong["alerts.1.colour"] == "is unknown (line 22)"
    assert wrong["alerts.1.severity"].endswith("(line 21)")
    assert code.alerts() == {}
    assert code.refusals(text, dry_run="true") == wrong


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("alerts: {}", "alerts", "is required"),
        ("- name: x", "alerts", "is required"),
        ("alerts: []\nsilences: []", "silences", "is unknown; known are alerts and routes"),
        ("alerts: [x]", "alerts.0", "must be an object"),
        ("alerts: [{metric: m}]", "alerts.0.name", "is required"),
        ("alerts: [{name: 5}]", "alerts.0.name", "is required: a text"),
        ("alerts: [{name: x, id: 'a#b'}]", "alerts.0.id", "letters"),
        ("alerts: [{name: x, id: export}]", "alerts.0.id", "no word of the API's paths"),
        ("alerts: [{name: x}, {name: x}]", "alerts.1.name", "alerts.0 has this name too"),
        ("alerts: [{name: x, id: a}, {name: y, id: a}]", "alerts.1.id", "alerts.0 has this id"),
        ("alerts: [{name: x}]", "alerts.0.metric", "required"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_field(
    code: Code, text: str, field: str, said: str
) -> None:
    assert said in code.refusals(text)[field]


def test_a_name_that_several_alerts_have_needs_the_id(code: Code) -> None:
    ids = {code.create(), code.create()}

    reason = code.refusals(FILE.replace("- hook", "- default"))["alerts.0.name"]

    assert "2 alerts have this name" in reason
    assert all(each in reason for each in ids)


def test_what_is_no_yaml_is_a_400_with_the_line(code: Code) -> None:
    answer = code.load("alerts: &a [*a]")

    assert answer.status == 400
    assert answer.body["detail"].startswith("line 1: anchors")


def test_of_very_many_complaints_the_first_are_told(code: Code) -> None:
    many = "alerts:\n" + "".join(f"- {{name: n{i}, colour: red}}\n" for i in range(400))

    answer = code.load(many)

    assert len(answer.body["errors"]) == 1_000
    assert answer.body["detail"].endswith("complaints the first 1,000 are told")


def test_a_thousand_alerts_are_enough(code: Code) -> None:
    many = "alerts:\n" + "".join(f"- {{name: n{i}}}\n" for i in range(1_001))

    assert "more than 1,000 alerts" in code.refusals(many)["alerts"]


def test_more_alerts_than_a_file_may_have_are_exported_by_labels(code: Code) -> None:
    alert = next(x for x in _stored(code) if x["k"] == "alert")
    for i in range(1_001):
        body = str(alert["body"]).replace(alert["sk"], f"copy{i}")
        code.function.table.write(Put({**alert, "sk": f"copy{i}", "body": body}))

    answer = code.function.ask("viewer", "GET", "/api/alerts/export")

    assert (answer.status, answer.fields) == (422, ["label"])


def _stored(code: Code) -> list[Any]:
    code.create()
    return [dict(item) for item in code.function.table.items.values()]


def test_viewers_export_and_editors_import(code: Code) -> None:
    assert code.load(FILE, person="viewer").status == 403
    assert "CPU" not in code.function.ask("stranger", "GET", "/api/alerts").body


# --- failures on the way --------------------------------------------------------------------------


def test_what_fails_is_told_by_alert_and_the_rest_is_done(code: Code) -> None:
    """The channel goes between the plan and the change."""
    other = AlertsFunction(code.function.table)

    def interrupt(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(x, Put) and x.item["pk"] == keys.alerts(TENANT) for x in writes):
            code.function.table.before_write = lambda writes: None
            answer = other.ask("admin", "DELETE", f"/api/channels/{code.hook}")
            assert answer.status == 204, answer.body

    code.function.table.before_write = interrupt
    body = code.applied(FILE)

    failed = next(each for each in body["alerts"] if each["name"] == "Disk is full")
    assert (failed["outcome"], failed["version"]) == ("failed", None)
    assert [each["field"] for each in failed["errors"]] == ["channels.0"]
    assert outcomes(body)["CPU is busy"] == "created"
    assert (body["counts"]["failed"], body["counts"]["created"]) == (1, 1)


def test_somebody_else_s_change_in_between_is_not_overwritten(code: Code) -> None:
    made = code.create()
    other = AlertsFunction(code.function.table)

    def interrupt(writes: Sequence[Write | Check]) -> None:
        if any(isinstance(x, Put) and x.item["pk"] == keys.alerts(TENANT) for x in writes):
            code.function.table.before_write = lambda writes: None
            body = {**BODY, "threshold": 7}
            assert other.ask("admin", "PUT", f"/api/alerts/{made}", body, version=1).status == 200

    code.function.table.before_write = interrupt
    body = code.applied(FILE.replace("threshold: 0.9", "threshold: 0.8"))

    assert outcomes(body)["CPU is busy"] == "failed"
    assert code.alerts()["CPU is busy"]["threshold"] == 7


def test_what_time_leaves_over_is_done_by_the_next_import(code: Code) -> None:
    def slow(_: Sequence[Write | Check]) -> None:
        code.function.clock.advance(BUDGET_MS)

    code.function.table.before_write = slow
    first = code.applied(FILE)
    second = code.applied(FILE)

    assert sorted(outcomes(first).values()) == ["created", "left"]
    assert sorted(outcomes(second).values()) == ["created", "unchanged"]


# --- routes ---------------------------------------------------------------------------------------

ROUTED = """\
alerts: []
routes:
- name: databases
  matchers:
  - label: team
    op: '='
    value: core
  channels:
  - hook
  group_by:
  - alertname
  wait: 30
  steps:
  - after: 900
    channels:
    - default
- name: everything
  channels:
  - default
  group_by: []
"""


def test_routes_are_part_of_the_file(code: Code) -> None:
    body = code.applied(ROUTED, person="admin")

    assert body["routes"]["outcome"] == "changed"
    assert [each["outcome"] for each in body["routes"]["routes"]] == ["created", "created"]
    routes = code.function.ask("viewer", "GET", "/api/routing").body["routes"]
    assert (routes[0]["channels"], routes[1]["group_by"]) == ([code.hook], [])
    assert code.export() == ROUTED
    assert code.export(routes="false") == "alerts: []\n"
    again = code.applied(ROUTED)
    assert again["routes"]["outcome"] == "unchanged"


def test_a_plan_tells_what_becomes_of_each_route(code: Code) -> None:
    code.applied(ROUTED, person="admin")
    text = ROUTED.replace("wait: 30", "wait: 60").replace("name: everything", "name: all")

    body = code.applied(text, person="admin", dry_run="true")

    assert body["routes"]["outcome"] == "changed"
    assert [(each["name"], each["outcome"]) for each in body["routes"]["routes"]] == [
        ("databases", "changed"),
        ("all", "created"),
        ("everything", "deleted"),
    ]
    assert body["routes"]["routes"][0]["changes"] == [{"field": "wait", "before": 30, "after": 60}]
    assert code.export() == ROUTED


def test_another_order_of_routes_is_a_change(code: Code) -> None:
    code.applied(ROUTED, person="admin")
    head, first, second = ROUTED.split("- name")

    body = code.applied(f"{head}- name{second}- name{first}", person="admin", dry_run="true")

    assert (body["routes"]["outcome"], body["routes"]["moved"]) == ("changed", True)
    assert {each["outcome"] for each in body["routes"]["routes"]} == {"unchanged"}


def test_routes_are_for_admins(code: Code) -> None:
    assert code.load(ROUTED).status == 403
    code.applied(ROUTED, person="admin")
    assert code.load(ROUTED).status == 200


def test_a_file_without_routes_leaves_them_alone(code: Code) -> None:
    code.applied(ROUTED, person="admin")

    assert code.applied("alerts: []", prune="true")["routes"] is None
    assert code.export() == ROUTED


def test_what_is_wrong_with_a_route_is_told_with_its_line(code: Code) -> None:
    wrong = code.refusals(ROUTED.replace("- hook", "- smoke").replace("wait: 30", "wait: long"))

    assert wrong["routes.0.channels.0"] == "there is no channel with this name or id (line 9)"
    assert wrong["routes.0.wait"].endswith("(line 12)")


# --- other types of alerts ------------------------------------------------------------------------

FAMILY = """\
alerts:
- name: All is lost
  type: composite
  condition:
    all:
    - alert: One of both
    - not:
        alert: Nobody sends
- name: CPU is busy
  metric: cpu.load
  statistic: p99
  period: 60
  filters:
  - tag: host
    op: in
    value:
    - a
    - b
  comparison: '>'
  threshold: 0.9
  levels:
  - severity: critical
    threshold: 0.99
  keep_firing: 600
  cooldown: 3600
- name: Nobody sends
  type: heartbeat
  metric: cpu.load
  no_data_for: 300
- name: Nobody sends quickly
  type: heartbeat
  metric: cpu.load
  period: 60
  evaluation_periods: 2
- name: One of both
  type: composite
  condition:
    any:
    - alert: CPU is busy
    - alert: Traffic fell
- name: Traffic fell
  metric: requests
  statistic: rate
  period: 300
  comparison: <
  threshold: -50
  transform:
    type: change_percent
    offset: 604800
"""


def test_every_type_of_alert_comes_back_as_it_was_written(code: Code) -> None:
    body = code.applied(FAMILY)

    assert body["counts"]["created"] == 6, body
    assert code.export() == FAMILY
    assert code.applied(FAMILY, prune="true")["counts"]["unchanged"] == 6


def test_composites_name_alerts_by_name_and_are_stored_with_ids(code: Code) -> None:
    code.applied(FAMILY)

    alerts = code.alerts()
    assert alerts["One of both"]["condition"] == {
        "any": [{"alert": alerts[name]["id"]} for name in ("CPU is busy", "Traffic fell")]
    }


def test_what_is_named_is_removed_after_what_names_it(code: Code) -> None:
    code.applied(FAMILY)

    body = code.applied("alerts: []", prune="true")

    assert body["counts"]["deleted"] == 6, body
    assert code.alerts() == {}


def test_a_composite_may_name_an_alert_that_is_there_already(code: Code) -> None:
    made = code.create(name="There")
    text = "alerts: [{name: New, type: composite, condition: {not: {alert: There}}}]"

    code.applied(text)

    assert code.alerts()["New"]["condition"] == {"not": {"alert": made}}


def test_an_alert_that_nobody_has_is_refused_by_name(code: Code) -> None:
    wrong = code.refusals(FAMILY.replace("alert: Traffic fell", "alert: Traffic rose"))

    assert wrong["alerts.4.condition"].startswith("there is no alert with this name or id")


def test_an_alert_that_pruning_removes_cannot_be_named(code: Code) -> None:
    code.create(name="There")
    text = "alerts: [{name: New, type: composite, condition: {not: {alert: There}}}]"

    assert "alerts.0.condition" in code.refusals(text, prune="true")


def test_a_circle_is_refused_with_the_names_in_it(code: Code) -> None:
    wrong = code.refusals(FAMILY.replace("alert: Traffic fell", "alert: All is lost"))

    (reason,) = wrong.values()
    assert "depend on themselves" in reason
    assert "All is lost" in reason and "One of both" in reason


def test_stand_ins_of_drills_are_no_part_of_a_file(code: Code) -> None:
    code.applied(FILE)
    alert_id = code.alerts()["CPU is busy"]["id"]
    drill = code.function.ask("editor", "POST", f"/api/alerts/{alert_id}/drill", {})
    assert drill.status == 202, drill.body

    assert code.export() == FILE
    assert code.applied(FILE, prune="true")["counts"]["deleted"] == 0
