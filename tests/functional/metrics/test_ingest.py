"""POST /api/metrics: forms of points, and what is hard about them, up to the answer of a query."""

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from skafu.metrics.tenancy import Quotas, Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Check, Item, Put, Write
from tests.support.clocks import NOON
from tests.support.metrics import TENANT, point
from tests.support.metrics_api import Function, problem

BINS = {"values": [1.0, 2.0, 9.0], "counts": [1, 7, 2]}
FAR = (NOON - 30 * DAY_MS, NOON + 2 * HOUR_MS + BUCKET_MS)
"""The accepted range, by a clock at NOON."""


@pytest.fixture
def function() -> Function:
    return Function()


def asked(function: Function, statistic: str, start: int = NOON, minutes: int = 15) -> Any:
    """The whole answer to one query of one bucket, of a metric called m."""
    query = {"id": "a", "metric": "m", "statistic": statistic, "period": minutes * 60}
    body = {"start": start, "end": start + minutes * MINUTE_MS, "queries": [query]}
    status, answer = function.ask(body)
    assert status == 200, answer
    return answer


def value(function: Function, statistic: str, start: int = NOON, minutes: int = 15) -> Any:
    """The one value of such an answer; None where there is nothing."""
    answer = asked(function, statistic, start, minutes)
    assert not answer["warnings"]
    series = answer["results"][0]["series"]
    return series[0]["values"][0] if series else None


# --- many observations ----------------------------------------------------------------------------


def test_observations_are_counted_one_by_one(function: Function) -> None:
    body = {"metrics": [{"name": "m", "timestamp": NOON, **BINS}, point("m", 5.0, timestamp=NOON)]}
    assert function.post(body)[1]["accepted"] == 2
    assert value(function, "count") == 11
    assert value(function, "sum") == 38.0
    assert value(function, "max") == 9.0
    assert value(function, "p50") == 2.0


@pytest.mark.parametrize(
    "form",
    [
        {"histogram": {"bounds": [2.0, 4.0], "counts": [3, 0, 0]}},
        {"sketch": {"relative_accuracy": 0.01, "positive": {"0": 3}}},
        {"values": [1.0], "counts": [3]},
        {"statistics": {"sample_count": 3, "sum": 3.0, "minimum": 1.0, "maximum": 1.0}},
    ],
)
def test_every_form_of_three_ones_is_three_ones(function: Function, form: dict[str, Any]) -> None:
    assert function.post({"metrics": [{"name": "m", "timestamp": NOON, **form}]})[0] == 202
    assert value(function, "count") == 3
    assert value(function, "p90") == pytest.approx(1.0, rel=0.01)
    assert value(function, "avg") == pytest.approx(1.0, rel=0.01)


def test_what_a_statistic_set_does_not_tell_is_null(function: Function) -> None:
    some = {"sample_count": 3, "sum": 6.0, "minimum": 1.0, "maximum": 3.0}
    function.post({"metrics": [{"name": "m", "timestamp": NOON, "statistics": some}]})
    assert value(function, "avg") == 2.0
    assert asked(function, "p99")["results"][0]["series"] in (
        [],
        [{"tags": {}, "unit": None, "timestamps": [NOON], "values": [None]}],
    )


def test_two_forms_in_one_point_cost_only_that_point(function: Function) -> None:
    both = {"name": "m", "value": 1.0, **BINS}
    status, answer = function.post({"metrics": [both, point("m")]})
    assert (status, answer["accepted"]) == (202, 1)
    assert [(x["index"], x["field"]) for x in answer["rejected"]] == [(0, "values")]


# --- columns --------------------------------------------------------------------------------------


def test_what_an_answer_named_may_be_sent_as_columns(function: Function) -> None:
    batch = [point("m", 1.0, timestamp=NOON, tags={"host": host}) for host in ("b", "a")]
    status, answer = function.post({"metrics": batch})
    assert (status, answer["accepted"], answer["rejected"]) == (202, 2, [])
    columns = [
        {"layout": answer["layout"], "timestamp": NOON + 1, "values": [2.0, 3.0]},
        {"layout": answer["layout"], "timestamp": NOON + 2, "values": [4.0, None]},
    ]
    status, again = function.post({"columns": columns})
    assert (status, again) == (202, {"accepted": 3, "rejected": [], "layout": answer["layout"]})
    assert value(function, "sum") == 1.0 + 1.0 + 2.0 + 3.0 + 4.0


def test_an_unknown_layout_is_answered_so_that_the_points_come_in_full(function: Function) -> None:
    column = {"layout": "abcdefghijklmnop", "timestamp": NOON, "values": [1.0]}
    answer = function.post({"columns": [column]})
    assert problem(answer)[0] == 409
    assert answer[1]["type"] == "/problems/unknown-layout"
    assert answer[1]["layouts"] == ["abcdefghijklmnop"]
    assert not function.stored()


def test_an_unknown_layout_alarms_nobody(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.post({"columns": [{"layout": "abcdefghijklmnop", "values": [1.0]}]})
    assert "MissingLayouts" not in capsys.readouterr().out


# --- what is hard ---------------------------------------------------------------------------------


def zipped(body: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(body).encode())).decode()


def test_ten_thousand_series_go_in_at_once_and_then_as_columns(function: Function) -> None:
    batch = [
        point("m", float(n), timestamp=NOON, tags={"host": f"ip-10-{n % 100}", "n": f"{n}"})
        for n in range(10_000)
    ]
    status, answer = function.post(zipped({"metrics": batch}), base64=True)
    assert (status, answer["accepted"]) == (202, 10_000)
    assert len(function.stored()) == 1
    column = {"layout": answer["layout"], "timestamp": NOON + 1, "values": [1.5] * 10_000}
    assert function.post(zipped({"columns": [column]}), base64=True)[1]["accepted"] == 10_000
    assert value(function, "count") == 20_000
    assert value(function, "sum") == sum(range(10_000)) + 15_000.0


def test_churning_labels_cost_layouts_and_lose_nothing(function: Function) -> None:
    for n in range(60):
        batch = [point("m", 1.0, timestamp=NOON + n, tags={"pod": f"p{n}-{k}"}) for k in range(3)]
        assert function.post({"metrics": batch})[1]["accepted"] == 3
    assert value(function, "count") == 180


def test_points_of_one_time_are_all_kept_in_one_batch_and_in_two(function: Function) -> None:
    same = point("m", 2.0, timestamp=NOON)
    function.post({"metrics": [same, same, same | {"value": 3.0}]})
    function.post({"metrics": [same, point("other", timestamp=NOON)]})
    assert value(function, "count") == 4
    assert value(function, "sum") == 9.0


@pytest.mark.parametrize("off", [-10 * MINUTE_MS, 10 * MINUTE_MS])
def test_a_clock_ten_minutes_off_costs_nothing(function: Function, off: int) -> None:
    for minute in range(30):
        function.clock.now = NOON + minute * MINUTE_MS
        body = {"metrics": [point("m", 1.0, timestamp=function.clock.now + off)]}
        for _ in range(2):  # each is sent again
            assert function.post(body, request_id=f"r{minute}")[1]["accepted"] == 1
    function.clock.now = NOON + 2 * HOUR_MS
    assert value(function, "count", NOON // DAY_MS * DAY_MS, 1440) == 30


@pytest.mark.parametrize("off", [-10 * MINUTE_MS, 10 * MINUTE_MS])
def test_servers_whose_clocks_differ_store_a_retry_once(function: Function, off: int) -> None:
    body = {"metrics": [point("m", 1.0, timestamp=NOON + n * 5 * MINUTE_MS) for n in range(6)]}
    function.clock.now = NOON + 16 * MINUTE_MS
    function.post(body)
    function.clock.now += off
    function.post(body)
    function.clock.now = NOON + 20 * MINUTE_MS
    assert value(function, "count", NOON, 30) == 6


def test_points_on_the_edges_of_the_accepted_range(function: Function) -> None:
    function.clock.now = NOON
    stamps = [FAR[0] - 1, FAR[0], FAR[1] - 1, FAR[1]]
    status, answer = function.post({"metrics": [point("m", 1.0, timestamp=at) for at in stamps]})
    assert (status, answer["accepted"]) == (202, 2)
    assert [(x["index"], x["field"]) for x in answer["rejected"]] == [
        (0, "timestamp"),
        (3, "timestamp"),
    ]
    assert value(function, "count", FAR[0]) == 1
    assert value(function, "count", FAR[1] - BUCKET_MS) == 1


def test_a_request_that_dies_between_two_buckets_is_whole_after_its_retry(
    function: Function,
) -> None:
    batch = [point("m", 1.0, timestamp=NOON + n * BUCKET_MS) for n in range(3)]
    died = False

    def die(writes: Sequence[Write | Check]) -> None:
        nonlocal died
        for write in writes:
            item: Item = write.item if isinstance(write, Put) else {}
            if not died and item.get("k") == "segment" and function.stored():
                died = True
                raise Unavailable("the function has died")

    function.table.page_size = 1
    function.table.before_write = die
    first = function.post({"metrics": batch[:1]})
    assert first[0] == 202
    assert function.post({"metrics": batch})[0] == 503
    function.clock.advance(HOUR_MS)
    assert function.post({"metrics": batch})[0] == 202
    assert [value(function, "count", NOON + n * BUCKET_MS) for n in range(3)] == [2, 1, 1]


def tampered(function: Function, payload: bytes) -> None:
    """Put other bytes into the one segment that is stored."""
    (found,) = (item for item in function.table.items.values() if item["k"] == "segment")
    function.table.write(Put({**found, "p": payload}))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b"\x09 of a later time", "version 9 is not known"), (b"\x01\0\0\0\0\0more", "checksum")],
)
def test_a_segment_that_cannot_be_read_is_told_and_the_rest_is_answered(
    function: Function, payload: bytes, reason: str
) -> None:
    function.post({"metrics": [point("m", 1.0, timestamp=NOON)]})
    tampered(function, payload)
    function.post({"metrics": [point("m", 2.0, timestamp=NOON), point("n", timestamp=NOON)]})
    answer = asked(function, "sum")
    assert [series["values"] for series in answer["results"][0]["series"]] == [[2.0]]
    assert len(answer["warnings"]) == 1
    assert reason in answer["warnings"][0]


def test_a_tenants_quota_of_points_in_a_batch_is_named(function: Function) -> None:
    record = keys.tenant_settings(TENANT)._asdict() | {"k": "tenant"}
    tenancy = Tenancy(Quotas(batch_points=2))
    function.table.write(Put({**record, **tenancy_attributes(tenancy)}))
    answer = function.post({"metrics": [point("m", timestamp=NOON + n) for n in range(3)]})
    assert problem(answer) == (413, ["metrics"])
    assert "batch_points" in answer[1]["errors"][0]["reason"]


def test_a_counter_stays_one_in_columns(function: Function) -> None:
    body = {"metrics": [point("m", 5.0, timestamp=NOON, type="counter")]}
    layout = function.post(body)[1]["layout"]
    column = {"layout": layout, "timestamp": NOON + MINUTE_MS, "values": [8.0]}
    assert function.post({"columns": [column]})[0] == 202
    found = function.table.get(keys.layout(TENANT, layout))
    assert found is not None and isinstance(found["p"], bytes)
    assert found["p"][0] == 2
    assert value(function, "increase") == 3.0
