"""Measures POST /api/metrics in this interpreter: `python -m benchmarks.warm <port of the sink>`.

metrics_post.py runs it with the libraries and the bytecode that are deployed.
"""

import contextlib
import importlib
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.metrics.api import build
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Series
from skafu.metrics.tenancy import Quotas, Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from skafu.shared.settings import ApiSettings
from skafu.shared.table import Item, Put
from benchmarks.floor import SignedClient
from benchmarks.population import Fleet

NOON = 1_700_049_600_000
MACHINE = "5machineclientid000000000x"
BATCHES = {10_000: 12, 1000: 40, 100: 40, 20: 40, 1: 40}
"""Sizes of requests, and how often each is measured."""

TYPICAL = {1000: 5, 1: 20}
ROUNDS = 40
COLUMNAR = {10_000: 12, 1000: 40}


class Remembering:
    """Sends writes to the sink, and answers reads (there are few) from what was written."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._items: dict[tuple[str, str], Any] = {}

    def put_item(self, **request: Any) -> Any:
        item = request["Item"]
        self._items[item["pk"]["S"], item["sk"]["S"]] = item
        return self._inner.put_item(**request)

    def update_item(self, **request: Any) -> Any:
        del request  # what is counted together with other processes
        return {}

    def get_item(self, **request: Any) -> Any:
        key = request["Key"]
        found = self._items.get((key["pk"]["S"], key["sk"]["S"]))
        return {} if found is None else {"Item": found}

    def batch_get_item(self, **request: Any) -> Any:
        ((name, wanted),) = request["RequestItems"].items()
        found = (self._items.get((key["pk"]["S"], key["sk"]["S"])) for key in wanted["Keys"])
        return {"Responses": {name: [item for item in found if item is not None]}}


class Context(LambdaContext):
    """What the handler looks at."""

    _function_name = "bench"
    _memory_limit_in_mb = 512
    _invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:bench"
    _aws_request_id = "bench"


def function(port: int) -> Handler:
    """MetricsFunction with one machine as a member, over the sink."""
    endpoint = f"http://127.0.0.1:{port}"
    table = DynamoTable(Remembering(client("dynamodb", endpoint_url=endpoint)), "skafu-bench")
    members = Members(table, lambda: NOON, random_id)
    member = members.add_member(MACHINE, Kind.MACHINE, "bench", Role.EDITOR)
    plenty = tenancy_attributes(Tenancy(Quotas(points_a_minute=10**9)))
    table.write(Put({**keys.tenant_settings(member.tenant)._asdict(), **plenty}))
    return build(ApiSettings.from_env(os.environ), table, lambda: NOON)


def event_of(body: str) -> dict[str, Any]:
    """A proxy event as the runtime hands it over."""
    headers = {"Content-Type": "application/json", "User-Agent": "skafu-agent/1.0"}
    return {
        "resource": "/api/metrics",
        "path": "/api/metrics",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "path": "/live/api/metrics",
            "httpMethod": "POST",
            "authorizer": {"claims": {"sub": MACHINE, "client_id": MACHINE}},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def median_ms(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """CPU of this process for each action, measured in turns."""
    found: list[list[float]] = [[] for _ in actions]
    for action in actions:
        action()
    for _ in range(rounds):
        for action, times in zip(actions, found, strict=True):
            began = time.process_time_ns()
            action()
            times.append((time.process_time_ns() - began) / 1e6)
    return [statistics.median(times) for times in found]


def posting(handler: Callable[[Any, Any], Any], body: str) -> Callable[[], None]:
    """A request to a handler, which has to take it."""
    event = event_of(body)

    def post() -> None:
        answer = handler(event, Context())
        if answer["statusCode"] not in (200, 202):
            raise RuntimeError(answer["body"])

    return post


def compared(handler: Handler, signed: SignedClient, size: int, rounds: int) -> list[float]:
    """Milliseconds of the handler, and of the least there is, for a batch of this size."""
    body = json.dumps({"metrics": Fleet(size).batch(NOON)})
    payload = os.urandom(3 * size + 20)

    def least() -> None:
        orjson.loads(body)
        signed.put({"pk": "bench#segments#0#2023111512", "sk": "x" * 60}, payload)

    return median_ms(rounds, posting(handler, body), least)


def columnar(handler: Handler, size: int, rounds: int) -> float:
    """Milliseconds for the same points as columns of a layout that the server knows."""
    points = Fleet(size).batch(NOON)
    values = {Series(x["name"], tuple(sorted(x["tags"].items()))): x["value"] for x in points}
    layout = layout_of(values)
    column = {
        "layout": layout.hash,
        "timestamp": NOON,
        "values": [values[series] for series in layout.series],
    }
    posting(handler, json.dumps({"metrics": points}))()
    return median_ms(rounds, posting(handler, json.dumps({"columns": [column]})))[0]


def call(port: int) -> float:
    """Milliseconds that one request to the table takes, with an item of 4 KB."""
    table = DynamoTable(client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}"), "skafu-bench")
    item: Item = {"pk": "bench#chunks#0#1", "sk": "x" * 60, "k": "chunk", "p": os.urandom(4000)}
    return median_ms(ROUNDS, lambda: table.write(Put(item)))[0]


def typical(port: int, size: int, rounds: int) -> float:
    """Milliseconds of a typical handler, which stores an item for each point."""
    os.environ["TYPICAL_ENDPOINT"] = f"http://127.0.0.1:{port}"
    compared_with = importlib.import_module("benchmarks.typical").handler
    body = json.dumps({"metrics": Fleet(size).batch(NOON)})
    return median_ms(rounds, posting(compared_with, body))[0]


def main(port: int) -> None:
    """Measure, and print one line of JSON; the handlers' own lines go nowhere."""
    with contextlib.redirect_stdout(io.StringIO()):
        handler, signed = function(port), SignedClient(port)
        found = {
            "ours": {size: compared(handler, signed, size, n) for size, n in BATCHES.items()},
            "call": call(port),
            "columnar": {size: columnar(handler, size, n) for size, n in COLUMNAR.items()},
            "typical": {size: typical(port, size, n) for size, n in TYPICAL.items()},
        }
    print()
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
