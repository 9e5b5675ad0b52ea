"""What a hook has to do with CodeDeploy: hear what it is asked about, and say yes or no."""

from collections.abc import Collection
from typing import Any

from skafu.canary.checks import Failed


class Deployments:
    """CodeDeploy's deployments; `client` is a botocore client of codedeploy."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def function_of(self, deployment: str, known: Collection[str]) -> str:
        """Which of the known functions (logical ids) a deployment is about. Raises Failed.

        SAM calls a function's deployment group <Function>DeploymentGroup, and CloudFormation puts
        the stack's name before it.
        """
        found = self._client.get_deployment(deploymentId=deployment)["deploymentInfo"]
        group = str(found["deploymentGroupName"])
        parts = group.split("-")
        meant = [name for name in known if f"{name}DeploymentGroup" in parts]
        if len(meant) != 1:
            raise Failed(f"the deployment group {group} is of no function that is known here")
        return meant[0]

    def tell(self, deployment: str, execution: str, passed: bool) -> None:
        """Say what came of a hook: without an answer CodeDeploy waits for an hour."""
        self._client.put_lifecycle_event_hook_execution_status(
            deploymentId=deployment,
            lifecycleEventHookExecutionId=execution,
            status="Succeeded" if passed else "Failed",
        )
