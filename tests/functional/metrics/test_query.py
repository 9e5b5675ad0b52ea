"""GET and POST /api/metrics/query: requests in, answers and refusals out."""

from dataclasses import replace
from typing import Any

import pytest

from skafu.metrics.api import build
from tests.support.claims import OTHER_PERSON, PERSON, person_claims
from tests.support.clocks import NOON
from tests.support.events import answer_json, api_event, lambda_context
from tests.support.metrics import point
from tests.support.metrics_api import SETTINGS, Function, problem


@pytest.fixture
def function() -> Function:
    return Function()


GOOD = {"metric": "cpu.load", "period": "60", "start": str(NOON), "end": str(NOON + 60_000)}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"metric": "a b"}, ["metric"]),
        ({"statistic": "median"}, ["statistic"]),
        ({"statistic": "p101"}, ["statistic"]),
        ({"period": "0"}, ["period"]),
        ({"period": "1.5"}, ["period"]),
        ({"period": "39312001"}, ["period"]),
        ({"start": "yesterday"}, ["start"]),
        ({"end": "2023-11-15T12:00:00"}, ["end"]),
        ({"filter": "host"}, ["filter"]),
        ({"filter": f"host={'v' * 257}"}, ["filter"]),
        ({"group_by": ""}, ["group_by"]),
        ({"expression": "a*2"}, ["expression"]),
        ({"hidden": "true"}, ["hidden"]),
        ({"unit": "Furlongs"}, ["unit"]),
        ({"fill": "one"}, ["fill"]),
        ({"max_points": "1"}, ["max_points"]),
        ({"max_points": "many"}, ["max_points"]),
        ({"time_zone": ""}, ["time_zone"]),
        ({"limit": "501"}, ["limit"]),
        ({"limit": "10", "cursor": "nonsense"}, ["cursor"]),
        ({"period": "x", "start": "y"}, ["start", "period"]),
    ],
)
def test_query_parameters_at_fault_are_named(
    function: Function, change: dict[str, str], fields: list[str]
) -> None:
    assert problem(function.get("/api/metrics/query", **GOOD | change)) == (400, fields)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end": str(NOON)}, "end"),
        ({"start": "-1"}, "end"),
        ({"start": str(NOON - 456 * 86_400_000), "period": "86400"}, "start"),
        ({"start": str(NOON - 33 * 86_400_000)}, "period"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"start": str(NOON - 30 * 86_400_000), "period": "1"}, "queries"),
    ],
)
def test_ranges_beyond_a_limit_are_unprocessable(
    function: Function, change: dict[str, str], field: str
) -> None:
    assert problem(function.get("/api/metrics/query", **GOOD | change)) == (422, [field])


QUERY = {"id": "a", "metric": "cpu.load", "period": 60}
EXPRESSION = {"id": "b", "expression": "a * 2"}
BODY = {"start": NOON, "end": NOON + 60_000, "queries": [QUERY]}


def filtered(op: str, value: object) -> dict[str, Any]:
    conditions = [{"tag": "a", "op": op, "value": value}]
    return BODY | {"queries": [QUERY | {"statistic": "sum", "filters": conditions}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{", (400, [])),
        ("[]", (400, [])),
        ({}, (422, ["start", "end", "queries"])),
        (BODY | {"queries": []}, (422, ["queries"])),
        (BODY | {"queries": [QUERY] * 2}, (422, ["queries"])),
        (BODY | {"limit": 0}, (422, ["limit"])),
        (BODY | {"pages": 5}, (422, ["pages"])),
        (BODY | {"max_points": True}, (422, ["max_points"])),
        (BODY | {"max_points": 10.0}, (422, ["max_points"])),
        (BODY | {"cursor": "abc"}, (422, ["cursor"])),
        (BODY | {"queries": [QUERY | {"hidden": True}]}, (422, ["queries"])),
        (BODY | {"queries": [QUERY | {"hidden": 1}]}, (422, ["queries.0.hidden"])),
        (BODY | {"queries": [QUERY | {"id": "sum"}]}, (422, ["queries.0.id"])),
        (BODY | {"start": True}, (422, ["start"])),
        (BODY | {"queries": [QUERY | {"id": "1"}]}, (422, ["queries.0.id"])),
        (BODY | {"queries": [QUERY | {"period": True}]}, (422, ["queries.0.period"])),
        (BODY | {"queries": [QUERY | {"period": 0.5}]}, (422, ["queries.0.period"])),
        (BODY | {"queries": [QUERY | {"statistic": "p100.1"}]}, (422, ["queries.0.statistic"])),
        (BODY | {"queries": [{"id": "b", "period": 60}]}, (422, ["queries.0.metric"])),
        (BODY | {"queries": [QUERY | {"period": None}]}, (422, ["queries.0.period"])),
        (BODY | {"queries": [QUERY, EXPRESSION | {"period": 60}]}, (422, ["queries.1.period"])),
        (BODY | {"queries": [QUERY, EXPRESSION | {"metric": "m"}]}, (422, ["queries.1.metric"])),
        (
            BODY | {"queries": [QUERY, EXPRESSION | {"expression": ""}]},
            (422, ["queries.1.expression"]),
        ),
        (
            BODY | {"queries": [QUERY, EXPRESSION | {"expression": "a +"}]},
            (422, ["queries.1.expression"]),
        ),
        (filtered("in", "b"), (422, ["queries.0.filters.0.value"])),
        (filtered("in", []), (422, ["queries.0.filters.0.value"])),
        (filtered("in", ["b", 1]), (422, ["queries.0.filters.0.value"])),
        (filtered("exists", "true"), (422, ["queries.0.filters.0.value"])),
        (filtered("=", True), (422, ["queries.0.filters.0.value"])),
        (filtered("prefix", ["b"]), (422, ["queries.0.filters.0.value"])),
        (filtered("like", "b"), (422, ["queries.0.filters.0.op"])),
        (filtered("=", "v" * 257), (422, ["queries.0.filters.0.value"])),
    ],
)
def test_query_fields_at_fault_are_named(
    function: Function, body: object, expected: tuple[int, list[str]]
) -> None:
    assert problem(function.ask(body)) == expected


def test_a_viewer_may_ask(function: Function) -> None:
    function.post({"metrics": [point(timestamp=NOON)]})
    status, answer = function.ask(BODY)
    assert status == 200
    assert answer["results"][0]["series"][0]["values"] == [1.0]


def test_filters_of_a_query_string_may_hold_any_value(function: Function) -> None:
    function.post({"metrics": [point(timestamp=NOON, tags={"path": "/a?b=c#!"})]})
    for text, found in (("path=/a?b=c#!", 1), ("path!=/a?b=c#!", 0), ("zone!=b", 1)):
        answer = function.get("/api/metrics/query", **GOOD, filter=text)[1]
        assert len(answer["results"][0]["series"]) == found


def test_filters_of_a_body_have_more_operators(function: Function) -> None:
    function.post({"metrics": [point(timestamp=NOON, tags={"a": x} if x else {}) for x in TAGS]})
    for op, value, found in (
        ("in", ["web-1", "db", "zz"], 2),
        ("prefix", "web", 2),
        ("exists", True, 3),
        ("exists", False, 1),
        ("=", "db", 1),
        ("!=", "db", 3),
    ):
        answer = function.ask(filtered(op, value))[1]
        assert sum(answer["results"][0]["series"][0]["values"]) == found, op


TAGS = ("web-1", "web-2", "db", None)


def test_a_query_string_asks_for_all_that_one_query_can(function: Function) -> None:
    function.post(
        {
            "metrics": [
                point("bytes", 1000.0 * n, timestamp=NOON - n * 60_000, unit="Bytes", tags={"h": h})
                for n in (1, 3)
                for h in "ab"
            ]
        }
    )
    query = {"metric": "bytes", "statistic": "sum", "group_by": "h", "fill": "previous"}
    query |= {"start": str(NOON - 240_000), "end": str(NOON), "max_points": "4"}
    query |= {"time_zone": "Europe/Berlin", "unit": "Kilobytes", "limit": "1"}
    status, page = function.get("/api/metrics/query", **query)
    assert status == 200
    (result,) = page["results"]
    assert (result["period"], result["resolution"]) == (60, "raw")
    assert [(line["tags"], line["unit"], line["values"]) for line in result["series"]] == [
        ({"h": "a"}, "Kilobytes", [None, 3.0, 3.0, 1.0])
    ]
    status, rest = function.get("/api/metrics/query", **query, cursor=page["cursor"])
    assert [line["tags"] for line in rest["results"][0]["series"]] == [{"h": "b"}]
    assert rest["cursor"] is None


def test_a_cursor_belongs_to_its_tenant_and_its_query(function: Function) -> None:
    function.post({"metrics": [point(timestamp=NOON, tags={"h": str(n)}) for n in range(3)]})
    body = BODY | {"queries": [QUERY | {"group_by": ["h"]}], "limit": 2}
    cursor = function.ask(body)[1]["cursor"]
    assert function.ask(body | {"cursor": cursor, "limit": 1})[0] == 200
    for change in ({"end": NOON + 1}, {"time_zone": "UTC"}, {"queries": [QUERY]}):
        assert problem(function.ask(body | {"cursor": cursor} | change)) == (400, ["cursor"])
    claims = person_claims(OTHER_PERSON)
    event = api_event("POST", "/api/metrics/query", claims=claims, body=body | {"cursor": cursor})
    assert problem(function.call(event)) == (400, ["cursor"])


def test_errors_of_a_query_string_name_its_parameters(function: Function) -> None:
    function.post(
        {
            "metrics": [
                point(timestamp=NOON, unit=unit, tags={"h": unit}) for unit in ("Percent", "Bytes")
            ]
        }
    )
    status, document = function.get("/api/metrics/query", **GOOD)
    assert problem((status, document)) == (422, ["unit"])
    assert "Bytes, Percent" in document["detail"]
    without = {name: value for name, value in GOOD.items() if name != "period"}
    assert problem(function.get("/api/metrics/query", **without)) == (422, ["period"])


def test_expressions_are_answered_and_hidden_queries_are_not(function: Function) -> None:
    function.post({"metrics": [point(timestamp=NOON, value=3.0)]})
    queries = [QUERY | {"hidden": True}, EXPRESSION | {"expression": "a * 2 + a"}]
    status, answer = function.ask(BODY | {"queries": queries})
    assert status == 200
    assert [(each["id"], each["series"][0]["values"]) for each in answer["results"]] == [
        ("b", [9.0])
    ]


def test_the_environment_says_how_long_metrics_are_kept(function: Function) -> None:
    old = {"start": NOON - 100 * 86_400_000, "end": NOON, "max_points": 100}
    body = old | {"queries": [{"id": "a", "metric": "cpu.load"}]}
    assert not function.ask(body)[1]["warnings"]
    settings = replace(SETTINGS, metric_retention_days=90)
    event = api_event("POST", "/api/metrics/query", claims=person_claims(PERSON), body=body)
    answer = build(settings, function.table, function.clock)(event, lambda_context("Metrics"))
    assert answer_json(answer)["warnings"] == [
        "metrics are kept for 90 days: older ones may be missing"
    ]
