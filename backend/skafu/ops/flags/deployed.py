"""The flags of one stack in AppConfig: what was deployed, and deploying.

A document is a version of the hosted configuration; a deployment hands a version out. There is one
deployment at a time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skafu.ops.artefact.sources import Refused

OUTPUTS = ("FlagsAddress", "FlagsStrategy", "FlagsAtOnce")
UNDER_WAY = frozenset({"VALIDATING", "DEPLOYING", "BAKING", "ROLLING_BACK"})
# AppConfig has handed a deployment without duration out to everybody within seconds.
PAUSE_S, PAUSES = 1.0, 60

type Pause = Callable[[float], None]
"""Waits for some seconds."""


@dataclass(frozen=True)
class Deployed:
    """One deployment. `why` is what the operator said and who it was; `at` is when it began."""

    number: int
    version: int
    state: str
    percentage: float
    at: datetime
    why: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether it can still be taken back, by an alarm or by somebody."""
        return self.state in UNDER_WAY


class Configuration:
    """`appconfig` is a botocore client; `address` is `application/environment/profile`."""

    def __init__(self, appconfig: Any, address: str, pause: Pause) -> None:
        application, environment, profile = address.split("/")
        self._appconfig = appconfig
        self._environment = {"ApplicationId": application, "EnvironmentId": environment}
        self._profile = {"ApplicationId": application, "ConfigurationProfileId": profile}
        self._pause = pause

    def history(self, most: int) -> list[Deployed]:
        """The newest deployments, newest first, with what was said about each."""
        return [self._told(each.number) for each in self._all()[:most]]

    def newest(self) -> Deployed | None:
        """The last deployment, however it ended; None when there was none."""
        found = self._all()
        return found[0] if found else None

    def current(self) -> Deployed | None:
        """The last one that everybody has; None when all have their defaults."""
        whole = (each for each in self._all() if each.state in ("COMPLETE", "BAKING"))
        return next(whole, None)

    def document(self, deployed: Deployed) -> str:
        """What a deployment hands out."""
        found = self._appconfig.get_hosted_configuration_version(
            **self._profile, VersionNumber=deployed.version
        )
        return str(found["Content"].read().decode())

    def deploy(self, document: str, strategy: str, why: str) -> Deployed:
        """Begin to hand a document out. Raises Refused when AppConfig does not take it: one is
        under way, or its schema says no.
        """
        errors = self._appconfig.exceptions
        try:
            made = self._appconfig.create_hosted_configuration_version(
                **self._profile,
                Content=document.encode(),
                ContentType="application/json",
                Description=why,
            )
            begun = self._appconfig.start_deployment(
                **self._environment,
                ConfigurationProfileId=self._profile["ConfigurationProfileId"],
                ConfigurationVersion=str(made["VersionNumber"]),
                DeploymentStrategyId=strategy,
                Description=why,
            )
        except (errors.BadRequestException, errors.ConflictException) as error:
            said = error.response["Error"]["Message"]
            raise Refused(f"AppConfig does not take these flags: {said}") from error
        return self._told(begun["DeploymentNumber"])

    def monitors(self) -> list[Any]:
        """The alarms that take changes back."""
        found = self._appconfig.get_environment(**self._environment)
        return list(found.get("Monitors") or ())

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """No alarm takes a deployment back that is made inside the block.

        AppConfig takes deployments back while an alarm is on; but that is when something has to be
        switched off.
        """
        monitors = self.monitors()
        if monitors:
            self._appconfig.update_environment(**self._environment, Monitors=[])
        try:
            yield
        finally:
            if monitors:
                self._appconfig.update_environment(**self._environment, Monitors=monitors)

    def settled(self, deployed: Deployed) -> Deployed:
        """The deployment when it is over, or after a minute of waiting."""
        found = deployed
        for _ in range(PAUSES):
            found = self._told(deployed.number)
            if not found.is_under_way:
                break
            self._pause(PAUSE_S)
        return found

    def revert(self, deployed: Deployed) -> Deployed:
        """Hand out again what was handed out before; alarms have no say in that.

        Raises Refused when it is too late: AppConfig reverts for 72 hours.
        """
        try:
            self._appconfig.stop_deployment(
                **self._environment, DeploymentNumber=deployed.number, AllowRevert=True
            )
        except self._appconfig.exceptions.BadRequestException as error:
            said = error.response["Error"]["Message"]
            raise Refused(f"AppConfig does not take it back: {said}") from error
        return self.settled(deployed)

    def _all(self) -> list[Deployed]:
        pages = self._appconfig.get_paginator("list_deployments").paginate(**self._environment)
        found = [_deployed(each) for page in pages for each in page["Items"]]
        return sorted(found, key=lambda each: each.number, reverse=True)

    def _told(self, number: int) -> Deployed:
        found = self._appconfig.get_deployment(**self._environment, DeploymentNumber=number)
        return _deployed(found)


def _deployed(found: Any) -> Deployed:
    return Deployed(
        found["DeploymentNumber"],
        int(found["ConfigurationVersion"]),
        found["State"],
        found["PercentageComplete"],
        found["StartedAt"],
        found.get("Description", ""),
    )
