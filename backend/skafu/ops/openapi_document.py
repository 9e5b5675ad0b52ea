"""The OpenAPI document: what routes and models say, and what every route keeps to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPMethod, HTTPStatus
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from skafu.shared import errors
from skafu.shared.errors import SkafuError
from skafu.shared.routes import Parameter, Route

type Json = Any
type Model = tuple[type[Any], JsonSchemaMode]
"""A model, and whether it is read or answered: the two may differ in their schemas."""

SCHEME = "AccessToken"
REF = "#/components/schemas/{model}"
PROBLEM = "application/problem+json"
INFO: dict[str, Json] = {
    "title": "Skafu",
    "version": "1",
    "summary": "Metrics and alerts that a team runs in its own AWS accounts",
    "description": (
        "Times in requests are RFC 3339 or epoch milliseconds, in answers epoch milliseconds. "
        "Unknown fields and parameters are refused by name. Lists page by opaque cursors. Every "
        "error is an RFC 9457 problem document. Answers may gain fields, and enumerations words: "
        "ignore what you do not know."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
SERVER: dict[str, Json] = {
    "url": "{endpoint}",
    "description": "The stack's output ApiEndpoint",
    "variables": {"endpoint": {"default": "/"}},
}
SECURITY: dict[str, Json] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": (
        "A Cognito access token (not an ID token): of a person who signed in, or of a machine "
        "client. It must carry one of the scopes that the route names."
    ),
}

TEXT: dict[str, Json] = {"schema": {"type": "string"}}
IF_MATCH = Parameter("If-Match", 'The ETag of the version that is meant, like "7".', required=True)
IF_MATCH_OPTIONAL = Parameter("If-Match", 'Only at this version, like "7".')


@dataclass(frozen=True)
class Domain:
    """A domain's routes, and the models that they name."""

    name: str
    routes: tuple[Route, ...]
    schemas: ModuleType
    further: tuple[ModuleType, ...] = ()

    def model(self, name: str) -> type[BaseModel]:
        """A model that a route names. Raises AttributeError when there is none."""
        home = next((each for each in self.further if hasattr(each, name)), self.schemas)
        found: type[BaseModel] = getattr(home, name)
        return found


def document(offered: Sequence[Domain]) -> dict[str, Json]:
    """The OpenAPI 3.1 document."""
    references, schemas = _schemas(offered)
    paths: dict[str, dict[str, Json]] = {}
    for domain in offered:
        for route in domain.routes:
            operations = paths.setdefault(route.path, {})
            operations[route.method.lower()] = _operation(domain, route, references)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [SERVER],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "securitySchemes": {SCHEME: SECURITY},
            "responses": {name: _problem(kind) for name, kind in _problems().items()},
            "schemas": dict(sorted({**schemas, "Problem": PROBLEM_SCHEMA}.items())),
        },
    }


PROBLEM_SCHEMA: dict[str, Json] = {
    "title": "Problem",
    "description": "RFC 9457, with the fields at fault where single fields are.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem: /problems/<name>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that helps"},
        "instance": {"type": "string", "description": "The request, as logs name it"},
        "current": {
            "type": "object",
            "description": "What is stored now, where If-Match named another version: dashboards",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


# --- models ---


def _used(offered: Sequence[Domain]) -> Iterator[Model]:
    for domain in offered:
        for route in domain.routes:
            if route.request is not None:
                yield domain.model(route.request), "validation"
            if route.response is not None:
                yield domain.model(route.response), "serialization"


def _schemas(offered: Sequence[Domain]) -> tuple[Mapping[Model, Json], dict[str, Json]]:
    """How to refer to each model, and the models' schemas by name."""
    used = list(dict.fromkeys(_used(offered)))
    references, definitions = models_json_schema(used, ref_template=REF)
    return references, definitions.get("$defs", {})


# --- operations ---


def _operation(domain: Domain, route: Route, references: Mapping[Model, Json]) -> dict[str, Json]:
    operation: dict[str, Json] = {
        "operationId": route.endpoint,
        "tags": [domain.name],
        "summary": route.summary,
    }
    if route.role is not None:
        operation["description"] = f"Needs the role {route.role.label}."
    # Each scope is enough by itself.
    operation["security"] = [{SCHEME: [scope.value]} for scope in sorted(route.scopes)]
    if parameters := list(_parameters(route)):
        operation["parameters"] = parameters
    if route.request is not None:
        schema = references[(domain.model(route.request), "validation")]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    elif route.consumes is not None:
        operation["requestBody"] = {"required": True, "content": {route.consumes: TEXT}}
    answer: dict[str, Json] = {"description": route.success.phrase}
    if headers := _response_headers(route):
        answer["headers"] = headers
    if route.response is not None:
        schema = references[(domain.model(route.response), "serialization")]
        answer["content"] = {"application/json": {"schema": schema}}
    elif route.produces is not None:
        answer["content"] = {route.produces: TEXT}
    operation["responses"] = {str(route.success.value): answer, **_refusals(route)}
    return operation


def _parameters(route: Route) -> Iterator[dict[str, Json]]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for parameter in route.parameters:
        text = {"type": "string"}
        schema = {"type": "array", "items": text} if parameter.repeated else text
        yield _parameter(parameter, "query", schema)
    for header in (*_conditions(route), *route.headers):
        yield _parameter(header, "header", {"type": "string"})


def _parameter(parameter: Parameter, place: str, schema: Json) -> dict[str, Json]:
    return {
        "name": parameter.name,
        "in": place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": schema,
    }


def _conditions(route: Route) -> tuple[Parameter, ...]:
    """What every route keeps to: replacing needs If-Match, removing may have it."""
    if route.conditional is not None:
        return (IF_MATCH,) if route.conditional else ()
    if route.method == HTTPMethod.PUT:
        return (IF_MATCH,)
    return (IF_MATCH_OPTIONAL,) if route.method == HTTPMethod.DELETE else ()


def _response_headers(route: Route) -> dict[str, Json]:
    text = {"schema": {"type": "string"}}
    headers: dict[str, Json] = {}
    if route.success is HTTPStatus.CREATED:
        headers["Location"] = {"description": "Where it is read from now on", **text}
    if route.success is HTTPStatus.CREATED or IF_MATCH in _conditions(route):
        headers["ETag"] = {"description": "Its version, for If-Match", **text}
    return headers


# --- problems ---


def _problems() -> dict[str, type[SkafuError]]:
    """Every kind of error that has a status of its own, by class name."""
    kinds = (value for value in vars(errors).values() if isinstance(value, type))
    found = [kind for kind in kinds if issubclass(kind, SkafuError) and kind is not SkafuError]
    return {kind.__name__: kind for kind in sorted(found, key=lambda kind: kind.status)}


def _problem(kind: type[SkafuError]) -> dict[str, Json]:
    answer: dict[str, Json] = {
        "description": f"{kind.status.phrase} (/problems/{kind.slug})",
        "content": {PROBLEM: {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    if kind in (errors.Unavailable, errors.QuotaExceeded):
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
        }
    return answer


def _refusals(route: Route) -> dict[str, Json]:
    """The problems that a route can answer with, by status."""
    kinds: list[type[SkafuError]] = [errors.BadRequest]
    if route.scopes:
        kinds += [errors.Unauthenticated, errors.Forbidden]
        kinds += [errors.QuotaExceeded, errors.Unavailable]
    if "{" in route.path:
        kinds.append(errors.NotFound)
    if _conditions(route):
        kinds.append(errors.PreconditionFailed)
    if IF_MATCH in _conditions(route):
        kinds.append(errors.PreconditionRequired)
    sends = route.request is not None or route.consumes is not None
    if sends:
        kinds += [errors.PayloadTooLarge, errors.Unprocessable]
    if sends or route.method == HTTPMethod.DELETE:
        kinds.append(errors.Conflict)
    return {
        str(kind.status.value): {"$ref": f"#/components/responses/{kind.__name__}"}
        for kind in sorted(kinds, key=lambda kind: kind.status)
    }
