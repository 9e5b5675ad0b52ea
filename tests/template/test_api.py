"""The gateway: it offers what the code serves, to whom the code says, and its own answers look like
the code's.
"""

import importlib
import json
import re
from typing import Any

import pytest

from skafu.ops.openapi import DOMAINS
from skafu.shared.routes import Route, Scope
from tests.support.transformed import of_type, outputs, resolved

type Json = dict[str, Any]
FUNCTIONS = {
    "metrics": "MetricsFunction",
    "alerts": "AlertsFunction",
    "workspace": "WorkspaceFunction",
}


@pytest.fixture
def body() -> Json:
    return dict(resolved("production")["SkafuApi"]["Properties"]["Body"])


def _served() -> dict[tuple[str, str], tuple[str, Route]]:
    return {
        (route.path, route.method.lower()): (FUNCTIONS[domain], route)
        for domain in DOMAINS
        for route in importlib.import_module(f"skafu.{domain}.api").ROUTES
    }


def _offered(body: Json) -> dict[tuple[str, str], Json]:
    return {
        (path, method): operation
        for path, operations in body["paths"].items()
        for method, operation in operations.items()
        if method != "options"
    }


def test_the_gateway_offers_exactly_what_the_functions_serve(body: Json) -> None:
    assert set(_offered(body)) == set(_served())


def test_each_route_leads_to_the_function_that_serves_it(body: Json) -> None:
    for key, operation in _offered(body).items():
        function, _ = _served()[key]
        uri = operation["x-amazon-apigateway-integration"]["uri"]
        assert f"${{{function}Aliaslive}}" in uri, key


def test_each_route_admits_the_scopes_that_the_code_names(body: Json) -> None:
    for key, operation in _offered(body).items():
        _, route = _served()[key]
        (requirement,) = operation["security"]
        if route.scopes:
            assert set(requirement["CognitoAuthorizer"]) == {each.value for each in route.scopes}
        else:
            assert requirement == {"NONE": []}, key


def test_health_is_the_one_route_without_a_token(body: Json) -> None:
    free = [key for key, each in _offered(body).items() if each["security"] == [{"NONE": []}]]
    assert free == [("/api/health", "get")]


def test_preflight_needs_no_token(body: Json) -> None:
    for path, operations in body["paths"].items():
        assert "security" not in operations["options"], path


def test_browsers_may_send_what_clients_send(body: Json) -> None:
    for path, operations in body["paths"].items():
        answer = operations["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
        headers = answer["responseParameters"]
        allowed = headers["method.response.header.Access-Control-Allow-Headers"].strip("'")
        assert set(allowed.split(",")) >= {
            "Authorization",
            "Content-Type",
            "Content-Encoding",
            "If-Match",
            "Idempotency-Key",
        }, path
        origin = headers["method.response.header.Access-Control-Allow-Origin"]
        assert origin == "'https://skafu.com'"


def test_machines_can_be_given_every_scope_that_a_route_names() -> None:
    server = resolved("production")["ResourceServer"]["Properties"]
    given = {f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]}
    assert given == set(Scope) - {Scope.PERSON}


def test_people_bring_their_scope_also_through_the_sign_in_page() -> None:
    client = resolved("production")["UserPoolClient"]["Properties"]
    assert set(client["AllowedOAuthScopes"]) == {"openid", "email", "profile", Scope.PERSON}
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_people_sign_in_by_email_in_any_case_with_an_optional_second_factor() -> None:
    pool = resolved("production")["UserPool"]["Properties"]
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert {each["Name"] for each in pool["Schema"] if each["Required"]} == {"email", "name"}
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("UNAUTHORIZED", 401),
        ("EXPIRED_TOKEN", 401),
        ("ACCESS_DENIED", 403),
        ("MISSING_AUTHENTICATION_TOKEN", 404),
        ("RESOURCE_NOT_FOUND", 404),
        ("BAD_REQUEST_PARAMETERS", 400),
        ("BAD_REQUEST_BODY", 400),
        ("REQUEST_TOO_LARGE", 413),
        ("UNSUPPORTED_MEDIA_TYPE", 415),
        ("THROTTLED", 429),
        ("INVALID_API_KEY", 403),
        ("QUOTA_EXCEEDED", 429),
        ("WAF_FILTERED", 403),
        ("INTEGRATION_FAILURE", 502),
        ("INTEGRATION_TIMEOUT", 504),
        ("DEFAULT_4XX", None),
        ("DEFAULT_5XX", None),
    ],
)
def test_the_gateway_s_own_answers_are_problem_documents(
    body: Json, kind: str, status: int | None
) -> None:
    response = body["x-amazon-apigateway-gateway-responses"][kind]
    assert response.get("statusCode") == (None if status is None else str(status))
    headers = response["responseParameters"]
    content = headers["gatewayresponse.header.Content-Type"]
    assert content == "'application/problem+json'"
    (template,) = response["responseTemplates"].values()
    # As the gateway fills it in: a message comes quoted, a status as a number.
    filled = template.replace("$context.error.messageString", '"why"')
    problem = json.loads(re.sub(r"\$context\.status", "500", filled))
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["type"].startswith("/problems/")
    assert status is None or problem["status"] == status


def test_every_answer_of_the_gateway_is_described(body: Json) -> None:
    kinds = body["x-amazon-apigateway-gateway-responses"]
    for kind, response in kinds.items():
        headers = response["responseParameters"]
        assert ("gatewayresponse.header.WWW-Authenticate" in headers) == (
            response.get("statusCode") == "401"
        ), kind


def test_parameters_are_checked_at_the_gateway_and_bodies_are_not(body: Json) -> None:
    name = body["x-amazon-apigateway-request-validator"]
    assert body["x-amazon-apigateway-request-validators"][name] == {
        "validateRequestParameters": True,
        "validateRequestBody": False,
    }


def test_the_gateway_asks_for_the_parameters_that_the_code_requires(body: Json) -> None:
    for key, operation in _offered(body).items():
        _, route = _served()[key]
        required = {each.name for each in route.parameters if each.required}
        asked = {each["name"] for each in operation.get("parameters", ()) if each["required"]}
        assert asked == required, key


def test_bodies_arrive_as_they_are(body: Json) -> None:
    api = resolved("production")["SkafuApi"]["Properties"]
    assert api["MinimumCompressionSize"] == 0
    assert "BinaryMediaTypes" not in api
    assert "x-amazon-apigateway-binary-media-types" not in body


def test_access_is_logged_as_json_and_bodies_never_are() -> None:
    (stage,) = of_type(resolved("production"), "AWS::ApiGateway::Stage").values()
    line = re.sub(r"\$context[.\w]+", "1", stage["AccessLogSetting"]["Format"])
    assert {"time", "id", "route", "status", "ms"} <= set(json.loads(line))
    (settings,) = stage["MethodSettings"]
    assert settings["DataTraceEnabled"] is False
    assert settings["LoggingLevel"] == "OFF"


def test_the_api_is_told_where_it_is_or_where_it_is_reached() -> None:
    def endpoint(**parameters: str) -> Any:
        return outputs("local", **parameters)["ApiEndpoint"]["Value"]

    assert endpoint() == "https://${SkafuApi}.execute-api.us-east-1.amazonaws.com/local"
    local = endpoint(ApiBaseUrl="http://127.0.0.1:4566/_aws/execute-api")
    assert local == "http://127.0.0.1:4566/_aws/execute-api/${SkafuApi}/local"


CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"


def test_with_a_certificate_the_api_has_its_own_host_and_keeps_aws_s() -> None:
    told = outputs("production", ApiCertificateArn=CERTIFICATE)
    assert told["ApiEndpoint"]["Value"] == "https://api.skafu.com"
    regional = "https://${SkafuApi}.execute-api.us-east-1.amazonaws.com/production"
    assert told["RegionalApiEndpoint"]["Value"] == regional
    made = resolved("production", ApiCertificateArn=CERTIFICATE)
    domain = made["ApiDomain"]["Properties"]
    assert (domain["DomainName"], domain["SecurityPolicy"]) == ("api.skafu.com", "TLS_1_2")
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    mapping = made["ApiDomainMapping"]["Properties"]
    assert "BasePath" not in mapping
    assert mapping["Stage"] == {"Ref": "SkafuApiStage"}


def test_the_api_s_host_may_be_another_than_the_environment_s() -> None:
    own = {"ApiCertificateArn": CERTIFICATE, "ApiHost": "metrics.example.com"}
    for environment in ("development", "production"):
        told = outputs(environment, **own)
        assert told["ApiEndpoint"]["Value"] == "https://metrics.example.com"


def test_without_a_certificate_or_a_host_there_is_no_name_of_its_own() -> None:
    for made in (resolved("production"), resolved("development", ApiCertificateArn=CERTIFICATE)):
        assert not {"ApiDomain", "ApiDomainMapping", "ApiRecord"} & set(made)
    assert "ApiRecord" not in resolved("production", ApiCertificateArn=CERTIFICATE)


def test_the_api_s_name_leads_to_the_home_region_until_its_health_check_says_otherwise() -> None:
    names = {"ApiCertificateArn": CERTIFICATE, "HostedZoneId": "Z1"}
    checked = {**names, "FailoverHealthCheckId": "check"}
    home = resolved("production", **checked)["ApiRecord"]["Properties"]
    assert (home["Name"], home["Type"]) == ("api.skafu.com", "A")
    assert (home["SetIdentifier"], home["Failover"]) == ("us-east-1", "PRIMARY")
    assert home["HealthCheckId"] == "check"
    assert home["AliasTarget"]["EvaluateTargetHealth"] is True
    other = resolved("production", HomeRegion="eu-west-1", **checked)["ApiRecord"]["Properties"]
    assert other["Failover"] == "SECONDARY"
    assert "HealthCheckId" not in other
    assert "HealthCheckId" not in resolved("production", **names)["ApiRecord"]["Properties"]


def test_every_output_can_be_imported_under_its_name() -> None:
    found = outputs("local")
    assert {each["Export"]["Name"] for each in found.values()} == {
        f"skafu-test-{name}" for name in found
    }
    functions = [*FUNCTIONS.values()]
    functions += ["AlertEvaluatorFunction", "AlertSweeperFunction", "AlertNotifierFunction"]
    assert {f"{name}Alias" for name in functions} <= set(found)
