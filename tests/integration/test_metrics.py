"""Points in by the gateway, out by queries."""

import gzip
import json
from typing import Any

from local.api import Api
from tests.integration.system import System, now_ms, point, send, unique

MINUTE = 60_000
LARGEST_REQUEST = 6 * 1024 * 1024


def query(api: Api, metric: str, statistic: str, start: int, end: int, **more: object) -> list[Any]:
    """The series of one query over whole minutes."""
    asked = {"id": "a", "metric": metric, "statistic": statistic, "period": 60, **more}
    answer = api.ask("POST", "/api/metrics/query", {"start": start, "end": end, "queries": [asked]})
    return list(answer["results"][0]["series"])


def minute_before_last() -> int:
    """A minute that is over, in an open 15-minute bucket or the one before."""
    return now_ms() // MINUTE * MINUTE - 2 * MINUTE


def test_what_was_sent_is_what_a_query_answers(machine: Api, viewer: Api) -> None:
    metric, start = unique("read.back"), minute_before_last()
    send(
        machine,
        point(metric, 1.5, start, host="a"),
        point(metric, 2.5, start + 30_000, host="a"),
        point(metric, 8.0, start + MINUTE, host="b"),
    )
    series = query(viewer, metric, "avg", start, start + 2 * MINUTE, group_by=["host"])
    found = {each["tags"]["host"]: each for each in series}
    stamps = [start, start + MINUTE]
    for host, values in (("a", [2.0, None]), ("b", [None, 8.0])):
        wanted = {"tags": {"host": host}, "unit": None, "timestamps": stamps, "values": values}
        assert found[host] == wanted
    [total] = query(viewer, metric, "sum", start, start + 2 * MINUTE)
    assert total["values"] == [4.0, 8.0]


def test_the_same_query_as_a_get(machine: Api) -> None:
    metric, start = unique("get"), minute_before_last()
    send(machine, point(metric, 3, start), point(metric, 5, start + 1))
    answer = machine.ask(
        "GET",
        "/api/metrics/query",
        metric=metric,
        statistic="max",
        period=60,
        start=start,
        end=start + MINUTE,
    )
    assert answer["results"][0]["series"][0]["values"] == [5.0]


def test_a_metric_is_listed_once_it_was_sent(machine: Api) -> None:
    metric = unique("listed")
    send(machine, point(metric, 1, now_ms(), zone="x"))
    names = machine.ask("GET", "/api/metrics", prefix=metric)["metrics"]
    assert [each["name"] for each in names] == [metric]
    series = machine.ask("GET", "/api/metrics/series", metric=metric)["series"]
    assert [each["tags"] for each in series] == [{"zone": "x"}]


def test_bad_points_are_listed_and_good_ones_kept(machine: Api) -> None:
    metric, start = unique("partial"), minute_before_last()
    points = [
        point(metric, 1, start),
        {**point(metric, 1, start), "value": "NaN"},
        point(metric, 1, start + 100 * 24 * 60 * MINUTE),
        point("9 is no name", 1, start),
        point(metric, 3, start + 1),
    ]
    answer = machine.call("POST", "/api/metrics", {"metrics": points})
    assert answer.status == 202
    said = answer.json()
    assert said["accepted"] == 2
    assert [each["index"] for each in said["rejected"]] == [1, 2, 3]
    assert all(each["field"] and each["reason"] for each in said["rejected"])
    assert query(machine, metric, "sum", start, start + MINUTE)[0]["values"] == [4.0]


def test_a_batch_without_a_good_point_is_refused_with_the_same_list(machine: Api) -> None:
    points = [{**point(unique("none"), 1, now_ms()), "value": None}]
    answer = machine.call("POST", "/api/metrics", {"metrics": points})
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["index"] for each in answer.json()["rejected"]] == [0]


def test_the_same_request_twice_is_stored_once(machine: Api) -> None:
    metric, start = unique("twice"), minute_before_last()
    points = [point(metric, 7, start + offset) for offset in range(5)]
    for _ in range(2):
        send(machine, *points, key=metric)
    assert query(machine, metric, "count", start, start + MINUTE)[0]["values"] == [5]


def test_a_compressed_body_is_inflated_on_the_way(system: System) -> None:
    metric, start = unique("gzip"), minute_before_last()
    body = gzip.compress(json.dumps({"metrics": [point(metric, 2, start)]}).encode())
    token = system.machine().token()
    answer = system.raw(
        "POST",
        "/api/metrics",
        body,
        Authorization=token,
        Content_Type="application/json",
        Content_Encoding="gzip",
    )
    assert answer.status == 202, answer
    assert query(system.machine(), metric, "sum", start, start + MINUTE)[0]["values"] == [2.0]


def test_bodies_that_cannot_be_read_are_problem_documents(system: System) -> None:
    token = system.machine().token()
    too_many = json.dumps({"metrics": [point("m", 1, now_ms())] * 10_001}).encode()
    cases = {
        b"{": 400,
        b"[]": 400,
        json.dumps({"metrics": []}).encode(): 422,
        json.dumps({"metrics": [], "extra": 1}).encode(): 422,
        too_many: 413,
        b" " * LARGEST_REQUEST: 413,
    }
    for body, status in cases.items():
        answer = system.raw("POST", "/api/metrics", body, Authorization=token)
        assert answer.headers["content-type"] == "application/problem+json", body[:50]
        assert (answer.status, answer.json()["status"]) == (status, status), body[:50]


def test_a_bomb_does_not_go_off(system: System) -> None:
    bomb = gzip.compress(b" " * 100_000_000)
    token = system.machine().token()
    answer = system.raw("POST", "/api/metrics", bomb, Authorization=token, Content_Encoding="gzip")
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_tenant_sees_nothing_of_it(machine: Api, outsider: Api) -> None:
    metric, start = unique("private"), minute_before_last()
    send(machine, point(metric, 1, start))
    assert query(machine, metric, "count", start, start + MINUTE)[0]["values"] == [1]
    assert not query(outsider, metric, "count", start, start + MINUTE)
    assert not outsider.ask("GET", "/api/metrics", prefix=metric)["metrics"]
