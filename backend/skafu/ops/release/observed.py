"""What of a stack runs: CloudFormation and Lambda are asked, not the journal.

A function counts when the stack has its alias `live`: callers reach functions by that alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.artefact.accounts import Account
from skafu.ops.release.record import FunctionVersion

ALIAS = "live"
FUNCTION, ALIAS_TYPE = "AWS::Lambda::Function", "AWS::Lambda::Alias"
GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")
"""Of resources that are no longer the stack's; what was skipped is retained."""


@dataclass(frozen=True)
class Stack:
    """What CloudFormation tells of a stack. `parameters` lack those that are nobody's business
    (NoEcho); `hidden` are the names of these.
    """

    name: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alias:
    """Where callers of a function get: `version`, and beside it the share (0 to 1) that other
    versions get while a deployment shifts.
    """

    function: str
    version: str
    shares: Mapping[str, float]


def stack_of(account: Account, name: str) -> Stack | None:
    """A stack; None when there is none."""
    try:
        [found] = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):  # CloudFormation has no code of its own for it
            raise
        return None
    parameters = {
        each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())
    }
    shown = {key: text for key, text in parameters.items() if not _is_masked(text)}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
    hidden = tuple(sorted(parameters.keys() - shown.keys()))
    return Stack(name, found["StackStatus"], shown, outputs, hidden)


def resources_of(account: Account, stack: str) -> Mapping[str, tuple[str, str]]:
    """Types and physical ids of a stack's resources, by logical id."""
    pages = account.client("cloudformation").get_paginator("list_stack_resources")
    found = pages.paginate(StackName=stack)
    listed = (each for page in found for each in page["StackResourceSummaries"])
    return {
        each["LogicalResourceId"]: (each["ResourceType"], each.get("PhysicalResourceId", ""))
        for each in listed
        if each["ResourceStatus"] not in GONE
    }


def aliases_of(account: Account, stack: str) -> Mapping[str, Alias]:
    """The aliases `live` of a stack's functions, by the functions' logical ids."""
    client = account.client("lambda")
    return {
        logical_id: _alias(client, function)
        for logical_id, function in _functions(resources_of(account, stack))
    }


def functions_of(account: Account, stack: str) -> Mapping[str, FunctionVersion]:
    """What the aliases `live` of a stack's functions point at, by the functions' logical ids; while
    a deployment shifts, that is the version that most callers get.
    """
    client = account.client("lambda")
    return {
        logical_id: _version(client, alias)
        for logical_id, alias in aliases_of(account, stack).items()
    }


def _functions(resources: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for logical_id, (kind, physical_id) in resources.items():
        # SAM calls an alias so (AutoPublishAlias).
        alias, _ = resources.get(f"{logical_id}Alias{ALIAS}", ("", ""))
        if kind == FUNCTION and alias == ALIAS_TYPE:
            yield logical_id, physical_id


def _alias(client: Any, function: str) -> Alias:
    found = client.get_alias(FunctionName=function, Name=ALIAS)
    shares = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return Alias(function, found["FunctionVersion"], dict(shares))


def _version(client: Any, alias: Alias) -> FunctionVersion:
    found = client.get_function_configuration(FunctionName=alias.function, Qualifier=alias.version)
    layers = tuple(each["Arn"] for each in found.get("Layers") or ())
    return FunctionVersion(
        name=alias.function, version=alias.version, code=found["CodeSha256"], layers=layers
    )


def _is_masked(text: str) -> bool:
    """Whether CloudFormation keeps a value to itself: it tells four or five asterisks instead."""
    return len(text) >= 4 and not text.strip("*")
