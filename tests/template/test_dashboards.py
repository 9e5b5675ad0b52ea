"""Dashboards that show something: each widget is one that CloudWatch knows, overlaps no other, and
looks at metrics that exist. As far as CloudWatch's own "Dashboard body structure and syntax" says.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest

from skafu.ops.environments import load
from tests.support.known_metrics import known, trouble
from tests.support.transformed import REGION, ROOT, of_type, resolved

type Json = Any

ENVIRONMENT = "production"
FREE, FREE_METRICS = 3, 50
"""Dashboards of an account that cost nothing, and how many metrics each may have for it."""
PROPERTIES = {
    "text": {"markdown"},
    "alarm": {"title", "sortBy", "alarms"},
    "metric": {"title", "region", "view", "stat", "period", "metrics", "stacked"},
}
SHOWN = {"id", "label", "visible", "stat", "yAxis", "color", "expression"}
SEARCH = re.compile(r"SEARCH\('\{([\w/]+),(\w+)} MetricName=\"(\w+)\"', '(\w+)', \d+\)")


@pytest.fixture(scope="module")
def resources() -> Json:
    return resolved(ENVIRONMENT)


def boards(resources: Json) -> dict[str, list[Json]]:
    return {
        name: json.loads(each["DashboardBody"])["widgets"]
        for name, each in of_type(resources, "AWS::CloudWatch::Dashboard").items()
    }


def widgets(resources: Json, kind: str = "") -> Iterator[Json]:
    for found in boards(resources).values():
        yield from (each for each in found if kind in ("", each["type"]))


def rows(widget: Json) -> Iterator[tuple[list[str], Mapping[str, Json]]]:
    """Each row of a widget: what it names, and how it is shown."""
    for row in widget["properties"]["metrics"]:
        shown = row[-1] if isinstance(row[-1], dict) else {}
        yield [each for each in row if isinstance(each, str)], shown


def metrics(widget: Json) -> Iterator[tuple[Json, str]]:
    """Each metric of a widget, and its statistic."""
    for parts, shown in rows(widget):
        if parts:
            namespace, name, *dimensions = parts
            pairs = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
            metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
            yield metric, shown.get("stat", widget["properties"]["stat"])


def test_there_are_as_many_dashboards_as_cost_nothing(resources: Json) -> None:
    found = boards(resources)
    assert len(found) == FREE
    for name, board in found.items():
        rows_of = [row for each in board if each["type"] == "metric" for row in rows(each)]
        assert len(rows_of) <= FREE_METRICS, name


def test_dashboards_are_named_after_the_stack(resources: Json) -> None:
    names = {x["DashboardName"] for x in of_type(resources, "AWS::CloudWatch::Dashboard").values()}
    assert names == {f"skafu-test-{each}" for each in ("health", "ingest", "alerts")}


def test_widgets_are_made_of_what_cloudwatch_knows(resources: Json) -> None:
    for widget in widgets(resources):
        assert set(widget) == {"type", "x", "y", "width", "height", "properties"}
        assert set(widget["properties"]) <= PROPERTIES[widget["type"]]
        if widget["type"] == "metric":
            assert widget["properties"]["view"] == "timeSeries"
            assert widget["properties"]["period"] % 60 == 0
            for _, shown in rows(widget):
                assert set(shown) <= SHOWN
                assert shown.get("yAxis", "left") in ("left", "right")


def test_widgets_stand_beside_each_other_on_a_grid_of_24_columns(resources: Json) -> None:
    for name, board in boards(resources).items():
        for widget in board:
            assert widget["x"] + widget["width"] <= 24, name
            assert widget["height"] >= 1
        for one, other in combinations(board, 2):
            assert not _overlap(one, other), (name, one["properties"], other["properties"])


def _overlap(one: Json, other: Json) -> bool:
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    return not beside and not above


def test_every_widget_shows_metrics_that_are_published(resources: Json) -> None:
    seen = 0
    for widget in widgets(resources, "metric"):
        for metric, statistic in metrics(widget):
            assert trouble(resources, metric, statistic) is None, widget["properties"]["title"]
            seen += 1
    assert seen > 90


def test_a_widget_of_a_misspelt_metric_would_be_noticed(resources: Json) -> None:
    right = next(widgets(resources, "metric"))
    wrong = json.loads(json.dumps(right).replace('"Count"', '"Counts"', 1))
    said = [trouble(resources, metric, statistic) for metric, statistic in metrics(wrong)]
    assert said == ["AWS/ApiGateway has no Counts", None, None]


def test_what_a_widget_is_about_is_in_the_stack(resources: Json) -> None:
    """Names that are put in when the stack is made stay as they are written until then."""
    for dashboard in of_type(resources, "AWS::CloudWatch::Dashboard").values():
        for name in re.findall(r"\$\{(\w+)(?:\.\w+)?}", dashboard["DashboardBody"]):
            assert name in resources or name == "Table", name


def test_widgets_are_of_the_stack_s_region_and_cloudfront_s_of_its_own(resources: Json) -> None:
    for widget in widgets(resources, "metric"):
        spaces = {metric["Namespace"] for metric, _ in metrics(widget)}
        region = "us-east-1" if spaces == {"AWS/CloudFront"} else REGION
        assert widget["properties"]["region"] == region


def test_searches_find_what_a_filter_makes(resources: Json) -> None:
    found = [
        SEARCH.fullmatch(shown["expression"])
        for widget in widgets(resources, "metric")
        for _, shown in rows(widget)
        if shown.get("expression", "").startswith("SEARCH")
    ]
    assert found
    for match in found:
        assert match
        namespace, dimension, name, statistic = match.groups()
        metric = known(resources)[namespace][name]
        assert frozenset({dimension}) in metric.dimensions
        assert metric.takes(statistic)


def test_expressions_are_of_rows_of_their_own_widget(resources: Json) -> None:
    for widget in widgets(resources, "metric"):
        ids = [shown["id"] for _, shown in rows(widget) if "id" in shown]
        assert len(ids) == len(set(ids))
        hidden = {shown["id"] for _, shown in rows(widget) if shown.get("visible") is False}
        used: set[str] = set()
        for _, shown in rows(widget):
            expression = shown.get("expression", "")
            if not expression.startswith("SEARCH"):
                used |= set(re.findall(r"\b[a-z]\w*\b", expression)) - {"e"}
        assert used == hidden, widget["properties"]["title"]


def test_what_rings_is_first_on_every_dashboard_and_no_alarm_is_missing(resources: Json) -> None:
    shown: list[str] = []
    for board in boards(resources).values():
        shown += [
            n for each in board if each["type"] == "alarm" for n in each["properties"]["alarms"]
        ]
    assert boards(resources)["HealthDashboard"][1]["type"] == "alarm"
    assert boards(resources)["AlertsDashboard"][1]["type"] == "alarm"
    names = {re.fullmatch(r"\$\{(\w+)\.Arn}", each)[1] for each in shown}  # type: ignore[index] # or the test fails
    alarms = {
        name
        for kind in ("Alarm", "CompositeAlarm")
        for name in of_type(resources, f"AWS::CloudWatch::{kind}")
    }
    # What stops deployments is not there where there is nothing to stop, nor the probe where none
    # is asked for: their figures are.
    versions = {each for each in alarms if each.endswith("VersionAlarm")}
    assert alarms - names == versions | {"ApiErrorsAlarm", "ProbeFailingAlarm"}


def test_dollars_are_those_of_the_price_list(resources: Json) -> None:
    prices = json.loads((ROOT / "benchmarks" / "prices.json").read_text("utf-8"))["prices"]
    [board] = [
        each
        for each in widgets(resources, "metric")
        if each["properties"]["title"] == "Dollars an hour"
    ]
    said = {
        shown["label"]: shown["expression"] for _, shown in rows(board) if "expression" in shown
    }
    for label, names in {
        "API Gateway": {"rest_api_million": 1e6},
        "Lambda, as it runs": {"lambda_gb_second": 1.0, "lambda_million": 1e6},
        "DynamoDB, units": {"write_units_million": 1e6, "read_units_million": 1e6},
        "logs": {"log_gb": 1.0},
    }.items():
        figures = [float(each) for each in re.findall(r"\b0\.\d+", said[label])]
        assert figures == pytest.approx([prices[n]["dollars"] / of for n, of in names.items()])
    [memory] = [e.lambda_.memory_size for e in load(ROOT / "environments") if e.name == ENVIRONMENT]
    assert f"* {memory} / 1024" in said["Lambda, as it runs"]


def test_there_are_none_where_nothing_rings() -> None:
    for name in ("local", "development"):
        assert not boards(resolved(name))
