"""What an environment is: the files of environments/, typed, read and refused as a whole.

A field that may have one value only is a promise kept everywhere (README of the environments:
docs/environments.md): writing another value into a file is an error, not an option.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from skafu.ops.build_record import ENVIRONMENTS, promotions
from skafu.shared.working_hours import WorkingHours as Hours

# API Gateway ends an integration after 29 s; a function that outlives its caller only costs.
API_TIMEOUT_S = 28
# AWS asks for a queue's visibility timeout of at least six times the timeout of the function that
# reads it.
VISIBILITY_FACTOR = 6

Positive = Annotated[int, Field(gt=0)]
# What CloudWatch Logs accepts (PutRetentionPolicy), as far as a platform like this would choose it.
LogRetention = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827]


EndpointService = Literal[
    "appconfigdata",
    "cognito-idp",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "xray",
]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Host = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class Part(BaseModel):
    """A part of an environment's file: unknown names and values of another type are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Capacity(Part):
    """What a PROVISIONED table and its index scale between, reads and writes alike: units a second,
    and how much of them (per cent) is meant to be used.
    """

    minimum: Positive
    maximum: Positive
    utilization: Annotated[int, Field(ge=20, le=90)]  # what DynamoDB's target tracking takes


class DynamoDb(Part):
    """The one table. `capacity` may be stated without being used. `replica_region` is where the
    table's second replica is, which nobody reads or writes until a failover.
    """

    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"]
    capacity: Capacity | None = None
    point_in_time_recovery: bool
    stream_enabled: Literal[True]
    deletion_protection: bool
    replica_region: Region | None = None

    @model_validator(mode="after")
    def _has_capacity_when_provisioned(self) -> Self:
        if self.billing_mode == "PROVISIONED" and self.capacity is None:
            raise ValueError("the billing mode is PROVISIONED but capacity is missing")
        return self


class LambdaVariables(Part):
    """Environment variables of every function."""

    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    CORS_ORIGIN: Annotated[str, Field(pattern=r"^(https://|http://localhost)[^/'*]*$")]


class ProvisionedScaling(Part):
    """Between how many instances an API function's provisioned concurrency follows its use, so that
    `utilization` per cent of them are meant to be busy.
    """

    minimum: Positive
    maximum: Positive
    utilization: Annotated[int, Field(ge=10, le=90)]  # what Lambda's target tracking takes


class Lambda(Part):
    """All functions. `timeout` (seconds) holds for batch functions, API functions end at
    API_TIMEOUT_S.

    `reserved_concurrency` is the metrics API's, which refusals raise up to `reserved_maximum`.
    `provisioned_concurrency` is what each of the metrics and alerts APIs begins with; from there it
    goes as `provisioned_scaling` says, or stays. `insights`: whether Lambda
    Insights' extension runs beside them.
    """

    runtime: Literal["python3.12"]
    memory_size: Annotated[int, Field(ge=128, le=10_240)]
    timeout: Annotated[int, Field(gt=0, le=900)]
    reserved_concurrency: Positive | None = None
    reserved_maximum: Positive | None = None
    provisioned_concurrency: Positive | None = None
    provisioned_scaling: ProvisionedScaling | None = None
    insights: bool = False
    environment_variables: LambdaVariables

    @model_validator(mode="after")
    def _scales_from_what_it_has(self) -> Self:
        usual, most = self.reserved_concurrency, self.reserved_maximum
        if most is not None and (usual is None or most < usual):
            raise ValueError("reserved_maximum is for a reserved_concurrency that is not above it")
        scaling, begins = self.provisioned_scaling, self.provisioned_concurrency
        if scaling is not None and (
            begins is None or not scaling.minimum <= begins <= scaling.maximum
        ):
            raise ValueError("provisioned_concurrency is not within provisioned_scaling")
        return self


class Throttle(Part):
    """Requests a second, and how many at once."""

    rate: Positive
    burst: Positive


class ApiGateway(Part):
    """The gateway. `throttle` may be stated without being enabled.

    `domain` is the API's own host; without one it has AWS's. `machine_keys`: whether the routes
    that machines use ask for an API key of a usage plan besides the token.
    """

    cors_enabled: Literal[True]
    throttling_enabled: bool
    throttle: Throttle | None = None
    request_validation: Literal[True]
    auth_type: Literal["COGNITO_USER_POOLS"]
    domain: Host | None = None
    machine_keys: bool = False

    @model_validator(mode="after")
    def _has_limits_when_enabled(self) -> Self:
        if self.throttling_enabled and self.throttle is None:
            raise ValueError("throttling is enabled but throttle is missing")
        return self


class PasswordPolicy(Part):
    """What Cognito asks of a password."""

    minimum_length: Annotated[int, Field(ge=8, le=99)]
    require_uppercase: Literal[True]
    require_lowercase: Literal[True]
    require_numbers: Literal[True]
    require_symbols: bool


class Cognito(Part):
    """Who may sign in, and how."""

    user_pool_name: str
    client_name: str
    self_sign_up: bool
    password_policy: PasswordPolicy


class Monitoring(Part):
    """How long logs and rollups live (days), and whether the platform watches itself.

    `trace_percent` of requests are traced beyond the first of each second. Every `probe_minutes`
    the public API is used from outside, as customers use it; None: never.
    """

    log_retention_days: LogRetention
    metrics_retention_days: Positive
    alerting_enabled: bool
    xray_tracing: Literal[True]
    trace_percent: Annotated[int, Field(ge=0, le=100)] = 5
    probe_minutes: Literal[1, 2, 5, 10, 15, 30] | None = None


class Security(Part):
    """Encryption is with the stack's own key. `firewall`: AWS WAF before API and console."""

    encryption_enabled: Literal[True]
    access_logging: Literal[True]
    firewall: bool = False


class Network(Part):
    """The environment's private network, which functions need not be in to work.

    `interface_endpoints` are the services that have an endpoint of their own in it; each costs by
    the hour and zone. Gateway endpoints (DynamoDB, S3) cost nothing and are always there.
    """

    cidr: Annotated[str, Field(pattern=r"^10\.\d{1,3}\.0\.0/16$")]
    functions_attached: bool = False
    interface_endpoints: list[EndpointService] = []
    flow_log_days: LogRetention


class Names(Part):
    """The environment's own `zone`, which holds its API's host, and the company's domain (`parent`)
    that delegates it (docs/names.md).
    """

    parent: Host
    zone: Host

    @model_validator(mode="after")
    def _is_below_its_parent(self) -> Self:
        if not self.zone.endswith(f".{self.parent}"):
            raise ValueError(f"the zone {self.zone} is not below {self.parent}")
        return self

    def holds(self, host: str) -> bool:
        """Whether a host's records are in the zone."""
        return f".{host}".endswith(f".{self.zone}")


class WorkingHours(Part):
    """When people use an environment that customers do not: outside of these hours what costs by
    the hour sleeps. `days` as in cron, times in `time_zone`.
    """

    days: Annotated[str, Field(pattern=r"^[A-Z]{3}-[A-Z]{3}$")]
    begins: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    ends: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    time_zone: str

    def __str__(self) -> str:
        """As functions read them (shared/working_hours.py)."""
        return f"{self.days} {self.begins}-{self.ends} {self.time_zone}"

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        Hours.parse(str(self))
        return self


class Deployment(Part):
    """How the `live` aliases go from a version to the next, and for how long (minutes) a version
    that has all of the traffic is watched before its deployment counts as done.

    canary: 5 % for ten minutes, then all. gradual: 5 % more each minute. rolling: 10 % more each
    minute. blue-green: all at once, watched afterwards. Lambda ends the hook that watches after a
    quarter of an hour, which its answer has to fit into.
    """

    strategy: Literal["canary", "gradual", "rolling", "all-at-once", "blue-green"]
    watch_minutes: Annotated[int, Field(ge=1, le=14)]


class Console(Part):
    """Whose edge locations CloudFront serves the console from."""

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]


class Environment(Part):
    """One environment, as environments/<name>.yaml says it.

    `account` is an example for documents and tests; a deployment's account is that of its
    credentials. `stage` is its kind, which decides what its budgets, anomalies and gates are unless
    something is said of the environment itself. What it runs has to have been tested in the
    environment that it is `promoted_from`; without one it takes anything. `team` is whose budget
    its costs count against (docs/cost.md).
    """

    name: Annotated[str, Field(pattern=r"^[a-z]+$")]
    stack_name: Annotated[str, Field(pattern=r"^skafu-[a-z]+$")]
    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    region: Region
    stage: Literal["local", "development", "staging", "production"]
    promoted_from: Annotated[str, Field(pattern=r"^[a-z]+$")] | None = None
    team: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = "skafu"
    dynamodb: DynamoDb
    lambda_: Annotated[Lambda, Field(alias="lambda")]
    api_gateway: ApiGateway
    cognito: Cognito
    monitoring: Monitoring
    security: Security
    deployment: Deployment
    console: Console
    network: Network | None = None
    names: Names | None = None
    working_hours: WorkingHours | None = None

    @model_validator(mode="after")
    def _has_a_zone_for_its_host(self) -> Self:
        host = self.api_gateway.domain
        if (host is None) != (self.names is None) or (
            host and self.names and not self.names.holds(host)
        ):
            raise ValueError(f"names has to have a zone for the API's host {host}, and only then")
        return self

    @model_validator(mode="after")
    def _writes_down_what_it_measures(self) -> Self:
        # Lambda Insights' extension runs beside the function and writes its log from there.
        network = self.network
        if (
            self.lambda_.insights
            and network
            and network.functions_attached
            and "logs" not in network.interface_endpoints
        ):
            raise ValueError("functions in the network measure themselves: they need logs there")
        return self

    @property
    def console_host(self) -> str | None:
        """Where the console is, if it has a host of its own."""
        scheme, _, host = self.lambda_.environment_variables.CORS_ORIGIN.partition("://")
        return host if scheme == "https" else None

    @property
    def has_console_in_zone(self) -> bool:
        """Whether the console's records are in the environment's own zone."""
        return bool(self.console_host and self.names and self.names.holds(self.console_host))

    @property
    def host_in_parent(self) -> str | None:
        """The console's host, if its records are in the company's zone and not in the own one."""
        return self.console_host if self.names and not self.has_console_in_zone else None

    @property
    def api_timeout(self) -> int:
        """Seconds that a function behind the gateway may take."""
        return min(self.lambda_.timeout, API_TIMEOUT_S)

    @property
    def visibility_timeout(self) -> int:
        """Seconds that a queue hides a message which a batch function is working on."""
        return VISIBILITY_FACTOR * self.lambda_.timeout

    @property
    def shifts_by_code_deploy(self) -> bool:
        """Whether CodeDeploy moves the aliases; without it they move as soon as they are told to.

        The embedded AWS has no CodeDeploy.
        """
        return self.stage != "local"


NAMES = ENVIRONMENTS
IN_ACCOUNTS = tuple(name for name in NAMES if name != "local")
"""Those that are deployed to AWS: the embedded one costs nothing and promotes nothing."""
BELOW: Mapping[str, str] = {
    name: below
    for name, below in promotions(Path(__file__).resolve().parents[3] / "environments").items()
    if below is not None
}
"""Where what an environment runs has to have been tested; others take anything."""


def above(name: str, below: Mapping[str, str] = BELOW) -> str | None:
    """The environment that takes over what was tested in this one: of several the one furthest on
    the way to production, as account roles are made for one only. None: nothing goes on from here.
    """
    return next((each for each in reversed(tuple(below)) if below[each] == name), None)


def load(folder: Path) -> tuple[Environment, ...]:
    """Every environment, in order of promotion.

    Raises pydantic.ValidationError when a file says what an environment cannot be and ValueError
    when a file's name and its content differ, when it is promoted from one that is not there, and
    when more than the embedded AWS is called local.
    """
    found = []
    for name in promotions(folder):
        path = folder / f"{name}.yaml"
        environment = Environment.model_validate(yaml.safe_load(path.read_text("utf-8")))
        if name != environment.name or (name == "local") != (environment.stage == "local"):
            raise ValueError(f"{path.name} describes {environment.name} ({environment.stage})")
        found.append(environment)
    return tuple(found)
