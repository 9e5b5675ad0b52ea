"""Carry a rollback out, step by step. Each step may be done again, so whatever breaks off is gone
on with by the same command.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops.artefact.accounts import Account, Settings
from skafu.ops.artefact.sources import Refused
from skafu.ops.bootstrap import outputs
from skafu.ops.console import command as console
from skafu.ops.deployment import Deployment
from skafu.ops.recovery.regions import ACTIVE
from skafu.ops.release.deploying import Target, deploy_template
from skafu.ops.release.record import Hold, Kind
from skafu.ops.release.recording import Deployed, record
from skafu.ops.rollback.aliases import Pause, astray, move_all
from skafu.ops.rollback.plan import Plan
from skafu.ops.rollback.stopping import Tell, settle, stop
from skafu.ops.terminal import Operator
from skafu.shared.clock import Clock

AT_ONCE = {"Strategy": "all-at-once", "AliasesMovedBy": "CloudFormation"}
"""CodeDeploy refuses to move an alias that is not where the stack believes it to be, and here they
have been moved by hand (docs/adr/0013-strategies.md).
"""
HEALTH = ("health",)
HEALTH_TRIES, HEALTH_PAUSE_S = 15, 2
"""An alias that was moved is seen everywhere within seconds."""

type Verify = Callable[[Sequence[str]], Sequence[str]]
"""Exercises the service: all checks, or those that are named. What failed, in words."""


@dataclass(frozen=True)
class Means:
    """What a rollback is carried out with."""

    account: Account
    settings: Settings
    operator: Operator
    verify: Verify
    tell: Tell
    clock: Clock
    pause: Pause
    role_arn: str | None = None


def execute(plan: Plan, means: Means, reason: str) -> int:
    """Carry a plan out that nothing forbids; 0 when the service is back and all is done.

    Raises Refused where it breaks off, with what to do.
    """
    started = means.clock()
    _hold(plan, means, reason)
    means.tell("Stopping deployments that are under way")
    stop(means.account, plan.seen.where.stack, means.tell)
    means.tell(f"Moving aliases: {', '.join(each.function for each in plan.moves) or 'none'}")
    move_all(means.account.client("lambda"), plan.moves, means.pause)
    undone = None if plan.alone else _publish(plan, means)
    is_back = _see_it_back(plan, means, started)
    if plan.alone:
        return _end(plan, means, is_back, f"{_alone(plan)} again")
    _redeploy(plan, means)
    _agree(plan, means)
    failed = means.verify(())
    for each in failed:
        means.tell(f"  failed: {each}")
    if undone is not None:
        raise Refused(f"The console could not be published: {undone} {_again(plan)}")
    made = _record(plan, means)
    return _end(plan, means, not failed, f"Release {made} runs, which is {plan.target.id} again")


def _hold(plan: Plan, means: Means, reason: str) -> None:
    """First of all, so that no deployment begins while aliases move."""
    by = means.account.client("sts").get_caller_identity()["Arn"]
    what = f"{', '.join(plan.alone)} alone" if plan.alone else "everything"
    told = f"{what} from {plan.seen.current.id} to {plan.target.id}: {reason}"
    hold = Hold(
        release=plan.target.id,
        at=means.clock(),
        by=by,
        reason=f"Rollback of {told}",
        functions=tuple(plan.alone),
    )
    means.account.journal(plan.seen.where.stack).hold(hold)
    means.tell(f"{plan.seen.where.stack} is held")


def _publish(plan: Plan, means: Means) -> str | None:
    """Publish the console of then; what kept it from being published, because whether the API
    comes back does not hang on it.
    """
    account = means.account
    try:
        with tempfile.TemporaryDirectory() as folder:
            dist = Path(folder) / "console.zip"
            key = f"parts/{plan.target.console}"
            found = account.s3().get_object(Bucket=account.bucket(), Key=key)
            dist.write_bytes(found["Body"].read())
            told = outputs(account.client("cloudformation"), plan.seen.where.stack, console.OUTPUTS)
            there = Deployment(told, account.make, account.where)
            done = console.publish_to(there, plan.seen.where.environment, dist, means.clock)
    except (BotoCoreError, ClientError, KeyError, Refused) as error:
        means.tell(f"  the console is not published: {error}")
        return f"{error}"
    means.tell(f"Published {done}")
    return None


def _see_it_back(plan: Plan, means: Means, started: int) -> bool:
    """Wait for the service to answer, exercise it, and tell how long it took."""
    failed: Sequence[str] = ()
    for tried in range(HEALTH_TRIES):
        if tried:
            means.pause(HEALTH_PAUSE_S)
        failed = means.verify(HEALTH)
        if not failed:
            break
    seconds = (means.clock() - started) / 1000
    failed = failed or means.verify(())
    if failed:
        means.tell(f"The service is not back after {seconds:.1f} s: {' '.join(failed)}")
        return False
    what = _alone(plan) if plan.alone else f"it runs {plan.target.id}"
    means.tell(f"The service is back after {seconds:.1f} s: {what}")
    return True


def _alone(plan: Plan) -> str:
    return f"{', '.join(plan.alone)} as in {plan.target.id}"


def _redeploy(plan: Plan, means: Means) -> None:
    stack = plan.seen.where.stack
    account = means.account
    try:
        settle(account, stack, means.tell, means.pause)
        means.tell("Deploying the template of then")
        code = deploy_template(
            Target(account, means.settings, stack, means.role_arn),
            account.journal(stack).template(plan.target),
            _kept(plan.target.parameters) | AT_ONCE,
            means.operator,
        )
    except Refused as refusal:
        raise Refused(f"{refusal} {_halfway(plan)}") from refusal
    if code:
        raise Refused(f"The template could not be deployed. {_halfway(plan)}")


def _kept(parameters: Mapping[str, str]) -> dict[str, str]:
    """Those of then, but for which region acts: that is no matter of releases, and what is not told
    stays as it is.
    """
    return {name: text for name, text in parameters.items() if name != ACTIVE}


def _agree(plan: Plan, means: Means) -> None:
    """A template that was deployed already, before this broke off, has moved no alias now."""
    moves = astray(means.account, plan.seen.where.stack)
    if moves:
        means.tell("Moving aliases to where the stack believes them to be")
        move_all(means.account.client("lambda"), moves, means.pause)


def _halfway(plan: Plan) -> str:
    return (
        f"The functions and the console are those of {plan.target.id} already; gateway and "
        f"configuration are not. {_again(plan)}"
    )


def _again(plan: Plan) -> str:
    return f"{plan.seen.where.stack} stays held. The same command goes on from here."


def _record(plan: Plan, means: Means) -> str:
    account, stack = means.account, plan.seen.where.stack
    journal = account.journal(stack)
    again = Deployed.again(plan.target, journal.template(plan.target), means.clock())
    # First, because nothing is done again once the release is recorded.
    account.records().keep_deployed(plan.seen.where.environment, again.artefact)
    made = record(
        account,
        journal,
        again,
        Kind.ROLLBACK,
        evidence=plan.target.evidence,
        of=plan.target.id,
    )
    return made.id


def _end(plan: Plan, means: Means, is_well: bool, told: str) -> int:
    means.tell(f"{told}. {plan.seen.where.stack} is held: nothing is deployed until `resume`.")
    if not is_well:
        means.tell("The service is not well: go further back (--to), or see what failed above.")
    return 0 if is_well else 1
