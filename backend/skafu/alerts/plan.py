"""What an instance's log lacks: from what is recorded and what a walk found to the next records."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from skafu.alerts.journal import Journal, Subject
from skafu.alerts.model import Alert, Cause, Decision, Effect
from skafu.alerts.reasons import UNDONE, corrected, reason


class Entry(NamedTuple):
    """A record to be written, and the bucket that brought the instance to the state after it."""

    decision: Decision
    since: int


def _same(one: Effect, other: Effect) -> bool:
    return (one.bucket, one.source, one.target) == (other.bucket, other.source, other.target)


def plan(
    subject: Subject,
    journal: Journal,
    effects: Sequence[Effect],
    definitions: Mapping[int, Alert],
    now: int,
) -> list[Entry]:
    """The records that make the recorded effects be these ones; empty when they are already.

    Where nothing recorded is touched, one record for each new transition. Otherwise one correction:
    it replaces the history from the first difference on and is written at the state's bucket or
    later, also when the final state is the same. `definitions` are the alert's versions by number.
    """
    recorded, wanted = journal.effects, tuple(effects)
    same = 0
    while same < min(len(recorded), len(wanted)) and _same(recorded[same], wanted[same]):
        same += 1
    new = wanted[same:]
    if same == len(recorded):
        if not new:
            return []
        if journal.last is None or new[0].bucket > journal.last.bucket:
            return [_transition(subject, effect, definitions, now) for effect in new]
    return [_correction(subject, journal, wanted, same, definitions, now)]


def _transition(
    subject: Subject, effect: Effect, definitions: Mapping[int, Alert], now: int
) -> Entry:
    decision = Decision(
        alert=subject.alert.id,
        instance=subject.instance,
        tags=subject.tags,
        bucket=effect.bucket,
        revision=0,
        source=effect.source,
        target=effect.target,
        cause=effect.cause,
        version=subject.alert.version,
        base=effect.bucket,
        start=effect.source,
        effects=(effect,),
        reason=reason(definitions[effect.version].definition, effect),
        decided_at=now,
    )
    return Entry(decision, effect.bucket)


def _correction(
    subject: Subject,
    journal: Journal,
    wanted: tuple[Effect, ...],
    same: int,
    definitions: Mapping[int, Alert],
    now: int,
) -> Entry:
    last, new = journal.last, wanted[same:]
    if last is None:
        raise ValueError("there is nothing to correct")
    target = wanted[-1].target if wanted else journal.standing.state
    bucket = max([last.bucket, *(effect.bucket for effect in new)])
    sentence = reason(definitions[new[-1].version].definition, new[-1]) if new else UNDONE
    decision = Decision(
        alert=subject.alert.id,
        instance=subject.instance,
        tags=subject.tags,
        bucket=bucket,
        revision=last.revision + 1 if bucket == last.bucket else 1,
        source=last.state,
        target=target,
        cause=Cause.CORRECTION,
        version=subject.alert.version,
        base=min(each[same].bucket for each in (wanted, journal.effects) if same < len(each)),
        start=wanted[same - 1].target if same else journal.standing.state,
        effects=new,
        reason=corrected(sentence, target is not last.state),
        decided_at=now,
    )
    return Entry(decision, wanted[-1].bucket if wanted else journal.since)
