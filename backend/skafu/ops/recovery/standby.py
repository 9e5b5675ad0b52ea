"""Have the region that stands by run what the home region runs: the same artefact, with parameters
that lead it to the replica of the table, recorded as a release of its own.

What home runs has passed its gates and its change window; nobody is asked again. The artefact is
the one that home's bucket has. Where all is the same already, nothing is done.
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from skafu.ops.artefact import deploy
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.bootstrap import outputs
from skafu.ops.promotion.fetching import fetch
from skafu.ops.recovery import restoring, switching
from skafu.ops.recovery.changing import Means
from skafu.ops.recovery.place import Place
from skafu.ops.recovery.regions import ACTIVE, HOME
from skafu.ops.release.deploying import ONCE
from skafu.ops.release.observed import functions_of, stack_of
from skafu.ops.release.record import Release
from skafu.ops.stacks.application import beside
from skafu.ops.terminal import Operator

PARTNER = "PartnerUserPoolArn"
AT_ONCE = {"Strategy": "all-at-once"}
"""Where nobody calls, a share of the calls tells nothing; hooks try each version all the same."""


def parameters(home: Place, away: Place) -> dict[str, str]:
    """What a deployment of the other region's stack is told beside what all are told. Raises
    Refused where there is no replica of the table.
    """
    table = home.table()
    found = restoring.describe(away.client("dynamodb"), table)
    if found is None:
        raise Refused(
            f"There is no {table} in {away.where['region_name']}: make the replica first."
        )
    pool = outputs(home.client("cloudformation"), home.stack)["UserPoolId"]
    told = home.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]
    return {
        HOME: home.environment.region,
        switching.NAME: table,
        switching.STREAM: switching.label_of(str(found["LatestStreamArn"])),
        PARTNER: str(told["Arn"]),
    }


@dataclass(frozen=True)
class Standby:
    """The home region's stack and the one that stands by."""

    home: Place
    away: Place

    def follow(self, options: argparse.Namespace, means: Means, operator: Operator) -> int:
        """Deploy there what runs at home; the exit code. Of `options` it takes artefact (or
        None), into, parameter, role_arn, yes and dry_run. Raises Refused.
        """
        release = self._led()
        told = parameters(self.home, self.away) | _named(options.parameter)
        reasons = list(self.behind(release, told))
        name = f"release {release.id} of {self.home.where['region_name']}"
        if not reasons:
            means.tell(f"{self._region} is in step: it runs {name}")
            return 0
        means.tell(f"{self._region} does not run {name}: {'; '.join(reasons)}")
        if options.dry_run:
            return 1
        code = self._deploy(release, told, options, means, operator)
        if code == 0:
            if odd := self._other_code():
                raise Refused(f"{self._region} still runs other code: {odd}.")
            means.tell(f"{self._region} runs {name}")
        return code

    def behind(self, release: Release, told: Mapping[str, str]) -> Iterator[str]:
        """Why what stands by is not what home runs, as far as can be told without deploying."""
        account, stack = Account(self.away.make, self.away.where), self.away.stack
        found = stack_of(account, stack)
        if found is None:
            yield "there is no stack yet"
            return
        if found.status.endswith("_IN_PROGRESS"):
            raise Refused(f"{stack} in {self._region} is in {found.status}: wait for it.")
        current = account.journal(stack).current()
        if current is None:
            yield "no release is recorded there"
        elif not _same(current, release):
            yield f"it runs {current.artefact.identity[:12]}, not {release.artefact.identity[:12]}"
        elif odd := self._other_code():
            yield odd
        for name, text in told.items():
            if name not in ONCE and found.parameters.get(name, text) != text:
                yield f"{name} is {found.parameters[name] or 'empty'}, not {text}"

    @property
    def _region(self) -> str:
        return self.away.where["region_name"]

    def _led(self) -> Release:
        """What home runs. Raises Refused where that is not to be known, or not yet."""
        account, stack = Account(self.home.make, self.home.where), self.home.stack
        found, region = stack_of(account, stack), self.home.where["region_name"]
        if found is None:
            raise Refused(f"There is no stack {stack} in {region}.")
        if found.status.endswith("_IN_PROGRESS"):
            raise Refused(f"{stack} in {region} is in {found.status}: wait for it.")
        release = account.journal(stack).current()
        if release is None:
            raise Refused(f"No release of {stack} is recorded in {region}: deploy one there.")
        return release

    def _other_code(self) -> str | None:
        home, away = (
            {name: each.code for name, each in functions_of(account, place.stack).items()}
            for place in (self.home, self.away)
            for account in [Account(place.make, place.where)]
        )
        odd = sorted(name for name in home.keys() | away.keys() if home.get(name) != away.get(name))
        return f"other code of {', '.join(odd[:3])}" if odd else None

    def _artefact(
        self, release: Release, options: argparse.Namespace
    ) -> AbstractContextManager[Path]:
        if options.artefact is not None:
            return opened(options.artefact)
        account = Account(self.home.make, self.home.where)
        return opened(fetch(account, release.artefact, options.into))

    def _deploy(
        self,
        release: Release,
        told: Mapping[str, str],
        options: argparse.Namespace,
        means: Means,
        operator: Operator,
    ) -> int:
        account, environment = Account(self.away.make, self.away.where), self.away.environment.name
        with self._artefact(release, options) as folder:
            found = manifests.read(folder)
            if not release.artefact.is_of(found):
                raise Refused(
                    f"{self.home.where['region_name']} runs {release.artefact.identity[:12]}, "
                    f"and this artefact, {found.name[:12]}, is another one."
                )
            told = ({} if self._acts() else AT_ONCE) | dict(told)
            asked = argparse.Namespace(
                environment=environment,
                stack=self.away.stack,
                role_arn=options.role_arn,
                parameter=[f"{name}={text}" for name, text in told.items()],
                no_confirm_changeset=options.yes,
            )
            wanted = deploy.Wanted.of(folder, asked, account)
            others = beside(account, environment, wanted.region, asked.parameter)
            wanted = replace(wanted, parameters=others | wanted.parameters)
            return deploy.carry_out(wanted, release.evidence, operator, means.clock)

    def _acts(self) -> bool:
        """Whether it stands by no longer: then it is shifted as the environment's file says."""
        found = stack_of(Account(self.away.make, self.away.where), self.away.stack)
        return found is not None and found.parameters.get(ACTIVE) == self._region


def _same(one: Release, other: Release) -> bool:
    ours, theirs = one.artefact, other.artefact
    return (ours.identity, ours.content) == (theirs.identity, theirs.content)


def _named(told: list[str]) -> dict[str, str]:
    for each in told:
        if "=" not in each:
            raise Refused(f"{each} is not NAME=VALUE.")
    return dict(each.split("=", 1) for each in told)
