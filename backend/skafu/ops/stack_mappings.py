"""What the templates of infrastructure/ are told of environments, written by `python -m skafu.ops
environments`: their `Mappings`, or a list of their names, between the markers `# begin:
environments` and `# end: environments`, and which names an environment may have (`AllowedValues` of
a parameter that names one).

A template whose environments differ has a function here that gives its values.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from skafu.ops.environments import EndpointService, Environment
from skafu.ops.generated import Generated, between

type Value = str | int | float
type Values = Callable[[Environment], Mapping[str, Value]]

MARKERS = ("begin: environments", "end: environments")
IMPACTS = {"development": "5", "staging": "10", "production": "50"}
"""An anomaly is told of when it may cost as much, dollars by stage: in smaller environments a few
dollars are news already. A string, because it stands in a condition's text.
"""
ENDPOINTS: Mapping[EndpointService, str] = {
    "appconfigdata": "AppConfig",
    "cognito-idp": "UserPools",
    "kms": "Keys",
    "logs": "Logs",
    "monitoring": "Monitoring",
    "secretsmanager": "Secrets",
    "sns": "Topics",
    "sqs": "Queues",
    "ssm": "Parameters",
    "xray": "Traces",
}
"""Interface endpoints, as infrastructure/network.yaml calls them."""


def _cost(environment: Environment) -> Mapping[str, Value]:
    return {"Impact": IMPACTS[environment.stage]}


def _delivery(environment: Environment) -> Mapping[str, Value]:
    return {
        "Stack": environment.stack_name,
        "ReplicaRegion": environment.dynamodb.replica_region or "none",
    }


def _names(environment: Environment) -> Mapping[str, Value]:
    names = environment.names
    return {
        "Zone": names.zone if names else "none",
        "ApiHost": environment.api_gateway.domain or "none",
        "HoldsConsole": "on" if environment.has_console_in_zone else "off",
        "ReplicaRegion": environment.dynamodb.replica_region or "none",
    }


def _network(environment: Environment) -> Mapping[str, Value]:
    network = environment.network
    if network is None:
        raise ValueError(f"{environment.name} is in an account and its file has no network")
    wanted = network.interface_endpoints
    return {
        "Stack": environment.stack_name,
        "Cidr": network.cidr,
        "FlowLogDays": network.flow_log_days,
        **{name: "on" if each in wanted else "off" for each, name in ENDPOINTS.items()},
    }


def _edge(environment: Environment) -> Mapping[str, Value]:
    origin = environment.lambda_.environment_variables.CORS_ORIGIN
    scheme, _, host = origin.partition("://")
    return {
        "Stack": environment.stack_name,
        "ConsoleHost": host if scheme == "https" else "none",
        "Firewall": "on" if environment.security.firewall else "off",
        "LogDays": environment.monitoring.log_retention_days,
    }


STACKS: Mapping[str, Values] = {
    "infrastructure/cost.yaml": _cost,
    "infrastructure/delivery.yaml": _delivery,
    "infrastructure/edge.yaml": _edge,
    "infrastructure/names.yaml": _names,
    "infrastructure/network.yaml": _network,
}
"""By their templates."""
LISTS: Mapping[str, int] = {"infrastructure/organization.yaml": 16}
"""Templates that list the environments' names between the markers, and how far in: those that the
tag `environment` may have as its value.
"""


def scalar(value: Value) -> str:
    """A value as YAML that is read back as the same: words like `on`, and digits that are meant as
    text, are quoted.
    """
    return json.dumps(value) if yaml.safe_load(str(value)) != value else str(value)


def block(environments: Iterable[Environment], values: Values) -> str:
    """Mappings as YAML under `Mappings:`."""
    lines = ["  Environments:\n"]
    for environment in environments:
        lines.append(f"    {environment.name}:\n")
        found = values(environment).items()
        lines += [f"      {key}: {scalar(value)}\n" for key, value in found]
    return "".join(lines)


def listing(environments: Iterable[Environment], indentation: int) -> str:
    """The environments' names as a YAML list."""
    return "".join(f"{' ' * indentation}- {each.name}\n" for each in environments)


def with_names(text: str, names: Mapping[str, Sequence[str]]) -> str:
    """A template's text with the `AllowedValues` of its parameters, by their names."""
    for parameter, allowed in names.items():
        # Names are letters alone, so there is nothing that `sub` could take for a group.
        listed = ", ".join(each or '""' for each in allowed)
        where = rf"(^  {parameter}:\n(?:    .*\n)*?    AllowedValues: )\[.*\]$"
        text = re.sub(where, rf"\g<1>[{listed}]", text, flags=re.MULTILINE)
    return text


def generated(root: Path, environments: Sequence[Environment]) -> tuple[Generated, ...]:
    """The templates of infrastructure/. Raises ValueError for one that is registered without
    markers, and for markers of one that is not registered.
    """
    ours = [each for each in environments if each.name != "local"]
    below = {each.name: each.promoted_from for each in ours if each.promoted_from}
    names = {
        "EnvironmentName": [each.name for each in ours],
        "Environment": [each.name for each in ours],
        "Above": ["", *(each.name for each in ours if each.name in below)],
    }
    found = []
    for path in sorted((root / "infrastructure").glob("*.yaml")):
        name, text = path.relative_to(root).as_posix(), path.read_text("utf-8")
        if not text.startswith("AWSTemplateFormatVersion"):
            continue
        if name in STACKS:
            text = between(text, *MARKERS, block(ours, STACKS[name]))
        elif name in LISTS:
            text = between(text, *MARKERS, listing(ours, LISTS[name]))
        elif MARKERS[0] in text:
            raise ValueError(f"{name} has Mappings to be written, and stack_mappings.py no values")
        found.append(Generated(name, with_names(text, names)))
    return tuple(found)
