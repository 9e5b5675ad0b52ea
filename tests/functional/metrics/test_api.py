"""The metrics function as it is composed, on a table in memory: events in, answers out."""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.claims import OTHER_PERSON, machine_claims, person_claims
from tests.support.clocks import NOON
from tests.support.events import (
    answer_headers,
    api_event,
    lambda_context,
    sample_event,
)
from tests.support.metrics import point
from tests.support.metrics_api import VIEWER, Function, problem


@pytest.fixture
def function() -> Function:
    return Function()


# --- sending points -------------------------------------------------------------------------------


def test_points_go_in_and_come_back_as_the_console_asks_for_them(function: Function) -> None:
    status, answer = function.call(sample_event("metrics.post"))
    assert (status, answer["accepted"], answer["rejected"]) == (202, 4, [])
    status, answer = function.call(sample_event("metrics.query-get"))
    assert status == 200
    stamps = [NOON, NOON + 60_000, NOON + 120_000]
    assert answer == {
        "results": [
            {
                "id": "a",
                "period": 60,
                "resolution": "raw",
                "series": [
                    {
                        "tags": {"host": "a"},
                        "unit": "Percent",
                        "timestamps": stamps,
                        "values": [0.42, 0.5, None],
                    },
                    {
                        "tags": {"host": "b"},
                        "unit": "Percent",
                        "timestamps": stamps,
                        "values": [1.5, None, None],
                    },
                ],
            }
        ],
        "warnings": [],
        "cursor": None,
    }


def test_several_queries_are_answered_at_once(function: Function) -> None:
    function.call(sample_event("metrics.post-gzip"))
    status, answer = function.call(sample_event("metrics.query-post"))
    assert status == 200
    load, memory = answer["results"]
    assert (load["id"], memory["id"]) == ("load", "memory")
    assert load["series"][0]["values"] == [0.42, 0.5, None]
    assert memory["series"] == [
        {"tags": {}, "unit": "Bytes", "timestamps": [NOON], "values": [8589934592.0]}
    ]


def test_metrics_and_series_are_listed(function: Function) -> None:
    function.call(sample_event("metrics.post"))
    assert function.call(sample_event("metrics.list")) == (
        200,
        {
            "metrics": [
                {
                    "name": "cpu.load",
                    "unit": "Percent",
                    "series": 1,
                    "last_seen": NOON + 60_000,
                    "complete": True,
                }
            ],
            "cursor": None,
        },
    )
    assert function.call(sample_event("metrics.series")) == (
        200,
        {
            "series": [
                {"metric": "cpu.load", "tags": {"host": "a"}, "last_seen": NOON + 60_000},
                {"metric": "cpu.load", "tags": {"host": "b"}, "last_seen": NOON},
            ],
            "complete": True,
            "cursor": None,
        },
    )


def test_tags_and_their_values_are_counted(function: Function) -> None:
    function.call(sample_event("metrics.post"))
    asked = {"metric": "cpu.load", "start": str(NOON - 1), "end": "2023-11-15T13:00:00Z"}

    def ask(path: str, **changed: str) -> tuple[int, Any]:
        query = {**asked, **changed}
        return function.call(api_event("GET", path, query=query, claims=person_claims()))

    assert ask("/api/metrics/tags") == (
        200,
        {"tags": [{"key": "host", "series": 2, "values": 2}], "complete": True, "cursor": None},
    )
    status, answer = ask("/api/metrics/tags/host")
    assert status == 200
    assert answer["values"] == [{"value": "a", "series": 1}, {"value": "b", "series": 1}]
    assert ask("/api/metrics/tags/h%6Fst", prefix="b")[1]["values"] == answer["values"][1:]
    for name, wrong in (("start", "x"), ("start", "9" * 15), ("end", "1"), ("metric", "#")):
        status, answer = ask("/api/metrics/tags", **{name: wrong})
        assert (status, answer["errors"][0]["field"]) == (400, name)


def test_the_same_request_twice_is_stored_once(function: Function) -> None:
    function.call(sample_event("metrics.post"))
    stored = function.stored()
    function.clock.advance(3_600_000)
    assert function.call(sample_event("metrics.post"))[0] == 202
    assert len(stored) == 1
    # An hour later the bucket has been left: the retry writes late, under the same name.
    parts = [sorted(name.split("#")) for name in function.stored()]
    assert parts == [sorted(stored[0].split("#"))] * 2
    _, answer = function.call(sample_event("metrics.query-post"))
    assert answer["results"][0]["series"][0]["values"] == [0.42, 0.5, None]


def test_gzip_is_recognised_without_its_header_and_is_the_same_request(function: Function) -> None:
    event = sample_event("metrics.post-gzip")
    plain = gzip.decompress(base64.b64decode(event["body"])).decode()
    del event["headers"]["Content-Encoding"], event["multiValueHeaders"]["Content-Encoding"]
    assert function.call(event)[0] == 202
    assert function.post(plain)[0] == 202
    assert len(function.stored()) == 1


def test_good_points_are_stored_and_bad_ones_listed(function: Function) -> None:
    body = '{"metrics": [%s, {"name": "b", "value": NaN}, {"name": "c"}]}' % json.dumps(point())
    status, answer = function.post(body)
    assert status == 202
    assert answer["accepted"] == 1
    assert answer["rejected"] == [
        {
            "index": 1,
            "field": "value",
            "reason": "must be finite: NaN and infinities cannot be stored",
        },
        {"index": 2, "field": "value", "reason": "must be a number"},
    ]


def test_without_a_good_point_the_list_is_in_the_problem(function: Function) -> None:
    answer = function.post({"metrics": [point(value=True), point(timestamp=1)]})
    assert problem(answer) == (422, ["metrics.0.value", "metrics.1.timestamp"])
    assert [each["index"] for each in answer[1]["rejected"]] == [0, 1]
    assert not function.stored()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, (400, ["body"])),
        ("{not json", (400, ["body"])),
        ("[]", (400, ["metrics"])),
        ({}, (422, ["metrics"])),
        ({"metrics": []}, (422, ["metrics"])),
        ({"metrics": [point()], "metric": 1}, (422, ["metric"])),
        ({"metrics": [point()] * 10_001}, (413, ["metrics"])),
        (" " * 4 * 1024 * 1024 + "{}", (413, [])),
    ],
)
def test_what_is_wrong_with_the_whole_is_a_problem(
    function: Function, body: object, expected: tuple[int, list[str]]
) -> None:
    status, fields = problem(function.post(body))
    assert status == expected[0]
    assert fields == expected[1] or not expected[1]
    assert not function.stored()


def test_a_gzip_bomb_is_too_large(function: Function) -> None:
    bomb = base64.b64encode(gzip.compress(bytes(50_000_000))).decode()
    assert problem(function.post(bomb, base64=True))[0] == 413


def test_who_may_not_send_is_told_so(function: Function) -> None:
    event = api_event(
        "POST", "/api/metrics", claims=person_claims(VIEWER), body={"metrics": [point()]}
    )
    assert problem(function.call(event))[0] == 403
    unknown = machine_claims("6unknownclient000000000000")
    assert problem(function.post({"metrics": [point()]}, claims=unknown))[0] == 403
    assert problem(function.post({"metrics": [point()]}, claims=None))[0] == 401
    assert not function.stored()


def test_a_table_that_is_down_is_503_and_a_retry_is_safe(function: Function) -> None:
    assert function.post({"metrics": [point(timestamp=NOON)]})[0] == 202
    function.table.down = True
    event = api_event(
        "POST",
        "/api/metrics",
        claims=machine_claims(),
        body={"metrics": [point("other", timestamp=NOON)]},
    )
    answer = build_answer(function, event)
    assert answer["statusCode"] == 503
    assert int(answer_headers(answer)["retry-after"]) >= 1
    assert problem(function.get("/api/metrics"))[0] == 503
    function.table.down = False
    assert function.call(event)[0] == 202
    assert len(function.stored()) == 2


def build_answer(function: Function, event: dict[str, Any]) -> Mapping[str, Any]:
    """The whole answer, headers too."""
    answer: Mapping[str, Any] = function._handler(  # pylint: disable=protected-access # its owner
        event, lambda_context("MetricsFunction")
    )
    return answer


def test_tenants_do_not_see_each_other(function: Function) -> None:
    function.post({"metrics": [point(timestamp=NOON)]})
    query = {"metric": "cpu.load", "period": "60", "start": str(NOON), "end": str(NOON + 1)}
    assert function.get("/api/metrics/query", **query)[1]["results"][0]["series"]
    assert not function.get("/api/metrics/query", OTHER_PERSON, **query)[1]["results"][0]["series"]
    assert not function.get("/api/metrics", OTHER_PERSON)[1]["metrics"]
    found = function.get("/api/metrics/series", OTHER_PERSON, metric="cpu.load")[1]
    assert not found["series"]


# --- lists ----------------------------------------------------------------------------------------


def test_lists_page_by_cursors_that_belong_to_their_query(function: Function) -> None:
    function.post({"metrics": [point(f"m{n}", tags={"host": f"h{n}"}) for n in range(5)]})
    status, first = function.get("/api/metrics", limit="2")
    assert status == 200
    _, rest = function.get("/api/metrics", limit="1000", cursor=first["cursor"])
    assert [m["name"] for m in first["metrics"] + rest["metrics"]] == [f"m{n}" for n in range(5)]
    assert rest["cursor"] is None
    for wrong in ({"prefix": "m"}, {"filter": "host=h1"}):
        answer = function.get("/api/metrics", cursor=first["cursor"], **wrong)
        assert problem(answer) == (400, ["cursor"])
    answer = function.get("/api/metrics/series", metric="m1", cursor=first["cursor"])
    assert problem(answer) == (400, ["cursor"])


def test_series_page_by_cursors(function: Function) -> None:
    function.post({"metrics": [point(tags={"host": f"h{n}"}) for n in range(5)]})
    found, cursor = [], None
    while True:
        query: dict[str, Any] = {"metric": "cpu.load", "limit": "2"}
        query |= {"cursor": cursor} if cursor else {}
        page = function.get("/api/metrics/series", **query)[1]
        found += [row["tags"]["host"] for row in page["series"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == [f"h{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("path", "query", "fields"),
    [
        ("/api/metrics", {"limit": "0"}, ["limit"]),
        ("/api/metrics", {"limit": "1001"}, ["limit"]),
        ("/api/metrics", {"name": "x"}, ["name"]),
        ("/api/metrics", {"filter": "host"}, ["filter"]),
        ("/api/metrics", {"filter": "=a"}, ["filter"]),
        ("/api/metrics", {"filter": "!=a"}, ["filter"]),
        ("/api/metrics", {"prefix": ["a", "b"]}, ["prefix"]),
        ("/api/metrics/series", {}, ["metric"]),
        ("/api/metrics/series", {"metric": "a b"}, ["metric"]),
    ],
)
def test_list_parameters_at_fault_are_named(
    function: Function, path: str, query: dict[str, Any], fields: list[str]
) -> None:
    assert problem(function.get(path, **query)) == (400, fields)
