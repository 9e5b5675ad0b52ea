"""Point the stack at a restored table, or back at its own: a change set of two parameters.

Nothing is deployed but what runs: the template and all other parameters stay, so the artefact
bucket and the SAM CLI are not needed. Aliases move at once, because as long as a canary lasts two
tables would be written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.waiting import Pause, until

NAME, STREAM = "RestoredTableName", "RestoredTableStream"
AT_ONCE = {"Strategy": "all-at-once", "AliasesMovedBy": "CloudFormation"}
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
HOLDING = (
    "AWS::DynamoDB::",
    "AWS::S3::Bucket",
    "AWS::Cognito::UserPool",
    "AWS::KMS::Key",
    "AWS::SQS::Queue",
)
"""Types of what holds something: a switch-over leaves them alone."""
ALIAS = "AWS::Lambda::Alias"
NOTHING = ("didn't contain changes", "No updates are to be performed")
LIMIT_S = 1_800.0


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation tells of it."""

    name: str
    status: str
    parameters: Mapping[str, str]

    @property
    def table(self) -> str:
        """The restored table that it uses; empty for its own."""
        return self.parameters.get(NAME, "")


@dataclass(frozen=True)
class Means:
    """Clients of cloudformation and lambda."""

    cloudformation: Any
    functions: Any
    tell: Callable[[str], None]
    wait: Pause


def look(cloudformation: Any, name: str) -> Stack:
    """The stack. Raises Refused when its template knows nothing of restored tables."""
    [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}
    if NAME not in given:
        raise Refused(
            f"{name} runs a release that cannot use a restored table: deploy a newer one."
        )
    return Stack(name, found["StackStatus"], given)


def label_of(stream: str) -> str:
    """The end of a stream's ARN, by which the template names it."""
    return stream.rpartition("/stream/")[2]


def switch(stack: Stack, table: str, stream: str, means: Means, at: int) -> bool:
    """Have the stack use a restored table and its stream (an ARN), or with two empty texts its own;
    False when it did already. `at` (epoch ms) names the change set.

    Raises Refused when CloudFormation would touch what holds data, or does not get there.
    """
    told = {NAME: table, STREAM: label_of(stream), **AT_ONCE}
    return update(stack, told, means, f"switch-{at}")


def update(stack: Stack, told: Mapping[str, str], means: Means, change: str) -> bool:
    """Give a stack's parameters other values by a change set of this name, with the template that
    it has; False when there was nothing to change. Raises Refused as `switch` does.
    """
    if stack.status.endswith("_IN_PROGRESS"):
        raise Refused(f"{stack.name} is in {stack.status}: wait, then give the same command.")
    means.cloudformation.create_change_set(
        StackName=stack.name,
        ChangeSetName=change,
        ChangeSetType="UPDATE",
        UsePreviousTemplate=True,
        Capabilities=CAPABILITIES,
        Parameters=list(parameters(stack.parameters, told)),
    )
    found = _made(means, stack.name, change)
    if found is None:
        return False
    if held := list(touching(found)):
        means.cloudformation.delete_change_set(StackName=stack.name, ChangeSetName=change)
        raise Refused(f"It would touch {', '.join(held)}: nothing was changed.")
    means.tell(f"{stack.name}: {len(found)} resources change")
    means.cloudformation.execute_change_set(StackName=stack.name, ChangeSetName=change)
    until(
        lambda: _is_at_rest(means.cloudformation, stack.name),
        *(LIMIT_S, f"{stack.name} is not updated", means.wait),
    )
    status = look(means.cloudformation, stack.name).status
    if status != "UPDATE_COMPLETE":
        raise Refused(f"{stack.name} is in {status}: it is as it was before.")
    return True


def parameters(given: Mapping[str, str], told: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """All of a stack's parameters for a change set: those that are told anew, the others as they
    are (CloudFormation shows nobody a secret's value). Names that the stack lacks are left out.
    """
    for name in sorted(given):
        if name in told:
            yield {"ParameterKey": name, "ParameterValue": told[name]}
        else:
            yield {"ParameterKey": name, "UsePreviousValue": True}


def touching(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Which of a change set's resources hold data and would go or be replaced."""
    for each in changes:
        change = each["ResourceChange"]
        goes = change["Action"] == "Remove" or change.get("Replacement") == "True"
        if goes and str(change["ResourceType"]).startswith(HOLDING):
            yield str(change["LogicalResourceId"])


def strays(means: Means, stack: str, table: str) -> Iterator[str]:
    """Functions whose callers reach another table than this one."""
    pages = means.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for each in page["StackResourceSummaries"]:
            if each["ResourceType"] != ALIAS or each["ResourceStatus"].startswith("DELETE"):
                continue
            alias = each["PhysicalResourceId"]
            found = means.functions.get_function_configuration(FunctionName=alias)
            variables = found.get("Environment", {}).get("Variables", {})
            if variables.get("TABLE_NAME", table) != table:
                yield f"{each['LogicalResourceId']} uses {variables['TABLE_NAME']}"


def _made(means: Means, stack: str, change: str) -> list[dict[str, Any]] | None:
    """The changes; None when there are none. Raises Refused when it could not be made."""
    told: dict[str, Any] = {}

    def is_made() -> bool:
        told.update(means.cloudformation.describe_change_set(StackName=stack, ChangeSetName=change))
        return told["Status"] in ("CREATE_COMPLETE", "FAILED")

    until(is_made, LIMIT_S, f"the change set {change} is not made", means.wait)
    if told["Status"] == "FAILED":
        reason = str(told.get("StatusReason", ""))
        means.cloudformation.delete_change_set(StackName=stack, ChangeSetName=change)
        if any(each in reason for each in NOTHING):
            return None
        raise Refused(f"CloudFormation makes no change set of it: {reason}")
    found = list(told["Changes"])
    while token := told.get("NextToken"):
        told = means.cloudformation.describe_change_set(
            StackName=stack, ChangeSetName=change, NextToken=token
        )
        found += told["Changes"]
    return found


def _is_at_rest(cloudformation: Any, stack: str) -> bool:
    try:
        return not look(cloudformation, stack).status.endswith("_IN_PROGRESS")
    except ClientError as error:
        # An update of minutes is not given up for one answer that did not come.
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < 500:
            raise
        return False
