"""AppConfig's control plane in memory, for one environment: versions, deployments one at a time,
alarms that take them back.
"""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema  # type: ignore[import-untyped] # it has no types of its own
from botocore.exceptions import ClientError

from skafu.ops.flags.document import schema
from tests.support.flags import ADDRESS

GRADUALLY, AT_ONCE = "gradually", "at-once"
OUTPUTS = {"FlagsAddress": ADDRESS, "FlagsStrategy": GRADUALLY, "FlagsAtOnce": AT_ONCE}


class Refusal(ClientError):
    """What a botocore client raises."""

    def __init__(self, message: str) -> None:
        super().__init__({"Error": {"Code": type(self).__name__, "Message": message}}, "operation")


class BadRequestException(Refusal):
    pass


class ConflictException(Refusal):
    pass


class Exceptions:
    BadRequestException = BadRequestException
    ConflictException = ConflictException


class AppConfig:
    """`alarm`: one of the monitored alarms is on. A deployment at once is over when it has been
    looked at twice; a gradual one when a test says so.
    """

    exceptions = Exceptions

    def __init__(self) -> None:
        self.versions: list[str] = []
        self.deployments: list[dict[str, Any]] = []
        self.monitors: list[dict[str, str]] = [{"AlarmArn": "arn:failing"}]
        self.alarm = False

    def served(self) -> Any:
        """The document that everybody has."""
        for each in reversed(self.deployments):
            if each["State"] in ("COMPLETE", "BAKING"):
                return json.loads(self.versions[int(each["ConfigurationVersion"]) - 1])
        return None

    def finish(self) -> None:
        """Time passes."""
        for each in self.deployments:
            self._advance(each)
            self._advance(each)

    def get_environment(self, **_: Any) -> dict[str, Any]:
        return {"Monitors": list(self.monitors)}

    def update_environment(self, *, Monitors: list[dict[str, str]], **_: Any) -> None:
        self.monitors = Monitors

    def create_hosted_configuration_version(
        self, *, Content: bytes, ContentType: str, Description: str, **where: str
    ) -> dict[str, Any]:
        assert where == {"ApplicationId": "app1234", "ConfigurationProfileId": "pro1234"}
        assert ContentType == "application/json" and len(Description) <= 1024
        self.versions.append(Content.decode())
        return {"VersionNumber": len(self.versions)}

    def get_hosted_configuration_version(self, *, VersionNumber: int, **_: str) -> dict[str, Any]:
        return {"Content": io.BytesIO(self.versions[VersionNumber - 1].encode())}

    def start_deployment(
        self,
        *,
        ConfigurationVersion: str,
        DeploymentStrategyId: str,
        Description: str,
        **where: str,
    ) -> dict[str, Any]:
        assert where.pop("ConfigurationProfileId") == "pro1234"
        assert where == {"ApplicationId": "app1234", "EnvironmentId": "env1234"}
        if any(each["State"] == "DEPLOYING" for each in self.deployments):
            raise ConflictException("a deployment is in progress")
        try:
            jsonschema.validate(json.loads(self.versions[int(ConfigurationVersion) - 1]), schema())
        except jsonschema.ValidationError as error:
            raise BadRequestException(error.message) from error
        number = len(self.deployments) + 1
        self.deployments.append(
            {
                "DeploymentNumber": number,
                "ConfigurationVersion": ConfigurationVersion,
                "State": "DEPLOYING",
                "PercentageComplete": 20.0 if DeploymentStrategyId == GRADUALLY else 0.0,
                "StartedAt": datetime(2023, 11, 15, 12, number, tzinfo=UTC),
                "Description": Description,
                "looked": -99 if DeploymentStrategyId == GRADUALLY else 0,
            }
        )
        return {"DeploymentNumber": number}

    def get_deployment(self, *, DeploymentNumber: int, **_: str) -> dict[str, Any]:
        found = self.deployments[DeploymentNumber - 1]
        found["looked"] += 1
        if found["looked"] > 2:
            self._advance(found)
        return dict(found)

    def stop_deployment(self, *, DeploymentNumber: int, AllowRevert: bool, **_: str) -> None:
        found = self.deployments[DeploymentNumber - 1]
        if found["State"] == "COMPLETE" and not AllowRevert:
            raise BadRequestException("it is over")
        found["State"] = "REVERTED" if found["State"] == "COMPLETE" else "ROLLED_BACK"

    def get_paginator(self, name: str) -> "AppConfig":
        assert name == "list_deployments"
        return self

    def paginate(self, **where: str) -> Iterator[dict[str, Any]]:
        assert where == {"ApplicationId": "app1234", "EnvironmentId": "env1234"}
        # Summaries lack the description.
        told = [{k: v for k, v in x.items() if k != "Description"} for x in self.deployments]
        yield {"Items": told[:2]}
        yield {"Items": told[2:]}

    def _advance(self, deployment: dict[str, Any]) -> None:
        if deployment["State"] == "DEPLOYING":
            taken_back = self.alarm and self.monitors
            deployment["State"] = "ROLLED_BACK" if taken_back else "COMPLETE"
            deployment["PercentageComplete"] = 0.0 if taken_back else 100.0
