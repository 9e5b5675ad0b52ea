"""Each kind of fault that a version may have, planted: a check of it fails, and says why."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from skafu.canary.calls import Function
from skafu.canary.checks import LIMIT_MS, Result, examine
from skafu.canary.examination import FUNCTIONS, checks_of
from tests.support.canary import ReleaseInMemory

type Event = dict[str, Any]
type Fault = Callable[[Function, Event], Any]


def examined(function: str, fault: Fault, release: ReleaseInMemory | None = None) -> list[Result]:
    """The results of a function's checks when it has a fault."""
    release = release or ReleaseInMemory()
    good = release.functions[function]

    def faulty(event: Mapping[str, Any]) -> Any:
        return fault(good, json.loads(json.dumps(event)))

    functions: dict[str, Function] = {**release.functions, function: faulty}
    scene = release.scene(functions=functions)
    checks = checks_of(function, scene, functions, release.stored)
    return list(examine(checks, release.clock))


def failures(results: list[Result]) -> dict[str, str]:
    return {each.name: each.detail for each in results if not each.passed}


def answer(status: int, body: object) -> Event:
    return {"statusCode": status, "body": json.dumps(body), "multiValueHeaders": {}}


def is_call(event: Event, method: str, path: str) -> bool:
    return bool(event["httpMethod"] == method and event["path"].startswith(path))


# --- faults of any function -----------------------------------------------------------------------


def crash(_: Function, __: Event) -> Any:
    raise RuntimeError("No module named 'skafu.gone'")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_crashes_fails_every_check(function: str) -> None:
    results = examined(function, crash)
    assert results
    assert not any(each.passed for each in results)
    assert all("skafu.gone" in each.detail for each in results)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_answers_something_else_fails(function: str) -> None:
    assert failures(examined(function, lambda _, __: {"message": "hello"}))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_is_slow_fails(function: str) -> None:
    release = ReleaseInMemory()

    def slow(good: Function, event: Event) -> Any:
        release.clock.advance(LIMIT_MS + 1)
        return good(event)

    assert any("are allowed" in x for x in failures(examined(function, slow, release)).values())


APIS = ("MetricsFunction", "AlertsFunction", "WorkspaceFunction")


@pytest.mark.parametrize("function", APIS)
def test_an_api_that_answers_500_fails_every_check(function: str) -> None:
    results = examined(function, lambda _, __: answer(500, {"detail": "surprise"}))
    assert not any(each.passed for each in results)
    assert all("500 Internal Server Error" in each.detail for each in results)


@pytest.mark.parametrize("function", APIS)
def test_an_api_that_lets_everybody_in_fails(function: str) -> None:
    def open_to_all(good: Function, event: Event) -> Any:
        said = good(event)
        return answer(200, {}) if said["statusCode"] in (401, 403) else said

    refusals = f"{function.removesuffix('Function').lower()}.refusals"
    assert set(failures(examined(function, open_to_all))) == {refusals}


@pytest.mark.parametrize("function", APIS)
def test_an_api_that_is_busy_once_passes(function: str) -> None:
    asked: list[Event] = []

    def busy(good: Function, event: Event) -> Any:
        asked.append(event)
        return answer(503, {"detail": "try again"}) if len(asked) == 1 else good(event)

    assert not failures(examined(function, busy))


# --- points ---------------------------------------------------------------------------------------


def test_a_value_that_comes_back_otherwise_is_seen() -> None:
    def rounded(good: Function, event: Event) -> Any:
        said = good(event)
        if "/query" in event["path"] and said["statusCode"] == 200:
            body = json.loads(said["body"])
            for series in (s for result in body["results"] for s in result["series"]):
                series["values"] = [x and float(f"{x:.9g}") for x in series["values"]]
            said["body"] = json.dumps(body)
        return said

    assert "metrics.read_back" in failures(examined("MetricsFunction", rounded))


def test_a_write_that_is_acknowledged_and_lost_is_seen() -> None:
    def lossy(good: Function, event: Event) -> Any:
        if is_call(event, "POST", "/api/metrics") and event["path"] == "/api/metrics":
            said = good({**event, "path": "/api/metrics/query", "resource": "/api/metrics/query"})
            accepted = answer(202, {"accepted": 1, "rejected": [], "layout": "a"})
            return said if said["statusCode"] in (401, 403) else accepted
        return good(event)

    told = failures(examined("MetricsFunction", lossy))
    assert "found were {'sum': [], 'count': []}" in told["metrics.read_back"]
    assert "metrics.stored_once" in told


def test_a_retry_that_is_stored_again_is_seen() -> None:
    numbers = iter(range(100))

    def forgetful(good: Function, event: Event) -> Any:
        if "Idempotency-Key" in event["headers"]:
            key = f"another-{next(numbers)}"
            event["headers"]["Idempotency-Key"] = key
            event["multiValueHeaders"]["Idempotency-Key"] = [key]
        return good(event)

    told = failures(examined("MetricsFunction", forgetful))
    assert set(told) == {"metrics.stored_once"}
    assert "'count': [3.0]" in told["metrics.stored_once"]


def test_a_bad_point_that_costs_a_good_one_is_seen() -> None:
    def strict(good: Function, event: Event) -> Any:
        said = good(event)
        body = json.loads(said["body"])
        return answer(422, body) if body.get("rejected") else said

    assert set(failures(examined("MetricsFunction", strict))) == {"metrics.bad_point"}


# --- alerts ---------------------------------------------------------------------------------------


def test_an_alert_that_stays_after_it_was_removed_is_seen() -> None:
    def keeping(good: Function, event: Event) -> Any:
        if is_call(event, "DELETE", "/api/alerts/"):
            return {"statusCode": 204, "body": "", "multiValueHeaders": {}}
        return good(event)

    assert set(failures(examined("AlertsFunction", keeping))) == {
        "alerts.kept",
        "alerts.nothing_left",
    }


def test_an_alert_that_is_stored_otherwise_is_seen() -> None:
    def careless(good: Function, event: Event) -> Any:
        said = good(event)
        if is_call(event, "GET", "/api/alerts/") and said["statusCode"] == 200:
            said["body"] = json.dumps(json.loads(said["body"]) | {"threshold": 0.9})
        return said

    told = failures(examined("AlertsFunction", careless))
    assert "otherwise than it was made: threshold" in told["alerts.kept"]


def test_a_change_that_overwrites_another_is_seen() -> None:
    def overwriting(good: Function, event: Event) -> Any:
        if event["httpMethod"] == "PUT":
            version = json.loads(good({**event, "httpMethod": "GET", "body": None})["body"])
            event["headers"]["If-Match"] = f'"{version["version"]}"'
            event["multiValueHeaders"]["If-Match"] = [event["headers"]["If-Match"]]
        return good(event)

    told = failures(examined("AlertsFunction", overwriting))
    assert "200 OK instead of 412" in told["alerts.kept"]


def test_a_backtest_that_sees_nothing_go_off_is_seen() -> None:
    def calm(good: Function, event: Event) -> Any:
        said = good(event)
        if event["path"] == "/api/alerts/backtest":
            said["body"] = json.dumps(json.loads(said["body"]) | {"transitions": []})
        return said

    assert set(failures(examined("AlertsFunction", calm))) == {"alerts.backtest"}


def test_alerts_that_an_ended_run_has_left_are_removed() -> None:
    release = ReleaseInMemory()
    body = {"name": "canary old", "metric": "m", "statistic": "max", "period": 60}
    body |= {"comparison": ">", "threshold": 1, "evaluation_periods": 1}
    made = release.ask("POST", "/api/alerts", body)
    release.clock.advance(3_600_001)
    results = examined("AlertsFunction", lambda good, event: good(event), release)
    assert not failures(results)
    assert [each.detail for each in results if each.name == "alerts.nothing_left"] == [
        "1 of earlier runs removed"
    ]
    assert release.ask("GET", f"/api/alerts/{made['id']}")["status"] == 404


# --- the workspace --------------------------------------------------------------------------------


def test_a_caller_who_is_taken_for_somebody_else_is_seen() -> None:
    def confused(good: Function, event: Event) -> Any:
        said = good(event)
        if event["path"] == "/api/me" and said["statusCode"] == 200:
            said["body"] = json.dumps(json.loads(said["body"]) | {"tenant": "acme"})
        return said

    told = failures(examined("WorkspaceFunction", confused))
    assert told == {"workspace.me": "the caller is taken for machine, editor of acme"}


def test_a_version_that_takes_itself_for_another_environment_s_is_seen() -> None:
    def elsewhere(good: Function, event: Event) -> Any:
        said = good(event)
        if event["path"] == "/api/health":
            said["body"] = json.dumps(json.loads(said["body"]) | {"environment": "staging"})
        return said

    told = failures(examined("WorkspaceFunction", elsewhere))
    assert told == {"health": "ok in staging instead of local"}


# --- what works behind the API --------------------------------------------------------------------


@pytest.mark.parametrize("function", ["AlertEvaluatorFunction", "AlertSweeperFunction"])
def test_a_function_that_says_yes_and_decides_nothing_is_seen(function: str) -> None:
    told = failures(examined(function, lambda _, __: {"batchItemFailures": []}))
    assert "the alert's instances are []" in "".join(told.values())


@pytest.mark.parametrize("function", ["AlertEvaluatorFunction", "AlertSweeperFunction"])
def test_a_function_that_wants_its_batch_again_is_seen(function: str) -> None:
    said = {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert failures(examined(function, lambda _, __: said))


def test_a_compaction_that_fails_for_the_tenant_is_seen() -> None:
    def failing(good: Function, event: Event) -> Any:
        return {**good(event), "failed": 1}

    assert failures(examined("MetricsCompactorFunction", failing))


def test_a_notifier_that_says_yes_to_everything_is_seen() -> None:
    assert failures(examined("AlertNotifierFunction", lambda _, __: {"batchItemFailures": []}))
