"""Prometheus' rules become alerts that decide the same, or are refused with the reason."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.alerts_convert import convert
from skafu.ops.alerts_foreign import Converted, Unreadable

RULES = (Path(__file__).parent / "node.rules.yaml").read_text(encoding="utf-8")


@pytest.fixture(name="node", scope="module")
def fixture_node() -> Converted:
    return convert("prometheus", RULES, ["instance"])


def of(found: Converted, name: str) -> dict[str, Any]:
    (entry,) = [each for each in found.alerts if each["name"] == name]
    return entry


def one(expr: str, **more: Any) -> Converted:
    rule = {"alert": "A", "expr": expr, **more}
    return convert(
        "prometheus", yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}), ["instance"]
    )


def refusal(expr: str, **more: Any) -> str:
    found = one(expr, **more)
    assert not found.alerts
    (refused,) = found.refused
    assert refused.name == "g/A"
    return refused.reason


def test_every_rule_of_a_real_file_is_converted(node: Converted) -> None:
    assert [each.reason for each in node.refused] == []
    assert len(node.alerts) == 17 + 2 + 3


def test_a_bare_metric_is_its_last_point_for_each_series(node: Converted) -> None:
    assert of(node, "InstanceDown") == {
        "name": "InstanceDown",
        "metric": "up",
        "filters": [{"tag": "job", "op": "=", "value": "node"}],
        "group_by": ["instance"],
        "statistic": "last",
        "comparison": "inside",
        "lower": 0.0,
        "upper": 0.0,
        "period": 60,
        "evaluation_periods": 5,
        "severity": "critical",
        "labels": {"team": "core"},
        "description": "Instance <instance> is down\n\n"
        "<job> on <instance> has been down since <value>.",
        "runbook_url": "https://runbooks.example.com/down",
    }
    assert any("InstanceDown: Prometheus tells every series apart" in x for x in node.notes)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "HighLoad",
            {"statistic": "avg", "group_by": ["instance"], "threshold": 8.0,
             "evaluation_periods": 10, "severity": "medium"},
        ),
        ("HighLoad (critical)", {"threshold": 16.0, "severity": "critical"}),
        (
            "DiskErrors",
            {"statistic": "rate", "group_by": ["instance", "device"], "period": 300,
             "filters": [{"tag": "device", "op": "prefix", "value": "sd"}], "keep_firing": 900,
             "description": "errors on <device>"},
        ),
        ("Restarts", {"statistic": "increase", "period": 3600, "comparison": ">="}),
        (
            "Hot",
            {"statistic": "max", "period": 600, "evaluation_periods": 2,
             "filters": [{"tag": "zone", "op": "!=", "value": "attic"}]},
        ),
        ("MemoryLow", {"metric": "node_memory_used_percent", "comparison": ">", "threshold": 95.0}),
        ("SlowQueries", {"statistic": "p99", "period": 300, "threshold": 0.25}),
        ("ClockDrift", {"statistic": "min", "comparison": "<", "threshold": -0.05}),
        (
            "TooFewWorkers",
            {"statistic": "count", "comparison": "outside", "lower": 3.0, "upper": 3.0,
             "filters": [{"tag": "cluster", "op": "in", "value": ["a", "b"]}]},
        ),
        (
            "DiskFullSoon",
            {"statistic": "avg", "period": 360, "threshold": 0.0, "comparison": "<",
             "evaluation_periods": 5,
             "transform": {"type": "forecast", "lookback": 21600, "horizon": 14400}},
        ),
        (
            "TrafficDropped",
            {"statistic": "rate", "period": 300, "threshold": -100.0,
             "transform": {"type": "change", "offset": 604800}},
        ),
        (
            "TrafficDoubled",
            {"statistic": "avg", "threshold": 100.0,
             "transform": {"type": "change_percent", "offset": 86400}},
        ),
        ("NoBackup", {"type": "heartbeat", "metric": "backup_last_success", "no_data_for": 900}),
        ("NoPoints", {"type": "heartbeat", "no_data_for": 7200}),
    ],
)  # fmt: skip
def test_each_construct_has_its_counterpart(
    node: Converted, name: str, fields: dict[str, Any]
) -> None:
    entry = of(node, name)
    assert {key: entry.get(key) for key in fields} == fields


def test_and_becomes_a_composite_of_parts(node: Converted) -> None:
    first, second = (of(node, f"LoadedAndSlow (part {i})") for i in (1, 2))
    whole = of(node, "LoadedAndSlow")

    assert (first["metric"], first["evaluation_periods"]) == ("node_load5", 5)
    assert (second["metric"], second["evaluation_periods"]) == ("latency_seconds", 5)
    assert first["labels"] == {"part_of": "LoadedAndSlow"}
    assert first["severity"] == "info"
    assert whole == {
        "name": "LoadedAndSlow",
        "type": "composite",
        "condition": {
            "all": [{"alert": "LoadedAndSlow (part 1)"}, {"alert": "LoadedAndSlow (part 2)"}]
        },
        "group_by": ["instance"],
        "severity": "critical",
    }
    assert any("LoadedAndSlow: its parts are alerts of their own" in x for x in node.notes)


def test_unless_is_and_not_and_takes_effect_at_once(node: Converted) -> None:
    name = "DownOutsideMaintenance"
    assert of(node, name)["condition"] == {
        "all": [
            {"any": [{"alert": f"{name} (part 1)"}, {"alert": f"{name} (part 2)"}]},
            {"not": {"alert": f"{name} (part 3)"}},
        ]
    }
    assert of(node, f"{name} (part 1)")["evaluation_periods"] == 5
    assert "evaluation_periods" not in of(node, f"{name} (part 3)")


def test_two_rules_of_one_name_are_told_apart(node: Converted) -> None:
    assert any("is called HighLoad (critical) here" in note for note in node.notes)


def test_the_labels_that_tell_series_apart_can_be_chosen() -> None:
    found = convert("prometheus", RULES, ["host", "job"])

    assert of(found, "InstanceDown")["group_by"] == ["host", "instance"]
    assert of(found, "Restarts")["group_by"] == ["host", "job"]


@pytest.mark.parametrize(
    ("matcher", "tag_filter"),
    [
        ('x="a"', ("=", "a")),
        ('x=""', ("exists", False)),
        ('x!=""', ("exists", True)),
        ('x=~".+"', ("exists", True)),
        ('x=~"a|b c"', ("in", ["a", "b c"])),
        ('x=~"(a|b)"', ("in", ["a", "b"])),
        ('x=~"web"', ("=", "web")),
        ('x=~"web-.*"', ("prefix", "web-")),
        ('x!~"web"', ("!=", "web")),
    ],
)
def test_matchers_have_counterparts(matcher: str, tag_filter: tuple[str, Any]) -> None:
    (entry,) = one(f"max by (y) (m{{{matcher}}}) > 1").alerts
    op, value = tag_filter
    assert entry["filters"] == [{"tag": "x", "op": op, "value": value}]


@pytest.mark.parametrize(
    ("expr", "comparison", "threshold"),
    [
        ("m > 5", ">", 5.0),
        ("5 < m", ">", 5.0),
        ("m * 100 >= 80", ">=", 0.8),
        ("m / 1024 < 3", "<", 3072.0),
        ("m * -2 > 4", "<", -2.0),
        ("-m > 4", "<", -4.0),
        ("(m - 3) / 2 > 1", ">", 5.0),
        ("1 - m > 0.9", "<", 0.1),
        ("m + 1 > 2 ^ 3", ">", 7.0),
    ],
)
def test_arithmetic_with_numbers_is_undone(expr: str, comparison: str, threshold: float) -> None:
    (entry,) = one(expr).alerts
    assert (entry["comparison"], entry["threshold"]) == (comparison, threshold)


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("sum(", "cannot be read"),
        ("m", "no comparison"),
        ("vector(1)", "no comparison"),
        ("a > b", "one side of the comparison must be a number"),
        ("m > bool 1", "bool"),
        ("a / b > 0.5", "arithmetic (/) between metrics"),
        ("a - b > 1", "arithmetic (-) between metrics"),
        ("a % 2 > 1", "arithmetic (%)"),
        ("1 / m > 1", "arithmetic (/)"),
        ("time() - m > 86400", "arithmetic (-) between metrics"),
        ("abs(m) > 5", "the function abs has no counterpart"),
        ("a - a offset 1h - 2 * b > 1", "arithmetic"),
        ("m offset 1h > 1", "an offset without"),
        ("m @ 5 > 1", "@ looks at a fixed moment"),
        ("max_over_time(m[1h:5m]) > 1", "subquery"),
        ("sum without (x) (m) > 1", "without (...)"),
        ("avg by (x) (rate(m[5m])) > 1", "avg of rate over series"),
        ("max(sum by (x) (m)) > 1", "an aggregation of an aggregation"),
        ("topk(3, m) > 1", "topk over series"),
        (
            "histogram_quantile(0.9, sum by (le) (rate(b[5m]))) > 1",
            "the function histogram_quantile",
        ),
        ("deriv(m[5m]) > 1", "the function deriv"),
        ("irate(m[5m]) > 1", "the function irate"),
        ('{__name__=~"a.*"} > 1', "the metric must be named"),
        ('m{x=~"a.+b"} > 1', "only words"),
        ('m{x!~"a.*"} > 1', "only !~ of a plain word"),
        ('m{x="a" or y="b"} > 1', "matchers with or"),
        ("m > Inf", "finite"),
        ("predict_linear(m[1h], -5) < 0", "predict_linear needs"),
        ("absent(sum(m))", "absent of anything but"),
        ("a > 1 and ignoring (x) b > 1", "ignoring"),
        ("a > 1 and b", "no comparison"),
        ("max_over_time(m[90s]) > 1", "period must be a divisor of a minute"),
        ("max_over_time(m[2d]) > 1", "period"),
        ("rate(m[500ms]) > 1", "parts of a second"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_with_the_reason(expr: str, said: str) -> None:
    assert said in refusal(expr)


def test_recording_rules_are_refused_by_name() -> None:
    rule = "groups: [{name: g, rules: [{record: 'a:b', expr: 'sum(m)'}]}]"
    (refused,) = convert("prometheus", rule, ["instance"]).refused
    assert (refused.name, "recording rule" in refused.reason) == ("g/a:b", True)


def test_a_duration_that_is_none_is_refused() -> None:
    assert "for: soon is no duration" in refusal("m > 1", **{"for": "soon"})


def test_a_long_wait_has_longer_periods() -> None:
    (entry,) = one("m > 1", **{"for": "12h"}).alerts
    assert entry["period"] * entry["evaluation_periods"] >= 12 * 3600
    assert entry["evaluation_periods"] <= 288


def test_what_is_left_out_of_a_rule_is_noted() -> None:
    found = one(
        "m > 1",
        labels={"severity": "bananas", "host": "{{ $labels.instance }}"},
        annotations={"runbook_url": "http://wiki/x"},
    )
    text = "\n".join(found.notes)
    assert "severity bananas is not known" in text
    assert "label host is a template" in text
    assert "http://wiki/x is no https address" in text
    assert "labels" not in found.alerts[0]


@pytest.mark.parametrize("text", ["[", "a: 1", "groups: 5", "groups: [{rules: [{alert: x}]}]"])
def test_what_is_no_file_of_rules_says_so(text: str) -> None:
    with pytest.raises(Unreadable, match="no file of Prometheus rules"):
        convert("prometheus", text, ["instance"])
