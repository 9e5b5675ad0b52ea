"""Functions called by Lambda's own Invoke: published versions before anybody else calls them, or
aliases where there is no way through the gateway.
"""

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from skafu.canary import reserved
from skafu.canary.calls import SHOWN, Answer, Call, Function, Who
from skafu.canary.checks import Busy, Failed

METRICS, ALERTS, WORKSPACE = "MetricsFunction", "AlertsFunction", "WorkspaceFunction"
PLACES = (
    ("/api/metrics", METRICS),
    ("/api/alerts", ALERTS),
    ("/api/silences", ALERTS),
    ("/api/", WORKSPACE),
)
"""Which function answers what checks ask for, the first that fits."""

SUBJECTS = {Who.MEMBER: reserved.SUBJECT, Who.STRANGER: reserved.STRANGER}


class Invoked:
    """A Function by its ARN. `may` raises Failed where there is no time for a further call."""

    def __init__(self, client: Any, arn: str, may: Callable[[], None] = lambda: None) -> None:
        self._client = client
        self._arn = arn
        self._may = may

    def __call__(self, event: Mapping[str, Any]) -> Any:
        self._may()
        try:
            answer = self._client.invoke(FunctionName=self._arn, Payload=json.dumps(event).encode())
        except (ClientError, BotoCoreError) as error:
            throttled = "TooManyRequests" in str(error)
            kind = Busy if throttled else Failed
            raise kind(f"{self._arn} cannot be called: {error}") from error
        said = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise Failed(f"{self._arn} ended with an error: {said[:SHOWN]}")
        return json.loads(said)


class InvokedApi:
    """The Api of functions that are called directly, with the events that the gateway would send
    once it has verified a token. `functions` are by logical id.
    """

    def __init__(self, functions: Mapping[str, Function], run: str) -> None:
        self._functions = functions
        self._run = run
        self._numbers = count()

    def __call__(self, call: Call) -> Answer:
        function = next(name for prefix, name in PLACES if call.path.startswith(prefix))
        answer = self._functions[function](self._event(call))
        text = answer["body"]
        return Answer(int(answer["statusCode"]), json.loads(text) if text else None)

    def _event(self, call: Call) -> dict[str, Any]:
        # A request's id names what is stored of points without a time: no two have the same.
        context: dict[str, Any] = {
            "requestId": f"{self._run}-{next(self._numbers)}",
            "httpMethod": call.method,
            "resourcePath": call.path,
            "path": call.path,
        }
        if call.who in SUBJECTS:
            context["authorizer"] = {"claims": reserved.claims(SUBJECTS[call.who])}
        headers, query = call.headers, dict(call.query)
        return {
            "resource": call.path,
            "path": call.path,
            "httpMethod": call.method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": query or None,
            "multiValueQueryStringParameters": {k: [v] for k, v in query.items()} or None,
            "pathParameters": None,
            "stageVariables": None,
            "requestContext": context,
            "body": None if call.body is None else json.dumps(call.body),
            "isBase64Encoded": False,
        }
