"""Stop what is changing a stack, and wait until nothing is.

CodeDeploy may be shifting an alias, and CloudFormation waits for it: a deployment that is stopped
fails, and CloudFormation goes back by itself to what was there before it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.observed import resources_of, stack_of
from skafu.ops.rollback.aliases import Pause, code_of
from skafu.ops.rollback.plan import BUSY, STUCK

GROUP, APPLICATION = "AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::Application"
UNDER_WAY = ("Created", "Queued", "InProgress", "Baking", "Ready")
LOOK_S, PATIENCE_S = 5, 3600
DEPLOYABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")

type Tell = Callable[[str], None]
"""Hears of what is done."""


def stop(account: Account, stack: str, tell: Tell) -> None:
    """Stop the deployments of a stack that are under way, and its update.

    What cannot be stopped is told and not waited for: the aliases are worth more.
    """
    try:
        for deployment in _stopped(account, stack):
            tell(f"  deployment {deployment} is stopped")
    except (BotoCoreError, ClientError) as error:
        tell(f"  CodeDeploy could not be asked to stop what is under way: {error}")
    found = stack_of(account, stack)
    if found is not None and found.status == "UPDATE_IN_PROGRESS":
        try:
            account.client("cloudformation").cancel_update_stack(StackName=stack)
            tell("  the stack's update is cancelled")
        except (BotoCoreError, ClientError) as error:
            tell(f"  the stack's update could not be cancelled: {error}")


def settle(account: Account, stack: str, tell: Tell, pause: Pause) -> None:
    """Wait until the stack can be deployed to. Raises Refused when it does not come to that."""
    waited, told = 0, ""
    while True:
        found = stack_of(account, stack)
        status = "no stack" if found is None else found.status
        if status in DEPLOYABLE:
            return
        if not status.endswith(BUSY) or waited >= PATIENCE_S:
            raise Refused(_stuck(stack, status))
        if status != told:
            tell(f"  the stack is in {status}")
            told = status
        pause(LOOK_S)
        waited += LOOK_S


def _stopped(account: Account, stack: str) -> Iterator[str]:
    resources = resources_of(account, stack).values()
    applications = [name for kind, name in resources if kind == APPLICATION]
    groups = [name for kind, name in resources if kind == GROUP]
    client = account.client("codedeploy") if groups and applications else None
    for group in groups if client is not None else ():
        yield from _stopped_of(client, applications[0], group)


def _stopped_of(client: Any, application: str, group: str) -> Iterator[str]:
    pages = client.get_paginator("list_deployments").paginate(
        applicationName=application,
        deploymentGroupName=group,
        includeOnlyStatuses=list(UNDER_WAY),
    )
    for deployment in [each for page in pages for each in page.get("deployments", ())]:
        try:
            client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        except ClientError as error:
            if code_of(error) != "DeploymentAlreadyCompletedException":
                raise
            continue  # it ended between the two
        yield deployment


def _stuck(stack: str, status: str) -> str:
    if status == STUCK:
        return (
            f"{stack} is in {status}: CloudFormation could not go back by itself. Run `aws "
            f"cloudformation continue-update-rollback --stack-name {stack}` until it is in "
            "UPDATE_ROLLBACK_COMPLETE."
        )
    return f"{stack} is in {status} and cannot be deployed to: see its events."
