"""Dashboards on the deployed stack: the gateway, the table, and what the demo agent sends."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from skafu.shared.clock import system_clock

from local.agent import Agent
from local.api import Api
from local.home import ROOT
from local.sender import Batcher, Sender
from local.spool import Spool
from tests.integration.system import now_ms, point, send, unique

READY_MADE = sorted((ROOT / "frontend/src/features/dashboards/ready-made").glob("*.json"))
MINUTE_MS = 60_000


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def note(name: str, text: str) -> dict[str, Any]:
    place = {"x": 0, "y": 0, "w": 12, "h": 2}
    panel = {"id": "note", "title": "Note", "type": "text", **place, "queries": [], "text": text}
    return {"name": name, "panels": [panel]}


@pytest.mark.parametrize("path", READY_MADE, ids=lambda path: path.stem)
def test_a_ready_made_dashboard_is_stored_and_shown_to_viewers(
    admin: Api, viewer: Api, machine: Api, path: Path
) -> None:
    sent = read(path) | {"name": unique(path.stem)}

    made = admin.call("POST", "/api/dashboards", sent)

    assert made.status == 201, made
    where = made.headers["location"]
    for reader in (viewer, machine):
        found = reader.ask("GET", where)
        assert {name: found[name] for name in sent} == sent
    listed = viewer.ask("GET", "/api/dashboards", prefix=sent["name"].upper())["dashboards"]
    assert [(each["id"], each["panels"]) for each in listed] == [
        (made.json()["id"], len(sent["panels"]))
    ]
    assert viewer.call("POST", "/api/dashboards", sent).status == 403
    assert viewer.call("DELETE", where).status == 403
    assert admin.call("DELETE", where).status == 204


def test_of_two_who_change_one_dashboard_the_second_is_shown_what_the_first_did(
    admin: Api, outsider: Api
) -> None:
    name = unique("both")
    made = admin.ask("POST", "/api/dashboards", note(name, "first"))
    where = f"/api/dashboards/{made['id']}"
    assert admin.ask("PUT", where, note(name, "hers"), version=1)["version"] == 2

    late = admin.call("PUT", where, note(name, "his"), version=1)

    assert late.status == 412
    assert late.json()["current"]["panels"][0]["text"] == "hers"
    assert outsider.call("GET", where).status == 404


def test_a_deleted_dashboard_comes_back_with_its_versions(admin: Api) -> None:
    name = unique("back")
    made = admin.ask("POST", "/api/dashboards", note(name, "first"))
    where = f"/api/dashboards/{made['id']}"
    admin.ask("PUT", where, note(name, "second"), version=1)
    assert admin.call("DELETE", where, version=2).status == 204
    assert admin.call("GET", where).status == 404
    assert admin.ask("GET", f"{where}/versions")["gone_at"] > now_ms()

    restored = admin.ask("POST", f"{where}/restore", {"version": 1}, version=2)

    assert (restored["version"], restored["panels"][0]["text"]) == (3, "first")
    assert admin.ask("GET", where) == restored
    versions = admin.ask("GET", f"{where}/versions")
    assert [each["action"] for each in versions["versions"]] == ["restore", "change", "create"]
    assert versions["gone_at"] is None
    # The index, through which the audit of one thing is found, is a little behind the table.
    for _ in range(20):
        audit = admin.ask("GET", "/api/audit", kind="dashboard", subject=made["id"])
        if len(audit["entries"]) == 4:
            break
        time.sleep(0.25)
    actions = [each["action"] for each in audit["entries"]]
    assert actions == ["restore", "delete", "change", "create"]


def test_deleting_a_metric_names_the_dashboards_that_show_it(admin: Api, machine: Api) -> None:
    metric, name = unique("shown"), unique("shows")
    send(machine, point(metric, 1.0, now_ms()))
    place = {"x": 0, "y": 0, "w": 4, "h": 4}
    query = {"id": "a", "metric": metric, "statistic": "avg"}
    panel = {"id": "p", "title": "", "type": "line", **place, "queries": [query]}
    made = admin.ask("POST", "/api/dashboards", {"name": name, "panels": [panel]})
    shown = [{"id": made["id"], "name": name}]
    assert [x["id"] for x in admin.ask("GET", "/api/dashboards", metric=metric)["dashboards"]] == [
        made["id"]
    ]

    answer = admin.call("DELETE", f"/api/metrics/{metric}")

    assert (answer.status, answer.json()["dashboards"]) == (202, shown)


def test_every_panel_of_the_ready_made_dashboards_has_something_to_show(
    viewer: Api, machine: Api, tmp_path: Path
) -> None:
    sender = Sender(machine, Spool(tmp_path), system_clock)
    agent = Agent(sender, Batcher(1_000, 0), system_clock)
    for _ in range(2):  # the second batch tells how long the first one took
        agent.measure()
        agent.send()
    assert len(sender.spool) == 0
    hosts = viewer.ask("GET", "/api/metrics/series", metric="skafu.agent.round_trip")["series"]

    for panel in (each for path in READY_MADE for each in read(path)["panels"]):
        if panel["queries"]:
            for result in shown(viewer, panel, [each["tags"]["host"] for each in hosts]):
                values = [x for each in result["series"] for x in each["values"]]
                assert any(x is not None for x in values), (panel["id"], result["id"])
                units = {each["unit"] for each in result["series"]}
                assert panel.get("unit") in units | {"Count/Second", None}, panel["id"]


def shown(viewer: Api, panel: dict[str, Any], hosts: list[str]) -> list[dict[str, Any]]:
    """What a panel shows of the last hour, with these hosts chosen."""
    queries = json.dumps(panel["queries"]).replace('"$host"', json.dumps(hosts))
    end = now_ms() + MINUTE_MS
    body = {"start": end - 60 * MINUTE_MS, "end": end, "max_points": 600}
    asked = body | {"queries": json.loads(queries)}
    found: list[dict[str, Any]] = viewer.ask("POST", "/api/metrics/query", asked)["results"]
    return found


def test_alerts_are_counted_by_what_is_wrong(viewer: Api) -> None:
    summary = viewer.ask("GET", "/api/alerts/summary")

    assert set(summary["alarm"]) == {"critical", "high", "medium", "low", "info"}
    assert summary["alerts"]["all"] >= summary["alerts"]["alarm"]


def test_alerts_are_found_by_name_and_label(admin: Api, viewer: Api) -> None:
    name = unique("Found by Name")
    body = {
        "name": name,
        "metric": unique("nothing"),
        "statistic": "avg",
        "period": 60,
        "comparison": ">",
        "threshold": 1,
        "labels": {"team": name},
    }
    made = admin.ask("POST", "/api/alerts", body)

    for query in ({"name": name.lower()[2:]}, {"label": f"team={name}"}):
        found = viewer.call("GET", "/api/alerts", query=query).json()["alerts"]
        assert [each["id"] for each in found] == [made["id"]]
    assert admin.call("DELETE", f"/api/alerts/{made['id']}").status == 204
