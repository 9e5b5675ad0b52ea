"""Saved queries ask for fields that are there: against lines that handlers and gateway really
write.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from skafu.alerts.deliveries_queue import DeliveriesConsumer
from skafu.alerts.paging.courier import HandedOver
from skafu.shared.observability import observed
from tests.support.clocks import FakeClock
from tests.support.events import lambda_context
from tests.support.log_lines import log_lines
from tests.support.log_patterns import DISCOVERED, access_line, fields_of, texts_of
from tests.support.metrics_api import Function
from tests.support.queue import URL, FakeQueue
from tests.support.transformed import of_type, resolved

type Json = Any

TRACE = "Root=1-5f84c7a1-1d2c3b4a59681d2c3b4a5968;Parent=53995c3f42cd8ad8;Sampled=1"
QUERIES = of_type(resolved("production"), "AWS::Logs::QueryDefinition")


@pytest.fixture(autouse=True)
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Lambda sets it for every invocation."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)


def lines_of_the_api() -> list[Json]:
    """Of a request that works, one that fails, and one that meets a surprise."""
    function = Function()
    with log_lines() as lines:
        function.post({"metrics": [{"name": "cpu", "value": 1}]})
        function.table.items = None  # type: ignore[assignment] # the table breaks
        function.post({"metrics": [{"name": "cpu", "value": 1}]})
    return lines


def lines_of_the_notifier() -> list[Json]:
    """Of a page that a channel refuses, one that breaks, and a message that is none."""

    def answer(_: str, message: Mapping[str, Any]) -> HandedOver:
        if message["delivery"] == "breaks":
            raise RuntimeError("a surprise")
        return HandedOver(done=False, failed=("one",))

    queue = FakeQueue(FakeClock())
    consumer = DeliveriesConsumer({"delivery": answer, "group": answer}, queue, URL)
    queue.send({"tenant": "t", "delivery": "refused"})
    queue.send({"tenant": "t", "delivery": "breaks"})
    queue.send({"nothing": "known"})
    with log_lines() as lines:
        handler = observed(lambda event, _: consumer.consume(event), "local")
        queue.deliver(lambda event, _: handler(event, lambda_context("AlertNotifierFunction")))
    return lines


def line_of_the_gateway() -> Json:
    [stage] = of_type(resolved("production"), "AWS::ApiGateway::Stage").values()
    return json.loads(access_line(stage["AccessLogSetting"]["Format"], status="200"))


def written_to(log: str) -> list[Json]:
    if log == "ApiAccessLogs":
        return [line_of_the_gateway()]
    return lines_of_the_notifier() if log == "AlertNotifierLogs" else lines_of_the_api()


def fields_in(query: Json) -> set[str]:
    logs = {each["Ref"] for each in query["LogGroupNames"]}
    return {key for log in logs for line in written_to(log) for key in line}


SENT_BY_OTHERS = {
    "group": "of a message that asks for a group, as `delivery` of one that asks for a delivery",
    "reason": "what the compactor could not do, and why (skafu/metrics/compaction)",
}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_asks_for_fields_that_are_written(name: str) -> None:
    asked = fields_of(QUERIES[name]["QueryString"])
    assert asked
    assert asked - fields_in(QUERIES[name]) - DISCOVERED <= set(SENT_BY_OTHERS)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_compares_with_what_is_written(name: str) -> None:
    query = QUERIES[name]["QueryString"]
    logs = {each["Ref"] for each in QUERIES[name]["LogGroupNames"]}
    lines = [line for log in logs for line in written_to(log)]
    for field in ("message", "level"):
        wanted = texts_of(query, field)
        assert wanted <= {str(line.get(field)) for line in lines}, field


def test_a_query_for_a_field_that_nobody_writes_would_be_noticed() -> None:
    query = QUERIES["SlowestQuery"]
    text = query["QueryString"].replace("function_ms", "function_milliseconds")
    assert fields_of(text) - fields_in(query) - DISCOVERED == {"function_milliseconds"}


def test_a_request_is_found_by_the_id_that_its_caller_was_told() -> None:
    function = Function()
    with log_lines() as lines:
        status, problem = function.post({"metrics": []})
    assert status >= 400
    told = problem["instance"].removeprefix("/requests/")
    assert {line["correlation_id"] for line in lines} == {told}
    assert "correlation_id" in fields_of(QUERIES["OneRequestQuery"]["QueryString"])
    assert "id" in line_of_the_gateway()


def test_queries_are_found_in_a_folder_of_the_stack_s_name() -> None:
    names = [each["Name"] for each in QUERIES.values()]
    assert len(set(names)) == len(names) == 8
    assert all(each.startswith("skafu-test/") for each in names)


def test_a_query_over_functions_reads_all_that_serve() -> None:
    resources = resolved("production")
    logs = {
        each["LoggingConfig"]["LogGroup"]["Ref"]
        for name, each in of_type(resources, "AWS::Lambda::Function").items()
        if f"{name}Aliaslive" in resources and name.startswith(("Metrics", "Alert", "Workspace"))
    }
    assert len(logs) == 7
    for name in ("ErrorsQuery", "ColdStartsQuery", "KilledQuery"):
        assert {each["Ref"] for each in QUERIES[name]["LogGroupNames"]} == logs
