"""Putting a smoke test together, and running it."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any

from skafu.canary import alerts, metrics, workspace
from skafu.canary.calls import Api
from skafu.canary.checks import Check, Failed, Result, examine
from skafu.canary.invoking import ALERTS, METRICS, WORKSPACE, Invoked, InvokedApi
from skafu.canary import reserved
from skafu.canary.scene import OTHERS, OUTSIDE, Scene
from skafu.ops.artefact.accounts import Account
from skafu.ops.bootstrap import CognitoDirectory, outputs as outputs_of
from skafu.ops.smoke import alarm, console
from skafu.ops.smoke.reaching import Fetch, HttpApi, Token, fetch, token_url
from skafu.ops.smoke.report import Report
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import NewId, random_id

NEEDED = (
    "ApiEndpoint",
    "ConsoleUrl",
    "TableName",
    "UserPoolId",
    "UserPoolClientId",
    "UserPoolDomain",
)
ALIASES = {name: f"{name}Alias" for name in (METRICS, ALERTS, WORKSPACE)}
INVOKE_S = 30


class Via(StrEnum):
    """How the API is reached: as everybody does, or by the functions' aliases, where there is no
    way through the gateway.
    """

    HTTP = "http"
    INVOKE = "invoke"


@dataclass(frozen=True)
class Target:
    """Which deployment is looked at."""

    environment: str
    stack: str
    account: Account


@dataclass(frozen=True)
class Wanted:
    """What is looked at. `only` and `without` name checks (`metrics.read_back`) or groups of them
    (`metrics`); `full` has an alert fire too. `version` is what health has to say, `release` what
    the stack's journal has to call current. `api_key`: of a usage plan, if machines need one.
    """

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    full: bool = False
    via: Via = Via.HTTP
    api_endpoint: str | None = None
    version: str | None = None
    release: str | None = None
    api_key: str | None = None

    def includes(self, check: Check) -> bool:
        """Whether a check is to be done."""
        names = {check.name, check.name.partition(".")[0]}
        return not names & self.without and (not self.only or bool(names & self.only))


@dataclass(frozen=True)
class Means:
    """Time, chance and the network; a test has others."""

    clock: Clock = system_clock
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    new_id: NewId = random_id
    fetch: Fetch = fetch
    told: Callable[[Result], None] = field(default=lambda _: None)


EVERYTHING, USUAL = Wanted(), Means()


def run(target: Target, wanted: Wanted = EVERYTHING, means: Means = USUAL) -> Report:
    """Do the checks that are wanted, one after the other. Nothing stays behind but a week of points
    in the reserved tenant, and its machine client.

    `means.told` hears of each result at once. Raises KeyError when the stack lacks an output, and
    botocore's errors where it cannot even be asked for.
    """
    began = means.clock()
    found = outputs_of(target.account.client("cloudformation"), target.stack, NEEDED)
    release = current_release(target.account.client("ssm"), target.stack)
    scene = _scene(target, found, wanted, means)
    full = alarm.checks_of(scene) if wanted.full else ()
    everything = chain(
        [workspace.health_of(scene, wanted.version)],
        [Check("release", partial(_released, release, wanted.release))] if wanted.release else (),
        metrics.checks_of(scene),
        alerts.checks_of(scene),
        workspace.checks_of(scene),
        console.checks_of(found, target.environment, means.fetch),
        full,
    )
    results = []
    for result in examine(filter(wanted.includes, everything), means.clock):
        means.told(result)
        results.append(result)
    return Report(target.environment, target.stack, tuple(results), release, began)


def current_release(ssm: Any, stack: str) -> str | None:
    """What the stack's journal calls current (release/journal.py); None before the first."""
    try:
        found = ssm.get_parameter(Name=f"/skafu/{stack}/release")
    except ssm.exceptions.ParameterNotFound:
        return None
    return str(found["Parameter"]["Value"])


def _released(current: str | None, wanted: str | None) -> str:
    if current != wanted:
        raise Failed(f"{current or 'nothing'} is the current release instead of {wanted}")
    return str(current)


def _scene(target: Target, found: Mapping[str, str], wanted: Wanted, means: Means) -> Scene:
    run_id = f"smoke-{means.new_id()}"
    by_gateway = wanted.via is Via.HTTP
    make = _by_gateway if by_gateway else _by_alias
    return Scene(
        api=make(target, found, wanted, means, run_id),
        run=run_id,
        clock=means.clock,
        chance=means.chance,
        pause=means.pause,
        environment=target.environment,
        refused=OUTSIDE if by_gateway else OTHERS,
    )


def _by_gateway(
    target: Target, found: Mapping[str, str], wanted: Wanted, means: Means, _: str
) -> Api:
    cognito = target.account.client("cognito-idp")
    meta = cognito.meta
    token = Token(
        CognitoDirectory(cognito, found["UserPoolId"]),
        DynamoTable(target.account.client("dynamodb"), found["TableName"]),
        token_url(found, meta.endpoint_url, meta.region_name),
        means.clock,
        means.fetch,
    )
    base = wanted.api_endpoint or found["ApiEndpoint"]
    return HttpApi(base, token, means.fetch, wanted.api_key)


def _by_alias(
    target: Target, found: Mapping[str, str], wanted: Wanted, means: Means, run_id: str
) -> Api:
    del wanted  # there is no endpoint to choose
    account = target.account
    table = DynamoTable(account.client("dynamodb"), found["TableName"])
    reserved.found(table, means.clock())
    client = account.make("lambda", **account.where, read_timeout_s=INVOKE_S, attempts=1)
    functions = {name: Invoked(client, found[alias]) for name, alias in ALIASES.items()}
    return InvokedApi(functions, run_id)
