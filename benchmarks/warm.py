"""Measures POST /api/metrics in this interpreter: `python -m benchmarks.warm <port of the sink>`.

metrics_post.py runs it with the libraries and the bytecode that are deployed.
"""

import contextlib
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
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from skafu.shared.settings import ApiSettings
from benchmarks.capacity import Attributes
from benchmarks.floor import SignedClient
from benchmarks.population import Fleet

NOON = 1_700_049_600_000
MACHINE = "5machineclientid000000000x"
ROUNDS = 40
BATCHES = (1000, 100, 1)


class Remembering:
    """Sends writes to the sink, and answers reads (there are few) from what was written."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._items: dict[tuple[str, str], Attributes] = {}

    def put_item(self, **request: Any) -> Any:
        item = request["Item"]
        self._items[item["pk"]["S"], item["sk"]["S"]] = item
        return self._inner.put_item(**request)

    def get_item(self, **request: Any) -> Any:
        key = request["Key"]
        found = self._items.get((key["pk"]["S"], key["sk"]["S"]))
        return {} if found is None else {"Item": found}

    def batch_get_item(self, **request: Any) -> Any:
        return {"Responses": {name: [] for name in request["RequestItems"]}}


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
    members.add_member(MACHINE, Kind.MACHINE, "bench", Role.EDITOR)
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


def median_ms(*actions: Callable[[], object]) -> list[float]:
    """CPU of this process for each action, measured in turns."""
    found: list[list[float]] = [[] for _ in actions]
    for action in actions:
        action()
    for _ in range(ROUNDS):
        for action, times in zip(actions, found, strict=True):
            began = time.process_time_ns()
            action()
            times.append((time.process_time_ns() - began) / 1e6)
    return [statistics.median(times) for times in found]


def pair(handler: Handler, signed: SignedClient, size: int) -> list[float]:
    """Milliseconds of the handler, and of the least there is, for a batch of this size."""
    body = json.dumps({"metrics": Fleet(size).batch(NOON)})
    event, payload = event_of(body), os.urandom(3 * size + 20)

    def post() -> None:
        answer = handler(event, Context())
        if answer["statusCode"] != 202:
            raise RuntimeError(answer["body"])

    def least() -> None:
        orjson.loads(body)
        signed.put({"pk": "bench#segments#0#2023111512", "sk": "x" * 60}, payload)

    return median_ms(post, least)


def main(port: int) -> None:
    """Measure, and print one line of JSON; the handler's own lines go nowhere."""
    with contextlib.redirect_stdout(io.StringIO()):
        handler, signed = function(port), SignedClient(port)
        found = {size: pair(handler, signed, size) for size in BATCHES}
    print()
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
