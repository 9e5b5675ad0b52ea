"""From environments/*.yaml to what the template, the SAM CLI and people read.

`python -m skafu.ops environments [--check]` writes, or compares,

* the `Mappings` of template.yaml and the version of its API, between markers, and the names that
  its environment may have,
* the same in the templates of infrastructure/ (stack_mappings.py), and the choices of the workflow
  that rolls back,
* samconfig.toml,
* docs/environments.md,
* backend/skafu/build.json (build_record.py).
"""

import argparse
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from skafu.ops import stack_mappings
from skafu.ops.build_record import PATH as RECORD
from skafu.ops.build_record import build_record
from skafu.ops.environments import (
    API_TIMEOUT_S,
    Environment,
    ProvisionedScaling,
    WorkingHours,
    load,
)
from skafu.ops.generated import ROOT, Generated, between, write_or_check
from skafu.ops.naming import delegations

type Value = str | int | float

NOT_SET = "none"
WORKFLOW = ".github/workflows/rollback.yml"
# API Gateway's quota of an account and region, requests a second.
ACCOUNT_RATE = 10_000
WAF_WINDOW_S = 300
LONG_RUN_MS_PER_S = 800
"""A run that takes four fifths of what a batch function may take has ended for want of time."""


def _switch(on: bool) -> str:
    # Words instead of booleans: a Mapping turns false into "false", which is true wherever strings
    # are tested for truth.
    return "on" if on else "off"


def mapping_of(environment: Environment) -> dict[str, Value]:
    """What the template looks up with FindInMap; what an environment lacks is a word that no number
    property takes.
    """
    functions, gateway = environment.lambda_, environment.api_gateway
    cognito, monitoring = environment.cognito, environment.monitoring
    throttle = gateway.throttle
    return {
        "PointInTimeRecovery": _switch(environment.dynamodb.point_in_time_recovery),
        "DeletionProtection": _switch(environment.dynamodb.deletion_protection),
        "Memory": functions.memory_size,
        "ApiTimeout": environment.api_timeout,
        "BatchTimeout": functions.timeout,
        "Visibility": environment.visibility_timeout,
        "ReservedConcurrency": functions.reserved_concurrency or NOT_SET,
        "ProvisionedConcurrency": functions.provisioned_concurrency or NOT_SET,
        "LogLevel": functions.environment_variables.LOG_LEVEL,
        "CorsOrigin": functions.environment_variables.CORS_ORIGIN,
        "Throttling": _switch(gateway.throttling_enabled),
        "ThrottleRate": throttle.rate if throttle else NOT_SET,
        "ThrottleBurst": throttle.burst if throttle else NOT_SET,
        "UserPoolName": cognito.user_pool_name,
        "UserPoolClientName": cognito.client_name,
        "SelfSignUp": _switch(cognito.self_sign_up),
        "PasswordLength": cognito.password_policy.minimum_length,
        "PasswordSymbols": _switch(cognito.password_policy.require_symbols),
        "LogRetention": monitoring.log_retention_days,
        "MetricRetention": monitoring.metrics_retention_days,
        "Alarms": _switch(monitoring.alerting_enabled),
        "Strategy": environment.deployment.strategy,
        "WatchMinutes": environment.deployment.watch_minutes,
        # Whether there is something for CodeDeploy to do, by who is asked to move the aliases. Not
        # words like the others: SAM itself reads them, and takes these two.
        "CodeDeploy": "true" if environment.shifts_by_code_deploy else "false",
        "CloudFormation": "false",
        "PriceClass": environment.console.price_class,
        "Team": environment.team,
        # CloudWatch tells durations in milliseconds, and CloudFormation cannot multiply.
        "LongRun": functions.timeout * LONG_RUN_MS_PER_S,
        **_protection(environment),
    }


def _protection(environment: Environment) -> dict[str, Value]:
    table, hours = environment.dynamodb, environment.working_hours
    capacity = table.capacity
    return {
        "BillingMode": table.billing_mode,
        "CapacityMinimum": capacity.minimum if capacity else NOT_SET,
        "CapacityMaximum": capacity.maximum if capacity else NOT_SET,
        "CapacityUtilization": capacity.utilization if capacity else NOT_SET,
        "ReplicaRegion": table.replica_region or NOT_SET,
        "Insights": _switch(environment.lambda_.insights),
        "ApiDomain": environment.api_gateway.domain or NOT_SET,
        "MachineKeys": _switch(environment.api_gateway.machine_keys),
        "Firewall": _switch(environment.security.firewall),
        "FirewallRate": _firewall_rate(environment),
        **_attached(environment),
        **_scaling(environment),
        "TraceShare": environment.monitoring.trace_percent / 100,
        "ProbeMinutes": environment.monitoring.probe_minutes or NOT_SET,
        "Wakes": _cron(hours.begins, hours.days) if hours else NOT_SET,
        "Sleeps": _cron(hours.ends, hours.days) if hours else NOT_SET,
        "TimeZone": hours.time_zone if hours else NOT_SET,
        # For functions, which read no cron.
        "WorkingHours": working_hours_of(environment),
    }


def working_hours_of(environment: Environment) -> str:
    """As shared/working_hours.py reads them."""
    return str(environment.working_hours or NOT_SET)


def _attached(environment: Environment) -> dict[str, Value]:
    """Whether functions are in the network, and which of them can be: those whose services have an
    endpoint there (docs/network.md).
    """
    network = environment.network
    reached = network.interface_endpoints if network and network.functions_attached else []
    return {
        "Attached": _switch(bool(network and network.functions_attached)),
        "ReachesFlags": _switch("appconfigdata" in reached),
        "ReachesPools": _switch("cognito-idp" in reached),
        "ReachesQueues": _switch("sqs" in reached),
    }


def _scaling(environment: Environment) -> dict[str, Value]:
    functions, minutes = environment.lambda_, environment.monitoring.probe_minutes
    scaling = functions.provisioned_scaling
    return {
        "ReservedMaximum": functions.reserved_maximum or NOT_SET,
        "ProvisionedMinimum": scaling.minimum if scaling else NOT_SET,
        "ProvisionedMaximum": scaling.maximum if scaling else NOT_SET,
        # Lambda tells a share of one, where DynamoDB tells per cent.
        "ProvisionedUtilization": f"{scaling.utilization / 100:.2f}" if scaling else NOT_SET,
        "ProbeRate": _rate(minutes) if minutes else NOT_SET,
        "ProbePeriod": minutes * 60 if minutes else NOT_SET,
    }


def _rate(minutes: int) -> str:
    # EventBridge refuses "1 minutes" and "2 minute".
    return f"rate({minutes} minute{'' if minutes == 1 else 's'})"


def _firewall_rate(environment: Environment) -> int:
    """Requests of one address in WAF's window, beyond which it is refused: half of what the
    environment takes, or the account where the environment says nothing.
    """
    throttle = environment.api_gateway.throttle
    rate = throttle.rate if throttle else ACCOUNT_RATE
    return rate * WAF_WINDOW_S // 2


def _cron(time: str, days: str) -> str:
    hour, minute = time.split(":")
    return f"cron({int(minute)} {int(hour)} ? * {days} *)"


def mappings(environments: Sequence[Environment]) -> str:
    """The template's Mappings, as YAML under `Mappings:`."""
    return stack_mappings.block(environments, mapping_of)


def samconfig(environments: Sequence[Environment]) -> str:
    """What the SAM CLI needs to know of each environment. Its `default` table is not inherited, so
    none is written.
    """
    header = (
        "# Generated from environments/*.yaml by `python -m skafu.ops environments`.\n"
        "# Every value is here because the CLI needs it; what makes environments differ is in\n"
        "# the Mappings of template.yaml.\n"
        "version = 0.1\n"
    )
    return header + "".join(_samconfig_of(environment) for environment in environments)


def _samconfig_of(environment: Environment) -> str:
    name, stack = environment.name, environment.stack_name
    # Nobody is there to answer on a laptop's own emulator; pipelines pass --no-confirm-changeset.
    confirm = "false" if name == "local" else "true"
    return f"""
[{name}.global.parameters]
stack_name = "{stack}"
region = "{environment.region}"
parameter_overrides = "Environment={name}"

[{name}.build.parameters]
cached = true
parallel = true

[{name}.validate.parameters]
lint = true

[{name}.deploy.parameters]
capabilities = "CAPABILITY_IAM"
resolve_s3 = true
s3_prefix = "{stack}"
confirm_changeset = {confirm}
fail_on_empty_changeset = false
tags = "project=skafu environment={name} team={environment.team}"
"""


def _either(value: Value | None) -> str:
    return "-" if value is None else str(value)


def _throttle(environment: Environment) -> str:
    gateway = environment.api_gateway
    if gateway.throttle is None:
        return "none"
    limits = f"{gateway.throttle.rate} / {gateway.throttle.burst}"
    return limits if gateway.throttling_enabled else f"none ({limits} when switched on)"


def _between(scaling: ProvisionedScaling | None) -> str:
    return "-" if scaling is None else f"{scaling.minimum} to {scaling.maximum}"


def _hours(hours: WorkingHours | None) -> str:
    if hours is None:
        return "always"
    return f"{hours.days} {hours.begins} to {hours.ends}, {hours.time_zone}"


ROWS: tuple[tuple[str, Callable[[Environment], str]], ...] = (
    ("stack", lambda e: e.stack_name),
    ("account (an example)", lambda e: e.account),
    ("region", lambda e: e.region),
    ("stage", lambda e: e.stage),
    ("takes what was tested in", lambda e: e.promoted_from or "anything"),
    ("team, as costs are counted", lambda e: e.team),
    (
        "point-in-time recovery / deletion protection",
        lambda e: f"{_switch(e.dynamodb.point_in_time_recovery)}"
        f" / {_switch(e.dynamodb.deletion_protection)}",
    ),
    ("memory, MB", lambda e: str(e.lambda_.memory_size)),
    ("timeout of API / batch functions, s", lambda e: f"{e.api_timeout} / {e.lambda_.timeout}"),
    (
        "reserved (metrics API) / provisioned (metrics and alerts API) concurrency",
        lambda e: f"{_either(e.lambda_.reserved_concurrency)}"
        f" / {_either(e.lambda_.provisioned_concurrency)}",
    ),
    ("reserved at most, while calls are refused", lambda e: _either(e.lambda_.reserved_maximum)),
    ("provisioned, as they are used", lambda e: _between(e.lambda_.provisioned_scaling)),
    ("log level", lambda e: e.lambda_.environment_variables.LOG_LEVEL),
    ("CORS origin", lambda e: e.lambda_.environment_variables.CORS_ORIGIN),
    ("API throttle rate / burst", _throttle),
    (
        "password length / symbols",
        lambda e: f"{e.cognito.password_policy.minimum_length}"
        f" / {'yes' if e.cognito.password_policy.require_symbols else 'no'}",
    ),
    ("self sign-up", lambda e: _switch(e.cognito.self_sign_up)),
    (
        "log / metric retention, days",
        lambda e: f"{e.monitoring.log_retention_days} / {e.monitoring.metrics_retention_days}",
    ),
    ("alarms on the platform itself", lambda e: _switch(e.monitoring.alerting_enabled)),
    ("deployment strategy", lambda e: e.deployment.strategy),
    ("a version with all traffic is watched for, min", lambda e: str(e.deployment.watch_minutes)),
    ("table's billing mode", lambda e: e.dynamodb.billing_mode),
    ("region of the table's second replica", lambda e: _either(e.dynamodb.replica_region)),
    ("Lambda Insights", lambda e: _switch(e.lambda_.insights)),
    ("host of the API", lambda e: _either(e.api_gateway.domain)),
    ("zone of its names", lambda e: e.names.zone if e.names else "-"),
    ("machines need an API key too", lambda e: _switch(e.api_gateway.machine_keys)),
    ("web application firewall", lambda e: _switch(e.security.firewall)),
    ("private network", lambda e: e.network.cidr if e.network else "-"),
    (
        "functions are attached to it",
        lambda e: _switch(bool(e.network and e.network.functions_attached)),
    ),
    ("requests traced beyond the first of a second, %", lambda e: str(e.monitoring.trace_percent)),
    ("public API is probed every, min", lambda e: _either(e.monitoring.probe_minutes)),
    ("working hours", lambda e: _hours(e.working_hours)),
    ("price class of the console", lambda e: e.console.price_class),
    ("user pool", lambda e: e.cognito.user_pool_name),
    ("user pool client", lambda e: e.cognito.client_name),
)


def document(environments: Sequence[Environment]) -> str:
    """docs/environments.md: the values side by side."""
    head = f"| | {' | '.join(each.name for each in environments)} |\n"
    rule = f"|---{'|---' * len(environments)}|\n"
    rows = "".join(
        f"| {title} | {' | '.join(tell(each) for each in environments)} |\n" for title, tell in ROWS
    )
    return f"""# Environments

Generated from `environments/*.yaml` by `python -m skafu.ops environments`; a check fails when it is
stale. Change a file there, run the command, commit both: the template's Mappings, `samconfig.toml`
and this page follow.

{head}{rule}{rows}
The same everywhere, and refused by the model if a file says otherwise: python3.12, one
table with a stream, encryption with the stack's own KMS key, X-Ray tracing, access logs, request
validation, CORS, Cognito, passwords with upper case, lower case and a number. A function behind the
gateway ends after {API_TIMEOUT_S} s, because the gateway does after 29; a queue hides a message six
times as long as the function that reads it may run. Account ids are examples: a deployment's account is that
of its credentials.
"""


def api_version(environments: Sequence[Environment]) -> str:
    """The literal that changes with any Mapping.

    The gateway is deployed again only when its document's text changes, and a Mapping's values are
    not in the text.
    """
    return hashlib.sha256(mappings(environments).encode()).hexdigest()[:12]


def choices(workflow: str, environments: Sequence[Environment]) -> str:
    """A workflow's text, where people choose an environment, with those that there are."""
    names = ", ".join(each.name for each in environments if each.name != "local")
    where = r"(^      environment:\n(?:        .*\n)*?        options: )\[.*\]$"
    return re.sub(where, rf"\g<1>[{names}]", workflow, flags=re.MULTILINE)


def generated(root: Path) -> tuple[Generated, ...]:
    """Everything that environments/ decides."""
    environments = load(root / "environments")
    template = (root / "template.yaml").read_text("utf-8")
    template = between(template, "begin: environments", "end: environments", mappings(environments))
    template = between(
        template,
        "begin: api version",
        "end: api version",
        f'          version: "{api_version(environments)}"\n',
    )
    names = {"Environment": [each.name for each in environments]}
    return (
        Generated("template.yaml", stack_mappings.with_names(template, names)),
        *stack_mappings.generated(root, environments),
        Generated(WORKFLOW, choices((root / WORKFLOW).read_text("utf-8"), environments)),
        delegations.generated(root, environments),
        Generated("samconfig.toml", samconfig(environments)),
        Generated("docs/environments.md", document(environments)),
        Generated(RECORD, build_record(root)),
    )


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found something stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops environments", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    options = parser.parse_args(arguments)
    return write_or_check(generated(ROOT), ROOT, check=options.check, command="environments")
