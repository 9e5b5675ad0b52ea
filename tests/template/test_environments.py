"""The values that DESIGN promises of each environment, found where AWS would find them."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.transformed import ACCOUNT, of_type, resolved, written

API_FUNCTIONS = ("MetricsFunction", "AlertsFunction", "WorkspaceFunction")
BATCH_FUNCTIONS = (
    "MetricsCompactorFunction",
    "AlertEvaluatorFunction",
    "AlertSweeperFunction",
    "AlertNotifierFunction",
)
HOOKS = {"ValidateReleaseFunction": 300, "WatchReleaseFunction": 900}
"""What CodeDeploy asks, and how long it may take (s): the same everywhere."""
AROUND = {"ProbeFunction", "ScalingFunction"}
"""What looks at the others, where there are such: test_scaling.py."""


@dataclass(frozen=True)
class Promise:  # pylint: disable=too-many-instance-attributes # the table's rows are what they are
    """One column of the table of environments."""

    environment: str
    point_in_time_recovery: bool
    deletion_protection: bool
    memory: int
    timeout: int
    reserved: int | None
    provisioned: int | None
    log_level: str
    origin: str
    throttle: tuple[int, int] | None
    password_length: int
    password_symbols: bool
    self_sign_up: bool
    log_days: int
    metric_days: int
    alarms: bool
    pool: str
    client: str


PROMISES = (
    Promise(
        environment="local",
        point_in_time_recovery=False,
        deletion_protection=False,
        memory=512,
        timeout=30,
        reserved=None,
        provisioned=None,
        log_level="DEBUG",
        origin="http://localhost:3000",
        throttle=None,
        password_length=8,
        password_symbols=False,
        self_sign_up=True,
        log_days=7,
        metric_days=30,
        alarms=False,
        pool="skafu-local-users",
        client="skafu-local-client",
    ),
    Promise(
        environment="development",
        point_in_time_recovery=False,
        deletion_protection=False,
        memory=512,
        timeout=30,
        reserved=None,
        provisioned=None,
        log_level="DEBUG",
        origin="http://localhost:3000",
        throttle=None,
        password_length=8,
        password_symbols=False,
        self_sign_up=True,
        log_days=30,
        metric_days=90,
        alarms=False,
        pool="skafu-dev-users",
        client="skafu-dev-client",
    ),
    Promise(
        environment="staging",
        point_in_time_recovery=True,
        deletion_protection=True,
        memory=1024,
        timeout=60,
        reserved=None,
        provisioned=None,
        log_level="INFO",
        origin="https://staging.skafu.com",
        throttle=(500, 1000),
        password_length=12,
        password_symbols=True,
        self_sign_up=False,
        log_days=90,
        metric_days=180,
        alarms=True,
        pool="skafu-staging-users",
        client="skafu-staging-client",
    ),
    Promise(
        environment="production",
        point_in_time_recovery=True,
        deletion_protection=True,
        memory=2048,
        timeout=300,
        reserved=100,
        provisioned=10,
        log_level="INFO",
        origin="https://skafu.com",
        throttle=(2000, 5000),
        password_length=12,
        password_symbols=True,
        self_sign_up=False,
        log_days=365,
        metric_days=730,
        alarms=True,
        pool="skafu-prod-users",
        client="skafu-prod-client",
    ),
)

type Resources = dict[str, Any]


@pytest.fixture(params=PROMISES, ids=lambda promise: str(promise.environment))
def promise(request: pytest.FixtureRequest) -> Promise:
    found: Promise = request.param
    return found


@pytest.fixture
def resources(promise: Promise) -> Resources:
    return resolved(promise.environment)


def test_the_parameter_offers_these_environments_and_no_others() -> None:
    offered = written()["Parameters"]["Environment"]["AllowedValues"]
    assert offered == [each.environment for each in PROMISES]


def test_the_table_is_protected_as_promised(promise: Promise, resources: Resources) -> None:
    (replica,) = resources["SkafuTable"]["Properties"]["Replicas"]
    assert replica["DeletionProtectionEnabled"] is promise.deletion_protection
    recovery = replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert recovery is promise.point_in_time_recovery


def test_functions_have_the_promised_memory(promise: Promise, resources: Resources) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    promised = {each["MemorySize"] for name, each in functions.items() if name not in AROUND}
    assert promised == {promise.memory}
    # What waits for others needs little.
    assert all(functions[name]["MemorySize"] == 256 for name in AROUND & functions.keys())


def test_batch_functions_may_take_the_promised_time_and_api_functions_end_before_the_gateway_does(
    promise: Promise, resources: Resources
) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    assert {functions[name]["Timeout"] for name in BATCH_FUNCTIONS} == {promise.timeout}
    assert {functions[name]["Timeout"] for name in API_FUNCTIONS} == {28}
    assert {name: functions[name]["Timeout"] for name in HOOKS} == HOOKS
    assert set(functions) - AROUND == {*API_FUNCTIONS, *BATCH_FUNCTIONS, *HOOKS}


def test_only_the_metrics_api_reserves_concurrency(promise: Promise, resources: Resources) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    reserved = {
        name: each["ReservedConcurrentExecutions"]
        for name, each in functions.items()
        if "ReservedConcurrentExecutions" in each
    }
    expected = {} if promise.reserved is None else {"MetricsFunction": promise.reserved}
    assert reserved == expected


def test_only_the_two_busy_apis_provision_concurrency(
    promise: Promise, resources: Resources
) -> None:
    aliases = of_type(resources, "AWS::Lambda::Alias")
    provisioned = {
        each["FunctionName"]["Ref"]: each["ProvisionedConcurrencyConfig"]
        for each in aliases.values()
        if "ProvisionedConcurrencyConfig" in each
    }
    executions = {"ProvisionedConcurrentExecutions": promise.provisioned}
    expected = {"MetricsFunction": executions, "AlertsFunction": executions}
    assert provisioned == (expected if promise.provisioned else {})


def test_functions_know_their_environment(promise: Promise, resources: Resources) -> None:
    for function in of_type(resources, "AWS::Lambda::Function").values():
        variables = function["Environment"]["Variables"]
        assert variables["ENVIRONMENT"] == promise.environment
        assert variables["LOG_LEVEL"] == promise.log_level
        assert variables["CORS_ORIGIN"] == promise.origin
        assert variables["TABLE_NAME"] == {"Ref": "SkafuTable"}
        assert variables["POWERTOOLS_SERVICE_NAME"] == "skafu"
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "skafu"


def test_loopback_webhooks_are_allowed_in_local_alone(
    promise: Promise, resources: Resources
) -> None:
    said = {
        function["Environment"]["Variables"]["ALLOW_LOOPBACK_WEBHOOKS"]
        for function in of_type(resources, "AWS::Lambda::Function").values()
        if "ALLOW_LOOPBACK_WEBHOOKS" in function["Environment"]["Variables"]
    }
    assert said == {"true" if promise.environment == "local" else "false"}


def test_the_gateway_and_the_sign_in_know_the_console(
    promise: Promise, resources: Resources
) -> None:
    body = resources["SkafuApi"]["Properties"]["Body"]
    quoted = f"'{promise.origin}'"
    for response in body["x-amazon-apigateway-gateway-responses"].values():
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == quoted
    client = resources["UserPoolClient"]["Properties"]
    assert client["CallbackURLs"] == [f"{promise.origin}/callback"]
    assert client["LogoutURLs"] == [f"{promise.origin}/logout"]


def test_a_console_elsewhere_is_known_to_functions_gateway_and_sign_in() -> None:
    elsewhere = "https://console.example.com"
    found = resolved("production", ConsoleHost=elsewhere)
    variables = found["MetricsFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["CORS_ORIGIN"] == elsewhere
    assert found["UserPoolClient"]["Properties"]["CallbackURLs"] == [f"{elsewhere}/callback"]
    assert "https://skafu.com" not in str(found)


def test_the_stage_throttles_as_promised(promise: Promise, resources: Resources) -> None:
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage").values()
    assert stage["StageName"] == promise.environment
    (settings,) = stage["MethodSettings"]
    given = (settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit"))
    assert given == (promise.throttle or (None, None))


def test_the_user_pool_is_as_promised(promise: Promise, resources: Resources) -> None:
    pool = resources["UserPool"]["Properties"]
    assert pool["UserPoolName"] == promise.pool
    assert resources["UserPoolClient"]["Properties"]["ClientName"] == promise.client
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is not promise.self_sign_up
    assert pool["DeletionProtection"] == ("ACTIVE" if promise.deletion_protection else "INACTIVE")
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == promise.password_length
    assert policy["RequireSymbols"] is promise.password_symbols
    assert policy["RequireUppercase"] and policy["RequireLowercase"] and policy["RequireNumbers"]


def test_logs_and_metrics_live_as_long_as_promised(promise: Promise, resources: Resources) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    assert {each["RetentionInDays"] for each in groups.values()} == {promise.log_days}
    for name in ("MetricsFunction", "MetricsCompactorFunction"):
        variables = resources[name]["Properties"]["Environment"]["Variables"]
        assert variables["METRIC_RETENTION_DAYS"] == promise.metric_days


def test_the_platform_watches_itself_where_promised(promise: Promise, resources: Resources) -> None:
    assert bool(of_type(resources, "AWS::CloudWatch::Alarm")) is promise.alarms


def test_some_things_are_the_same_everywhere(resources: Resources) -> None:
    for function in of_type(resources, "AWS::Lambda::Function").values():
        assert function["Runtime"] == "python3.12"
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["Architectures"] == ["arm64"]
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage").values()
    assert stage["TracingEnabled"] is True
    assert stage["AccessLogSetting"]["DestinationArn"] == {"Fn::GetAtt": ["ApiAccessLogs", "Arn"]}
    domain = resources["UserPoolDomain"]["Properties"]["Domain"]
    assert domain.startswith("skafu-") and domain.endswith(ACCOUNT)
