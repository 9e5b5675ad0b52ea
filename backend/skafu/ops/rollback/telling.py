"""A plan in words for people, and as the report that pipelines keep."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from skafu.ops.release.record import Kind, Release
from skafu.ops.rollback.plan import STEPS, Move, Plan


def lines(plan: Plan) -> Iterator[str]:
    """What would be done, why, and what to know before."""
    seen, place = plan.seen, plan.seen.where
    what = f" of {', '.join(plan.alone)} alone" if plan.alone else ""
    yield f"Rollback{what}: {place.stack} ({place.environment}, {place.account}, {place.region})"
    yield f"  from  {_release(seen.current)}"
    yield f"  to    {_release(plan.target)}"
    yield f"        {plan.why}"
    yield from _moves(plan)
    if not plan.alone:
        ours, theirs = seen.current.console[:12], plan.target.console[:12]
        yield f"Console: {'stays' if ours == theirs else f'{ours} -> {theirs}'}"
        yield from _told("Template and parameters", list(plan.differences.lines()))
    yield from _told("Know that", plan.warnings)
    yield from _told("It cannot be done", plan.problems)


def report(plan: Plan, at: int) -> dict[str, Any]:
    """What a dry run found: `passed` when nothing forbids it; `at` in epoch ms."""
    return {
        "passed": not plan.problems,
        "environment": plan.seen.where.environment,
        "stack": plan.seen.where.stack,
        "release": plan.seen.current.id,
        "target": plan.target.id,
        "why": plan.why,
        "moves": {each.function: [each.old, each.new] for each in plan.moves},
        "steps": [f"{name}: {STEPS[name]}" for name in plan.steps],
        "warnings": list(plan.warnings),
        "problems": list(plan.problems),
        "at": at,
    }


def _moves(plan: Plan) -> Iterator[str]:
    if not plan.moves:
        yield "Aliases: all are where they should be"
        return
    yield "Aliases, all at once:"
    width = max(len(each.function) for each in plan.moves)
    for each in plan.moves:
        yield f"  {each.function:<{width}}  {each.old}{_shares(each)} -> {each.new}"


def _shares(move: Move) -> str:
    if not move.shares:
        return ""
    told = ", ".join(f"{share:.0%} on {version}" for version, share in move.shares.items())
    return f" ({told})"


def _release(release: Release) -> str:
    when = datetime.fromtimestamp(release.at / 1000, UTC)
    how = f"rolled back to {release.of}" if release.kind is Kind.ROLLBACK else "deployed"
    commit = release.artefact.commit[:12]
    return f"{release.id}  {how} at {when:%Y-%m-%d %H:%M} UTC by {release.by}, commit {commit}"


def _told(heading: str, told: Sequence[str]) -> Iterator[str]:
    if told:
        yield f"{heading}:"
        yield from (f"  {each}" for each in told)
