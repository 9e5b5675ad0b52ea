"""One stack in one account and region: what a deployment would change, and the deployment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from time import sleep
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.changes import (
    PAUSE_S,
    REVIEWED,
    Change,
    Pause,
    by_gravity,
    settled,
)
from skafu.ops.release.observed import Stack, stack_of

BODY_LIMIT = 51_200
"""Bytes of a template that CloudFormation takes in a request; more have to be in a bucket."""
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
PATIENCE_S = 3600
"""A certificate waits for its record, a distribution for the edge."""
FIRST_FAILED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
"""Of the stack itself: earlier events are those of an earlier deployment."""


@dataclass(frozen=True)
class Target:
    """Where a stack goes, and with which tags."""

    account: Account
    name: str
    tags: Mapping[str, str]
    pause: Pause = sleep

    @property
    def client(self) -> Any:
        """CloudFormation's."""
        return self.account.client("cloudformation")

    def stack(self) -> Stack | None:
        """What is there; None also where there is nothing but a change set that was never executed.

        Raises Refused where nothing can be deployed: while something goes on, and after a first
        deployment that failed.
        """
        found = stack_of(self.account, self.name)
        if found is None or found.status == REVIEWED:
            return None
        if found.status.endswith("_IN_PROGRESS"):
            raise Refused(f"{self.name} is being changed ({found.status}); wait, and ask again.")
        if found.status in FIRST_FAILED:
            raise Refused(
                f"{self.name} was never deployed: its first deployment failed ({found.status}). "
                "See its events, delete the stack, deploy again."
            )
        return found


@dataclass(frozen=True)
class Draft:
    """A change set that waits; `is_new` when the stack is not there yet."""

    target: Target
    name: str
    is_new: bool
    changes: tuple[Change, ...]

    def discard(self) -> None:
        """Leave everything as it was."""
        client = self.target.client
        client.delete_change_set(StackName=self.target.name, ChangeSetName=self.name)
        if self.is_new:
            client.delete_stack(StackName=self.target.name)

    def execute(self) -> Stack:
        """Deploy it and wait for the end; the stack as it is then, which nobody deletes by mistake.

        Raises Refused when CloudFormation went back, with the first reason that it tells.
        """
        target = self.target
        target.client.execute_change_set(StackName=target.name, ChangeSetName=self.name)
        for _ in range(PATIENCE_S // PAUSE_S):
            found = stack_of(target.account, target.name)
            if found is not None and not found.status.endswith("_IN_PROGRESS"):
                break
            target.pause(PAUSE_S)
        else:
            raise Refused(f"{target.name} is not done after {PATIENCE_S} s. AWS goes on with it.")
        if found.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise Refused(f"{target.name} was not deployed ({found.status}): {_reason(target)}")
        protect(target)
        return found


def drafted(
    target: Target, template: Mapping[str, Any], parameters: Mapping[str, str], name: str
) -> Draft | None:
    """What a deployment would change, as a change set of this name; None where nothing would.

    Parameters that are not given keep the value that the stack has. Raises Refused for parameters
    that have neither, and with what CloudFormation says against the rest.
    """
    stack, client = target.stack(), target.client
    is_new = stack is None
    asked = _parameters(template, parameters, stack)
    try:
        client.create_change_set(
            StackName=target.name,
            ChangeSetName=name,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            Parameters=asked,
            Capabilities=CAPABILITIES,
            Tags=[{"Key": key, "Value": value} for key, value in target.tags.items()],
            **_given(target, template),
        )
    except ClientError as error:
        raise Refused(f"CloudFormation did not take {target.name}: {error}") from error
    draft = Draft(target, name, is_new, ())
    try:
        changes = tuple(by_gravity(settled(client, target.name, name, target.pause)))
    except Refused:
        draft.discard()
        raise
    # Outputs and tags are no resources: then there is a change set that has nothing to show.
    if not changes and _has_failed(draft):
        draft.discard()
        return None
    return Draft(target, name, is_new, changes)


def _has_failed(draft: Draft) -> bool:
    asked = {"StackName": draft.target.name, "ChangeSetName": draft.name}
    return bool(draft.target.client.describe_change_set(**asked)["Status"] == "FAILED")


def protect(target: Target) -> None:
    """Keep the stack from being deleted until somebody takes that back on purpose."""
    target.client.update_termination_protection(
        StackName=target.name, EnableTerminationProtection=True
    )


def _parameters(
    template: Mapping[str, Any], told: Mapping[str, str], stack: Stack | None
) -> list[dict[str, Any]]:
    known = () if stack is None else (*stack.parameters, *stack.hidden)
    found, lacking = [], []
    for name, declared in (template.get("Parameters") or {}).items():
        if name in told:
            found.append({"ParameterKey": name, "ParameterValue": told[name]})
        elif name in known:
            found.append({"ParameterKey": name, "UsePreviousValue": True})
        elif "Default" not in declared:
            lacking.append(f"{name} ({declared.get('Description', 'no description')})")
    if lacking:
        raise Refused("Nobody said what these parameters are:\n  " + "\n  ".join(lacking))
    return found


def _given(target: Target, template: Mapping[str, Any]) -> dict[str, str]:
    """The template in the request, without comments and line breaks, or where it was put."""
    body = json.dumps(template, separators=(",", ":"))
    if len(body) <= BODY_LIMIT:
        return {"TemplateBody": body}
    client, bucket = target.account.s3(), target.account.bucket()
    key = f"templates/{sha256(body.encode()).hexdigest()}.template"
    client.put_object(Bucket=bucket, Key=key, Body=body.encode())
    return {"TemplateURL": f"{client.meta.endpoint_url}/{bucket}/{key}"}


def _reason(target: Target) -> str:
    """The first thing that went wrong: what followed it is told of the rest as cancelled."""
    try:
        found = target.client.describe_stack_events(StackName=target.name)["StackEvents"]
    except ClientError as error:
        return f"its events cannot be read: {error}"
    first = "no event says why"
    for each in found:
        why = each.get("ResourceStatusReason", "no reason")
        if each["ResourceStatus"].endswith("_FAILED") and "cancelled" not in why:
            first = f"{each['LogicalResourceId']}: {why}"
        if each["LogicalResourceId"] == target.name and each["ResourceStatus"] in BEGINNINGS:
            break
    return first
