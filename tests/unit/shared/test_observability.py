import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.shared.observability import Count, Duration, count, logger, observed, timing
from tests.support.events import lambda_context
from tests.support.log_lines import log_lines


def published(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if '"_aws"' in line]


def test_metrics_are_published_when_the_invocation_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def handler(event: dict[str, Any], _: LambdaContext) -> str:
        count(Count.REQUESTS, 2)
        timing(Duration.REQUEST, 12.5)
        return str(event["name"])

    assert observed(handler, "staging")({"name": "x"}, lambda_context()) == "x"

    (document,) = published(capsys)
    assert (document["Requests"], document["RequestDuration"]) == ([2.0], [12.5])
    assert (document["service"], document["environment"]) == ("skafu", "staging")


def test_metrics_are_published_also_when_the_invocation_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def handler(_: dict[str, Any], __: LambdaContext) -> None:
        count(Count.REQUESTS)
        raise RuntimeError("x")

    with pytest.raises(RuntimeError):
        observed(handler, "local")({}, lambda_context())

    assert published(capsys)[0]["Requests"] == [1.0]


def test_an_invocation_without_metrics_publishes_none(capsys: pytest.CaptureFixture[str]) -> None:
    observed(lambda event, context: None, "local")({}, lambda_context())

    assert not published(capsys)


def test_server_errors_are_counted_by_version_too(capsys: pytest.CaptureFixture[str]) -> None:
    def handler(_: dict[str, Any], __: LambdaContext) -> None:
        count(Count.SERVER_ERRORS, 1)
        count(Count.SERVER_ERRORS, 1)

    observed(handler, "production")({}, lambda_context("skafu-prod-metrics", version="7"))

    by_version, whole = published(capsys)
    (told,) = by_version["_aws"]["CloudWatchMetrics"]
    # Exactly these: under any further dimension it is another metric, which no alarm watches.
    assert told["Dimensions"] == [["service", "function", "version"]]
    assert told["Namespace"] == "skafu"
    assert (by_version["function"], by_version["version"]) == ("skafu-prod-metrics", "7")
    assert by_version["ServerErrors"] == [2.0]
    assert whole["ServerErrors"] == [1.0, 1.0]


def test_a_version_without_server_errors_costs_no_metric(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def handler(_: dict[str, Any], __: LambdaContext) -> None:
        count(Count.REQUESTS)
        count(Count.SERVER_ERRORS, 0)

    observed(handler, "production")({}, lambda_context())

    (document,) = published(capsys)
    assert "version" not in document


def test_lines_tell_of_their_own_invocation_only() -> None:
    def first(_: dict[str, Any], __: LambdaContext) -> None:
        logger.append_keys(alert="a7")
        logger.info("one")

    with log_lines() as lines:
        observed(first, "local")({}, lambda_context("first"))
        observed(lambda event, context: logger.info("two"), "local")({}, lambda_context("second"))

    assert [line["function_name"] for line in lines] == ["first", "second"]
    assert lines[0]["alert"] == "a7"
    assert "alert" not in lines[1]
