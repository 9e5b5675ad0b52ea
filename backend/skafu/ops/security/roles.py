"""The policies of all roles that the templates make, as CloudFormation gets them: role, actions,
resources, conditions, and why a wildcard stands where one does.

Which environment they were resolved for does not matter: what differs is spelled as a variable.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

from skafu.ops.environments import above, load
from skafu.ops.generated import ROOT

type Json = Any

TEMPLATE, FOUNDATION, DELIVERY = (
    "template.yaml",
    "infrastructure/foundation.yaml",
    "infrastructure/delivery.yaml",
)
NETWORK, DNS = "infrastructure/network.yaml", "infrastructure/dns.yaml"
BACKUP = "infrastructure/backup.yaml"
GUARD, SECURITY = "infrastructure/guard.yaml", "infrastructure/security.yaml"
IN_ACCOUNTS = (FOUNDATION, DELIVERY, NETWORK, BACKUP, GUARD, DNS, SECURITY)
"""What accounts have beside an environment's own stack; the last two those of shared services and
of security.
"""
ANYTHING = "*"
REASONS = Path(__file__).with_name("wildcards.yaml")
REPOSITORY = "ORG/REPO"
REPLICATES = "Replicates"
"""The condition of what makes the table's replica."""
CHOICES = ("Attached", "ReachesFlags", "ReachesPools", "ReachesQueues")
"""What an environment's file may switch on and need not: the network that functions are in."""
CHOSEN = {"VpcSecurityGroupId": "sg-1"}
"""What a deployment is told then."""
TAGGED = "ResourceTag/environment StringEquals ${Environment}"


class Unexplained(ValueError):
    """Wildcards without a recorded reason; `str(error)` names them, a line each."""


@dataclass(frozen=True)
class Statement:
    """One statement that allows something."""

    name: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Role:
    """A role, or a managed policy (then `trusts` is empty), by its logical id."""

    template: str
    name: str
    description: str
    trusts: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Reason:
    """Why some roles may do some actions (None: all) to what some wildcards stand for."""

    roles: frozenset[str]
    resources: frozenset[str]
    actions: frozenset[str] | None
    text: str

    def covers(self, role: str, action: str, resource: str) -> bool:
        """Whether it is about this permission."""
        named = self.actions is None or action in self.actions
        return named and role in self.roles and resource in self.resources


def reasons(path: Path = REASONS) -> tuple[Reason, ...]:
    """What is recorded. Raises ValueError for a reason that would be one for anything at all."""
    found = []
    for each in yaml.safe_load(path.read_text("utf-8")):
        actions = each.get("actions")
        if ANYTHING in each["resources"] and actions is None and each["roles"] != ["Boundary"]:
            raise ValueError(f"actions on {ANYTHING} are named one by one: {each}")
        named = None if actions is None else frozenset(actions)
        roles, resources = frozenset(each["roles"]), frozenset(each["resources"])
        found.append(Reason(roles, resources, named, str(each["reason"])))
    return tuple(found)


def wildcards(role: Role) -> Iterator[tuple[str, str]]:
    """Every (action, resource) of a role in which a wildcard stands."""
    for statement in role.statements:
        for action in statement.actions:
            for resource in statement.resources:
                if ANYTHING in action or ANYTHING in resource:
                    yield action, resource


def explanation(role: Role, statement: Statement, known: Iterable[Reason]) -> tuple[str, ...]:
    """The reasons for a statement's wildcards, each once. Raises Unexplained."""
    known, found, lacking = tuple(known), dict[str, None](), []
    for action, resource in wildcards(replace(role, statements=(statement,))):
        fitting = [each.text for each in known if each.covers(role.name, action, resource)]
        if ANYTHING in action or not fitting:
            lacking.append(f"{role.name}: {action} on {resource}")
        found |= dict.fromkeys(fitting)
    if lacking:
        raise Unexplained("\n".join(lacking))
    return tuple(found)


def of_environment(environment: str, root: Path = ROOT) -> tuple[Role, ...]:
    """The roles of an environment's own stack, with every choice made that gives them more."""
    # SAM's translator is a tool of development, and takes a second to load.
    # pylint: disable-next=import-outside-toplevel # loads SAM
    from skafu.ops import transformed

    template = transformed.read(root / TEMPLATE)
    template["Mappings"]["Environments"][environment] |= dict.fromkeys(CHOICES, "on")
    made = transformed.transform(template, {"Environment": environment})
    found = _roles(TEMPLATE, transformed.section("Resources", made, environment, CHOSEN))
    said = ((transformed.REGION, "${Region}"), (transformed.ACCOUNT, "${Account}"))
    return tuple(_general(each, (*said, ("skafu-test", "${Stack}"))) for each in found)


def of_account(environment: str, root: Path = ROOT) -> tuple[Role, ...]:
    """The roles and managed policies of the account that an environment lives in."""
    # pylint: disable-next=import-outside-toplevel # as above
    from skafu.ops import transformed

    over = above(environment) or ""
    parameters = {
        "EnvironmentName": environment,
        "GitHubRepository": REPOSITORY,
        "GitHubProviderArn": "",
        "Above": over,
        "ReplicaOf": "${HomeRegion}",
        "HomeBucket": "${HomeBucket}",
        "ClientId": "1",
        "SecurityBusArn": "${SecurityBusArn}",
        "Delegated": "on",
    }
    jobs = f"repo:{REPOSITORY}:environment:"
    said = (
        (transformed.REGION, "${Region}"),
        (transformed.ACCOUNT, "${Account}"),
        (f":table/skafu-{environment}", ":table/skafu-${Environment}"),
        (f"{jobs}{environment}", "repo:${Repository}:environment:${Environment}"),
        (f"{jobs}{over}", "repo:${Repository}:environment:${Above}"),
        (f"ResourceTag/environment StringEquals {environment}", TAGGED),
        (_stack(environment), "${Stack}"),
    )
    found: list[Role] = []
    for name in IN_ACCOUNTS:
        template = _with_replica(transformed.read(root / name), environment)
        told = {key: _told(key, each) for key, each in template.get("Parameters", {}).items()}
        resolver = transformed.Resolver(template, told | parameters)
        made = {
            key: resolver.resolve(each)
            for key, each in template["Resources"].items()
            if "Condition" not in each or resolver.condition(each["Condition"])
        }
        found += _roles(name, made)
    return tuple(_general(each, said) for each in found)


def _with_replica(template: Json, environment: str) -> Json:
    """With what home may do to the table's replica, beside what the region that stands by may do to
    home: no stack has both.
    """
    if REPLICATES not in template.get("Conditions", {}):
        return template
    mapping = template["Mappings"]["Environments"]
    replica = {**mapping[environment], "ReplicaRegion": "${ReplicaRegion}"}
    return {
        **template,
        "Mappings": {"Environments": {**mapping, environment: replica}},
        "Conditions": {**template["Conditions"], REPLICATES: {"Fn::Equals": ["", ""]}},
    }


def _told(name: str, parameter: Json) -> str:
    """A parameter's value: accounts are those of environments, the rest has its default."""
    return f"${{{name}}}" if name.endswith("Account") else str(parameter.get("Default", ""))


def documented(root: Path = ROOT) -> tuple[Role, ...]:
    """The roles of all environments: production has each of the template's, and accounts below it
    have one for who takes over what was tested there.
    """
    return of_environment("production", root) + of_account("staging", root)


def _stack(environment: str) -> str:
    return next(each.stack_name for each in load(ROOT / "environments") if each.name == environment)


def _roles(template: str, resources: Mapping[str, Json]) -> Iterator[Role]:
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::ManagedPolicy" and not _is_part(name, resources):
            yield _role(template, name, properties, [properties["PolicyDocument"]])
        elif resource["Type"] == "AWS::IAM::Role":
            attached = [each["Ref"] for each in properties.get("ManagedPolicyArns", ())]
            policies = [each["PolicyDocument"] for each in properties.get("Policies", ())]
            policies += [resources[each]["Properties"]["PolicyDocument"] for each in attached]
            yield _role(template, name, properties, policies)


def _is_part(policy: str, resources: Mapping[str, Json]) -> bool:
    """Whether a managed policy is attached to a role, where it is shown."""
    return any(
        {"Ref": policy} in resource.get("Properties", {}).get("ManagedPolicyArns", ())
        for resource in resources.values()
    )


def _role(template: str, name: str, properties: Json, policies: Iterable[Json]) -> Role:
    trust = properties.get("AssumeRolePolicyDocument", {"Statement": []})
    return Role(
        template,
        name,
        str(properties.get("Description", "")),
        tuple(_trusted(each) for each in trust["Statement"]),
        tuple(_statement(each) for policy in policies for each in policy["Statement"]),
    )


def _trusted(statement: Json) -> str:
    who = [_text(each) for value in statement["Principal"].values() for each in _many(value)]
    return ", ".join([*who, *_conditions(statement)])


def _statement(statement: Json) -> Statement:
    """Raises ValueError for what is no plain permission."""
    if statement["Effect"] != "Allow" or {"NotAction", "NotResource"} & set(statement):
        raise ValueError(f"no plain permission: {statement}")
    return Statement(
        str(statement.get("Sid", "")),
        tuple(_many(statement["Action"])),
        tuple(_text(each) for each in _many(statement["Resource"])),
        tuple(_conditions(statement)),
    )


def _conditions(statement: Json) -> Iterator[str]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            yield f"{key} {operator} {', '.join(_text(each) for each in _many(wanted))}"


def _text(value: Json) -> str:
    """A resource, whether named or made by the template."""
    if not isinstance(value, dict):
        return str(value)
    [(function, argument)] = value.items()
    if function == "Ref":
        return str(argument)
    if function == "Fn::GetAtt":
        return ".".join(argument)
    return json.dumps(value, sort_keys=True)


def _many(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _general(role: Role, said: Iterable[tuple[str, str]]) -> Role:
    """A role of any environment: what differs is said as a variable."""
    pairs = tuple(said)

    def every(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(reduce(lambda text, pair: text.replace(*pair), pairs, each) for each in texts)

    statements = tuple(
        replace(each, resources=every(each.resources), conditions=every(each.conditions))
        for each in role.statements
    )
    return replace(role, trusts=every(role.trusts), statements=statements)
