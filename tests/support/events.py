"""What the Lambda runtime hands to a handler: API Gateway proxy events, and the context."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

EVENTS = Path(__file__).parents[2] / "events"


@dataclass
class _Context:
    """The part of the context that handlers and Powertools look at."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    aws_request_id: str
    remaining_ms: int
    function_version: str

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


def lambda_context(
    name: str = "skafu-test", remaining_ms: int = 28_000, version: str = "1"
) -> LambdaContext:
    """The context of one invocation."""
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}:live"
    request_id = "11111111-2222-4333-8444-555555555555"
    context: Any = _Context(name, 512, arn, request_id, remaining_ms, version)
    found: LambdaContext = context
    return found


def sample_event(name: str) -> dict[str, Any]:
    """A file of events/: `sample_event("workspace.me")`."""
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return found


def api_event(
    method: str,
    path: str,
    *,
    claims: Mapping[str, str] | None = None,
    body: object = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    base64: bool = False,
    request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
) -> dict[str, Any]:
    """A proxy event as a REST API sends it; without claims nobody has been verified.

    `body` is text as it is, or anything else as JSON; with `base64` it is base64 text already.
    """
    many = {name: [v] if isinstance(v, str) else list(v) for name, v in (query or {}).items()}
    sent = {"Accept": "application/json", "Host": "api.example.com", **(headers or {})}
    context: dict[str, Any] = {
        "requestId": request_id,
        "stage": "live",
        "httpMethod": method,
        "resourcePath": path,
        "path": f"/live{path}",
        "identity": {"sourceIp": "192.0.2.1", "userAgent": "tests"},
    }
    if claims is not None:
        context["authorizer"] = {"claims": dict(claims)}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
        "multiValueQueryStringParameters": many or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": base64,
    }


def answer_json(answer: Mapping[str, Any]) -> Any:
    """The JSON of a handler's answer."""
    return json.loads(answer["body"])


def answer_headers(answer: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a handler's answer, names in lower case."""
    return {name.lower(): ", ".join(values) for name, values in answer["multiValueHeaders"].items()}
