"""API Gateway: what SAM says in an API's OpenAPI body.

Import
    AWS takes gateway responses, validators, required parameters, models and the responses of mock
    integrations from the body. MiniStack takes paths, authorizers and integrations: preflight
    answers came without any CORS header, errors of the gateway in its own shape.
Id
    AWS imports a changed body into the same API. MiniStack makes a new one: every deploy would
    change the API's address.
Compression
    AWS inflates gzip bodies and compresses answers where MinimumCompressionSize is set. MiniStack
    hands compressed bytes on as text, which destroys them.
Access token without scopes
    AWS takes only ID tokens on a route that names no scopes. MiniStack takes any token: a route
    that forgot its scopes would work here and nowhere else.
Crash of a function
    AWS answers with the gateway response of a failed integration. MiniStack answers with the
    exception's text.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import apigateway_v1 as v1
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::ApiGateway::RestApi"
_LARGEST_BODY = 10 * 1024 * 1024  # API Gateway's payload limit, also of an inflated body
_CRASH = "the function behind this route has crashed"
_PLACES = {"query": "querystring", "header": "header", "path": "path"}

_import_rest_api = v1._import_rest_api
_update_rest_api = provisioners._apigw_rest_api_update
_validate_cognito_authorizer = v1._validate_cognito_authorizer
_execute_in_scope = v1._execute_in_scope
_lambda_proxy_response = v1._lambda_proxy_response
_invoke_lambda_proxy = v1._invoke_lambda_proxy_v1


# --- import ---------------------------------------------------------------------------------------


def _complete(api: str, document: Mapping[str, Any]) -> None:
    """Add to an imported API what the import left out of its document."""
    schemas = {
        **(document.get("definitions") or {}),
        **((document.get("components") or {}).get("schemas") or {}),
    }
    for name, schema in schemas.items():
        v1._create_model(
            api, {"name": name, "contentType": "application/json", "schema": json.dumps(schema)}
        )
    validators = document.get("x-amazon-apigateway-request-validators") or {}
    for name, settings in validators.items():
        v1._create_request_validator(api, {"name": name, **settings})
    responses = document.get("x-amazon-apigateway-gateway-responses") or {}
    for kind, response in responses.items():
        v1._put_gateway_response(api, kind, response)
    ids = {each["name"]: each["id"] for each in v1._request_validators.get(api, {}).values()}
    default = document.get("x-amazon-apigateway-request-validator")
    for method, operation in _operations(api, document):
        validator = operation.get("x-amazon-apigateway-request-validator", default)
        if validator in ids:
            method["requestValidatorId"] = ids[validator]
        _complete_request(method, operation)
        _complete_integration(method, operation)


def _operations(
    api: str, document: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Every imported method with the operation that it was imported from."""
    methods = {
        resource["path"]: resource["resourceMethods"] for resource in v1._resources[api].values()
    }
    for path, item in (document.get("paths") or {}).items():
        for verb, operation in item.items():
            if method := methods.get(path.rstrip("/") or "/", {}).get(verb.upper()):
                yield method, operation or {}


def _complete_request(method: dict[str, Any], operation: Mapping[str, Any]) -> None:
    for parameter in operation.get("parameters") or []:
        if place := _PLACES.get(parameter.get("in")):
            name = f"method.request.{place}.{parameter['name']}"
            method.setdefault("requestParameters", {})[name] = bool(parameter.get("required"))
        elif reference := (parameter.get("schema") or {}).get("$ref"):
            models = method.setdefault("requestModels", {})
            models["application/json"] = reference.rsplit("/", 1)[-1]
    for code, response in (operation.get("responses") or {}).items():
        headers = (response or {}).get("headers") or {}
        parameters = {f"method.response.header.{header}": False for header in headers}
        method["methodResponses"][str(code)] = {
            "statusCode": str(code),
            "responseParameters": parameters,
            "responseModels": {},
        }


def _complete_integration(method: dict[str, Any], operation: Mapping[str, Any]) -> None:
    integration = method.get("methodIntegration")
    said = operation.get("x-amazon-apigateway-integration") or {}
    if integration is None:
        return
    for name in ("requestTemplates", "requestParameters", "passthroughBehavior", "timeoutInMillis"):
        if said.get(name) is not None:
            integration[name] = said[name]
    for pattern, response in (said.get("responses") or {}).items():
        code = str(response.get("statusCode", "200"))
        integration["integrationResponses"][code] = {
            "statusCode": code,
            "selectionPattern": "" if pattern == "default" else pattern,
            "responseParameters": response.get("responseParameters") or {},
            "responseTemplates": response.get("responseTemplates") or {},
        }


def _import(document: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> str:
    api = str(_import_rest_api(document, base))
    _complete(api, document)
    return api


def _update(
    physical_id: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    stack: str,
    logical_id: str | None = None,
) -> Any:
    """Import a changed body into the API that is there, as PutRestApi with `overwrite` does."""
    document = new.get("Body")
    if isinstance(document, dict) and document != old.get("Body"):
        root = next(r for r, each in v1._resources[physical_id].items() if each["path"] == "/")
        empty = {**v1._resources[physical_id][root], "resourceMethods": {}}
        v1._resources[physical_id] = {root: empty}
        for store in (v1._models, v1._request_validators, v1._gateway_responses):
            store.pop(physical_id, None)
        v1._authorizers_v1.pop(physical_id, None)
        schemes = v1._import_security_schemes(physical_id, document)
        for path, item in (document.get("paths") or {}).items():
            v1._import_path_item(physical_id, path, item, schemes, document.get("security"))
        _complete(physical_id, document)
    return _update_rest_api(physical_id, {**old, "Body": document}, new, stack, logical_id)


# --- requests -------------------------------------------------------------------------------------


def _inflated(body: bytes) -> bytes:
    """The inflated body, or a little more than the limit of it. Raises zlib.error."""
    return zlib.decompressobj(wbits=31).decompress(body, _LARGEST_BODY + 1)


async def _execute(
    request: Any,
    api_id: str,
    stage: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    *rest: Any,
) -> Any:
    """Handle a request between inflating its body and compressing the answer."""
    smallest = (v1._rest_apis.get(api_id) or {}).get("minimumCompressionSize")
    if smallest is not None and headers.get("content-encoding", "").lower() == "gzip":
        try:
            body = _inflated(body)
        except zlib.error:
            pass  # not compressed after all: the function will say what is wrong with it
        else:
            headers = {name: value for name, value in headers.items() if name != "content-encoding"}
    deployed = v1._stages_v1.get(api_id, {}).get(stage)
    if deployed and len(body) > _LARGEST_BODY:
        request["stage"] = deployed
        return v1._gw_error("REQUEST_TOO_LARGE", "Request Too Long")
    answer = await _execute_in_scope(request, api_id, stage, method, path, headers, body, *rest)
    if smallest is None or not isinstance(answer, tuple):
        return answer
    status, answer_headers, content = answer
    wanted = "gzip" in headers.get("accept-encoding", "").lower()
    if wanted and isinstance(content, bytes) and len(content) > int(smallest):
        return status, {**answer_headers, "Content-Encoding": "gzip"}, gzip.compress(content, 1)
    return answer


async def _authorize(authorizer: Any, method: Mapping[str, Any], *request: Any) -> Any:
    """Refuse access tokens on a method without scopes."""
    claims, error = await _validate_cognito_authorizer(authorizer, method, *request)
    if claims and not method.get("authorizationScopes") and claims.get("token_use") == "access":
        return None, v1._gw_error("UNAUTHORIZED", "Unauthorized")
    return claims, error


def _proxy_response(result: Any) -> Any:
    """What the function answered, or that it crashed."""
    response, error = _lambda_proxy_response(result)
    crashed = result.get("error") and not result.get("throttle")
    return (None, _CRASH) if crashed else (response, error)


async def _invoke(*request: Any, **named: Any) -> Any:
    """Call the function; of a crash the caller hears no more than that there was one."""
    answer = await _invoke_lambda_proxy(*request, **named)
    if isinstance(answer, tuple) and answer[2] == json.dumps({"message": _CRASH}).encode():
        return v1._gw_error("INTEGRATION_FAILURE", "Internal server error")
    return answer


def apply() -> None:
    """Import documents wholly, keep the API's id, and treat requests as AWS does."""
    v1._import_rest_api = _import
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_TYPE] = {**handlers[_TYPE], "update": _update}
    v1._execute_in_scope = _execute
    v1._validate_cognito_authorizer = _authorize
    v1._lambda_proxy_response = _proxy_response
    v1._invoke_lambda_proxy_v1 = _invoke
