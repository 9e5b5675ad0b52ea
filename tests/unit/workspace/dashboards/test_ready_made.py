"""The dashboards that come with the console are dashboards, and show what the demo agent sends."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from skafu.metrics.query.schemas import QueryRequest
from skafu.workspace.dashboards.model import metrics_of
from skafu.workspace.dashboards.rules import problems
from skafu.workspace.dashboards.schemas import DashboardIn
from tests.support.clocks import NOON, FakeClock
from tests.support.http_script import HttpScript, says

from local.agent import Agent
from local.api import Api
from local.sender import Batcher, Sender
from local.spool import Spool

FOLDER = Path(__file__).parents[4] / "frontend/src/features/dashboards/ready-made"
FILES = sorted(FOLDER.glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.fixture(name="sent", scope="module")
def fixture_sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The points of an agent's second batch, by metric."""
    clock = FakeClock()
    script = HttpScript([says(202, {"accepted": 1, "rejected": []})])
    api = Api("http://api.example", lambda: "token", script, lambda _: None)
    sender = Sender(api, Spool(tmp_path_factory.mktemp("spool")), clock)
    agent = Agent(sender, Batcher(1_000, 0), clock)
    for _ in range(2):
        clock.advance(10_000)
        agent.measure()
        agent.send()
    return {point["name"]: point for point in script.asked[1].json()["metrics"]}


def test_there_is_one_for_hosts_and_one_for_skafu() -> None:
    assert [path.stem for path in FILES] == ["host", "skafu"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_a_dashboard_as_the_api_takes_and_keeps_it(path: Path) -> None:
    document = DashboardIn.model_validate(read(path)).document()

    assert not problems(document)
    assert document == read(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_shows_only_what_the_agent_sends(path: Path, sent: dict[str, dict[str, Any]]) -> None:
    dashboard = read(path)

    assert set(metrics_of(dashboard)) <= sent.keys()
    for panel in dashboard["panels"]:
        for query in panel["queries"]:
            tags = sent[query["metric"]]["tags"].keys() if "metric" in query else set()
            asked = {each["tag"] for each in query.get("filters", ())}
            assert asked | set(query.get("group_by", ())) <= tags, panel["id"]
    assert {each["tag"] for each in dashboard["variables"]} == {"host"}


def test_every_figure_of_the_agent_is_on_one_of_them(sent: dict[str, dict[str, Any]]) -> None:
    shown = {metric for path in FILES for metric in metrics_of(read(path))}

    assert shown == sent.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_queries_can_be_asked(path: Path) -> None:
    for panel in read(path)["panels"]:
        if panel["queries"]:
            body = {"start": NOON, "end": NOON + 1, "max_points": 600, "queries": panel["queries"]}
            chosen = json.dumps(body).replace('"$host"', '["box"]')
            QueryRequest.model_validate(json.loads(chosen))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_panels_lie_side_by_side(path: Path) -> None:
    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        columns = range(panel["x"], panel["x"] + panel["w"])
        return {(x, y) for x in columns for y in range(panel["y"], panel["y"] + panel["h"])}

    for one, other in combinations(read(path)["panels"], 2):
        assert not cells(one) & cells(other), (one["id"], other["id"])
