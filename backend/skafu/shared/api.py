"""One API function: routes on a Powertools resolver, and around every endpoint what all share.

In this order: who is it (401), may they (403), are the parameters known (400), is the body within
bounds (400, 413), then the endpoint. Every SkafuError becomes its problem document, every surprise
a 500 that tells nothing; every answer carries the CORS headers, one log line, and its counts.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.shared import problems
from skafu.shared.body import body_of
from skafu.shared.clock import Clock
from skafu.shared.errors import BadRequest, FieldError, Forbidden, NotFound, SkafuError
from skafu.shared.identity import NOBODY, Identity
from skafu.shared.observability import Count, Duration, Handler, count, logger, observed, timing
from skafu.shared.routes import Endpoint, Reply, Request, Route, Text
from skafu.shared.settings import ApiSettings

type Event = Mapping[str, Any]
type Authenticator = Callable[[Event], Identity]
"""Says who is calling. Raises Unauthenticated, Forbidden or Unavailable."""

EXPOSED = "ETag, Location, Retry-After"


def build_app(
    routes: Iterable[Route],
    api: object,
    authenticate: Authenticator,
    settings: ApiSettings,
    clock: Clock,
) -> Handler:
    """A Lambda handler for proxy events that offers `routes`, each by the method of `api` that its
    `endpoint` names (AttributeError here and now when there is none).
    """
    offered = tuple(routes)
    resolver = APIGatewayRestResolver()
    for route in offered:
        _offer(resolver, route, getattr(api, route.endpoint), authenticate, clock)

    @resolver.not_found
    def unmatched(_: NotFoundError) -> Response[str]:
        event = resolver.current_event.raw_event
        return _answer("unmatched", event, clock, lambda: _refuse(offered, event))

    cors = {
        "Access-Control-Allow-Origin": [settings.cors_origin],
        "Access-Control-Expose-Headers": [EXPOSED],
        "Vary": ["Origin"],
        "Cache-Control": ["no-store"],
    }

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        if settings.aws_sam_local:
            # `sam local` gives all requests of a run one id, and what is stored is named by it:
            # points without timestamps would take each other for a retry.
            event["requestContext"]["requestId"] = context.aws_request_id
        logger.set_correlation_id(_request_id(event))
        answer: dict[str, Any] = resolver.resolve(event, context)
        answer["multiValueHeaders"] = {**answer["multiValueHeaders"], **cors}
        return answer

    return observed(handler, settings.environment)


def _offer(
    resolver: APIGatewayRestResolver,
    route: Route,
    endpoint: Endpoint,
    authenticate: Authenticator,
    clock: Clock,
) -> None:
    """Put one route on the resolver, whose spelling of `{id}` is `<id>`."""

    def serve(**path: str) -> Response[str]:
        event = resolver.current_event.raw_event

        def work() -> Reply:
            return endpoint(_admit(route, event, path, authenticate, clock))

        return _answer(f"{route.method} {route.path}", event, clock, work)

    resolver.route(route.path.replace("{", "<").replace("}", ">"), method=route.method)(serve)


def _admit(
    route: Route, event: Event, path: Mapping[str, str], authenticate: Authenticator, clock: Clock
) -> Request:
    """Everything that comes before the endpoint."""
    identity = NOBODY
    if route.role is not None:
        identity = authenticate(event)
        if identity.role < route.role:
            raise Forbidden(
                f"this needs the role {route.role.label}; yours is {identity.role.label}"
            )
    return Request(
        identity=identity,
        id=_request_id(event),
        now=clock(),
        path=path,
        query=_parameters(route, event),
        headers=headers_of(event),
        body=body_of(event),
    )


def _parameters(route: Route, event: Event) -> dict[str, list[str]]:
    """The query parameters. Raises BadRequest naming those that are unknown, missing or
    repeated.
    """
    given = _many(event, "multiValueQueryStringParameters", "queryStringParameters")
    known = {parameter.name: parameter for parameter in route.parameters}
    wrong = [FieldError(name, _unknown(known)) for name in given if name not in known]
    for name, parameter in known.items():
        if parameter.required and name not in given:
            wrong.append(FieldError(name, "is required"))
        if not parameter.repeated and len(given.get(name, ())) > 1:
            wrong.append(FieldError(name, "may be given once"))
    if wrong:
        raise BadRequest("the query string cannot be read", wrong)
    return given


def _unknown(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"is unknown; known are {names}" if names else "is unknown; there are no parameters here"


def headers_of(event: Event) -> dict[str, str]:
    """Header names in lower case; a repeated header is one with commas (RFC 9110, 5.3)."""
    given = _many(event, "multiValueHeaders", "headers")
    return {name.lower(): ", ".join(values) for name, values in given.items()}


def _many(event: Event, repeated: str, single: str) -> dict[str, list[str]]:
    """A proxy event tells parameters and headers twice; test consoles fill in one of the two."""
    if event.get(repeated):
        return dict(event[repeated])
    return {name: [value] for name, value in (event.get(single) or {}).items()}


def _request_id(event: Event) -> str:
    return str(event["requestContext"]["requestId"])


def _refuse(routes: Iterable[Route], event: Event) -> Reply:
    """Say why no route matched: nothing on this path, or nothing for this method."""
    path = event["path"].strip("/").split("/")
    allowed = [route.method for route in routes if _same(route.path.strip("/").split("/"), path)]
    if allowed and event["httpMethod"] not in allowed:
        raise problems.MethodNotAllowed(allowed)
    raise NotFound("there is nothing at this path")


def _same(pattern: list[str], path: list[str]) -> bool:
    return len(pattern) == len(path) and all(
        part and (part == wanted or wanted.startswith("{"))
        for wanted, part in zip(pattern, path, strict=True)
    )


def _answer(route: str, event: Event, clock: Clock, work: Callable[[], Reply]) -> Response[str]:
    """Do the work, turn whatever it raises into a problem document, log and count it."""
    began = clock()
    try:
        response = _written(work())
    except SkafuError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.warning("request failed", exc_info=True, route=route)
        response = _problem(error, event)
    except Exception:  # pylint: disable=broad-exception-caught # the last line of defence: a 500
        logger.exception("request met a surprise", route=route)
        response = _problem(problems.Surprise(), event)
    _record(route, response.status_code, clock() - began)
    return response


def _record(route: str, status: int, milliseconds: int) -> None:
    logger.info("request answered", route=route, status=status, milliseconds=milliseconds)
    count(Count.REQUESTS)
    count(Count.CLIENT_ERRORS, int(400 <= status < 500))
    count(Count.SERVER_ERRORS, int(status >= 500))
    timing(Duration.REQUEST, milliseconds)


def _written(reply: Reply) -> Response[str]:
    if reply.body is None:
        return Response(reply.status.value, headers=dict(reply.headers), body="")
    if isinstance(reply.body, Text):
        text, media_type = reply.body.content, reply.body.media_type
        return Response(reply.status.value, media_type, text, dict(reply.headers))
    text = orjson.dumps(reply.body).decode()
    return Response(reply.status.value, "application/json", text, dict(reply.headers))


def _problem(error: SkafuError, event: Event) -> Response[str]:
    text = orjson.dumps(problems.problem(error, _request_id(event))).decode()
    headers = dict(problems.headers(error))
    return Response(error.status.value, problems.CONTENT_TYPE, text, headers)
