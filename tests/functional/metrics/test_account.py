"""Usage and deletions through the whole function."""

from typing import Any

import pytest

from skafu.metrics.account.schemas import DeletionAnswer
from skafu.metrics.compaction.compactor import Compactor
from skafu.metrics.removal import Removal
from skafu.metrics.tenancy import Quotas, Tenancies, Tenancy, tenancy_attributes
from skafu.shared import keys, showings
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.showings import Showing
from skafu.shared.table import Update
from tests.support.claims import PERSON, machine_claims, person_claims
from tests.support.clocks import NOON
from tests.support.events import answer_headers, api_event, sample_event
from tests.support.log_lines import log_lines
from tests.support.metrics import TENANT, point
from tests.support.metrics_api import VIEWER, Function, problem

TODAY = NOON // DAY_MS * DAY_MS
YESTERDAY = TODAY - DAY_MS


@pytest.fixture
def function() -> Function:
    """A tenant that sent two metrics yesterday, compacted, and today's noon has come."""
    found = Function()
    noon = found.clock.now
    found.clock.now = YESTERDAY + HOUR_MS
    send(found, "cpu.load", 30, YESTERDAY + HOUR_MS)
    send(found, "disk/used", 10, YESTERDAY + HOUR_MS)
    found.clock.now = noon
    compactor = Compactor(found.table, found.clock, retention_ms=400 * DAY_MS)
    assert compactor.merge(TENANT, 0, YESTERDAY)
    send(found, "cpu.load", 30, noon)
    return found


def send(function: Function, metric: str, series: int, at: int) -> tuple[int, Any]:
    points = [point(metric, 1.0, timestamp=at, tags={"n": str(n)}) for n in range(series)]
    return function.post({"metrics": points})


def quota(function: Function, quotas: Quotas) -> None:
    attributes = tenancy_attributes(Tenancy(quotas))
    function.table.write(Update(keys.tenant_settings(TENANT), set=attributes))
    function.clock.advance(MINUTE_MS)


# --- usage ----------------------------------------------------------------------------------------


def test_usage_tells_days_metrics_and_quotas(function: Function) -> None:
    status, answer = function.call(sample_event("metrics.usage"))
    assert status == 200
    yesterday, today = answer["days"]
    assert (yesterday["day"], yesterday["points"], yesterday["complete"]) == (
        "2023-11-14",
        40,
        True,
    )
    assert yesterday["wru"] >= 2 and yesterday["bytes"] > 0 and 0 < yesterday["dollars"] < 0.001
    # Today's points are in buckets that are not sealed yet.
    assert (today["points"], today["complete"]) == (0, False)
    assert answer["counted_until"] == TODAY
    assert [(row["name"], row["points"]) for row in answer["metrics"]] == [
        ("cpu.load", 30),
        ("disk/used", 10),
    ]
    assert answer["quotas"] == {
        "active_series": {"limit": 100_000, "used": 0},
        "points_a_minute": {"limit": 1_000_000, "used": 0},
        "batch_points": {"limit": 10_000},
    }
    assert answer["cursor"] is None


def test_without_a_range_it_is_about_the_last_thirty_days(function: Function) -> None:
    status, answer = function.get("/api/metrics/usage", VIEWER)
    assert status == 200
    assert len(answer["days"]) == 31
    assert answer["days"][-1]["day"] == "2023-11-15"


def test_metrics_are_paged_with_those_that_cost_most_first(function: Function) -> None:
    _, first = function.get("/api/metrics/usage", limit="1")
    assert [row["name"] for row in first["metrics"]] == ["cpu.load"]
    _, second = function.get("/api/metrics/usage", limit="1", cursor=first["cursor"])
    assert [row["name"] for row in second["metrics"]] == ["disk/used"]
    assert second["cursor"] is None


def test_what_queries_read_is_counted_and_how_much_of_it_was_hot(function: Function) -> None:
    for _ in range(2):
        status, _ = function.get(
            "/api/metrics/query", metric="cpu.load", period="60", start=str(NOON), end=str(NOON + 1)
        )
        assert status == 200
        function.clock.advance(30_000)
    _, answer = function.get("/api/metrics/usage")
    assert answer["days"][-1]["rru"] > 0


def test_sending_points_leads_to_no_write_but_its_own(function: Function) -> None:
    before = set(function.table.items)
    for minute in range(5):
        function.clock.advance(MINUTE_MS)
        assert send(function, "cpu.load", 30, NOON + minute * MINUTE_MS)[0] == 202
    kinds = {keys.kind_of(key.pk) for key in set(function.table.items) - before}
    assert kinds == {"segments"}


def test_metrics_that_nobody_looks_at_are_listed(function: Function) -> None:
    function.clock.advance(20 * DAY_MS)
    start = str(function.clock.now - HOUR_MS)
    end = str(function.clock.now)
    function.get("/api/metrics/query", metric="cpu.load", period="60", start=start, end=end)
    function.clock.advance(15 * DAY_MS)
    _, answer = function.get("/api/metrics/usage", unused="true")
    assert [(row["name"], row["unused_since"]) for row in answer["metrics"]] == [
        ("disk/used", "2023-11-14")
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start": "yesterday"}, "start"),
        ({"end": "1.5"}, "end"),
        ({"start": str(NOON), "end": str(NOON)}, "start"),
        ({"start": "0"}, "start"),
        ({"end": str(NOON + 3 * DAY_MS)}, "end"),
        ({"unused": "maybe"}, "unused"),
        ({"limit": "0"}, "limit"),
        ({"days": "3"}, "days"),
    ],
)
def test_parameters_at_fault_are_named(
    function: Function, query: dict[str, str], field: str
) -> None:
    assert problem(function.get("/api/metrics/usage", **query)) == (400, [field])


# --- quotas ---------------------------------------------------------------------------------------


def test_too_many_points_a_minute_are_refused_with_the_time_to_wait(function: Function) -> None:
    quota(function, Quotas(points_a_minute=50))
    assert send(function, "cpu.load", 30, NOON)[0] == 202
    stored = function.stored()
    event = api_event(
        "POST",
        "/api/metrics",
        claims=machine_claims(),
        body={"metrics": [point("cpu.load", n) for n in range(21)]},
    )
    answer = function.raw(event)
    assert answer["statusCode"] == 429
    assert answer_headers(answer)["retry-after"] == "55"
    status, document = function.call(event)
    assert status == 429
    assert (document["type"], document["quota"], document["limit"], document["used"]) == (
        "/problems/quota-exceeded",
        "points_a_minute",
        50,
        30,
    )
    assert function.stored() == stored


def test_too_many_series_are_refused_and_known_ones_go_on(function: Function) -> None:
    quota(function, Quotas(active_series=35))
    assert send(function, "cpu.load", 30, NOON)[0] == 202
    stored = function.stored()
    status, document = send(function, "churn", 20, NOON)
    assert (status, document["quota"], document["limit"]) == (429, "active_series", 35)
    assert function.stored() == stored
    assert send(function, "cpu.load", 30, NOON + 1000)[0] == 202


# --- deletion -------------------------------------------------------------------------------------


def values(function: Function, asked: dict[str, str]) -> list[float]:
    _, answer = function.get("/api/metrics/query", **asked)
    found = [value for each in answer["results"][0]["series"] for value in each["values"]]
    return [value for value in found if value is not None]


def test_a_deleted_metric_is_hidden_at_once_and_removed_bit_by_bit(function: Function) -> None:
    asked = {"metric": "disk/used", "period": "60", "end": str(NOON), "start": str(YESTERDAY)}
    assert values(function, asked) == [1.0]

    answer = function.raw(sample_event("metrics.delete"))
    assert answer["statusCode"] == 202
    assert answer_headers(answer)["location"] == "/api/metrics/deletions/disk%2Fused"

    assert not values(function, asked)
    status, running = function.call(sample_event("metrics.deletion"))
    now = function.clock.now
    assert (status, running) == (
        200,
        {
            "metric": "disk/used",
            "until": now,
            "requested_by": PERSON,
            "state": "running",
            "removed": 0,
            "finished": None,
            "gone_by": now + 33 * DAY_MS,
            "dashboards": [],
        },
    )
    removal = Removal(function.table, function.clock, Tenancies(function.table, function.clock))
    assert removal.work(TENANT, lambda: 10**6)
    _, done = function.call(sample_event("metrics.deletion"))
    assert (done["state"], done["finished"]) == ("done", now)
    assert done["removed"] >= 2
    assert function.call(sample_event("metrics.deletions")) == (
        200,
        {"deletions": [done], "cursor": None},
    )


def test_points_that_come_after_a_deletion_are_found(function: Function) -> None:
    function.call(sample_event("metrics.delete"))
    function.clock.advance(MINUTE_MS)
    at = function.clock.now
    send(function, "disk/used", 10, at)
    send(function, "disk/used", 10, at - 2 * MINUTE_MS)
    _, answer = function.get(
        "/api/metrics/query",
        metric="disk/used",
        statistic="count",
        period="3600",
        start=str(NOON),
        end=str(NOON + HOUR_MS),
    )
    assert answer["results"][0]["series"][0]["values"] == [10.0]


def test_deletions_are_paged(function: Function) -> None:
    for metric in ("cpu.load", "disk%2Fused"):
        claims = person_claims()
        assert function.call(api_event("DELETE", f"/api/metrics/{metric}", claims=claims))[0] == 202
    _, first = function.get("/api/metrics/deletions", VIEWER, limit="1")
    assert [each["metric"] for each in first["deletions"]] == ["cpu.load"]
    _, second = function.get("/api/metrics/deletions", VIEWER, limit="1", cursor=first["cursor"])
    assert [each["metric"] for each in second["deletions"]] == ["disk/used"]
    assert second["cursor"] is None


@pytest.mark.parametrize("name", ["no.such.metric", "not%20a%20name", "1"])
def test_an_unknown_metric_cannot_be_deleted(function: Function, name: str) -> None:
    path = f"/api/metrics/{name}"
    assert problem(function.call(api_event("DELETE", path, claims=person_claims()))) == (404, [])
    path = f"/api/metrics/deletions/{name}"
    assert problem(function.call(api_event("GET", path, claims=person_claims()))) == (404, [])


def test_only_admins_delete(function: Function) -> None:
    event = api_event("DELETE", "/api/metrics/cpu.load", claims=person_claims(VIEWER))
    assert problem(function.call(event)) == (403, [])
    event = api_event("DELETE", "/api/metrics/cpu.load", claims=machine_claims())
    assert problem(function.call(event)) == (403, [])


def test_a_deletion_is_logged_with_who_asked_for_it(function: Function) -> None:
    with log_lines() as lines:
        function.call(sample_event("metrics.delete"))
    (line,) = [each for each in lines if each["message"] == "metric deleted"]
    assert (line["by"], line["until"]) == (PERSON, function.clock.now)


def test_a_deletion_names_the_dashboards_that_show_the_metric(function: Function) -> None:
    for name, metrics in (("b", ["disk/used"]), ("A", ["cpu.load", "disk/used"]), ("c", [])):
        function.table.write(showings.put(TENANT, Showing(f"id-{name}", name), metrics))
    function.table.write(showings.put("other", Showing("theirs", "theirs"), ["disk/used"]))
    expected = [{"id": "id-A", "name": "A"}, {"id": "id-b", "name": "b"}]

    _, answer = function.call(sample_event("metrics.delete"))

    assert answer["dashboards"] == expected
    assert DeletionAnswer.model_validate(answer)
    assert function.call(sample_event("metrics.deletion"))[1]["dashboards"] == expected
    _, listed = function.call(sample_event("metrics.deletions"))
    assert [each["dashboards"] for each in listed["deletions"]] == [expected]
