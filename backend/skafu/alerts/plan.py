"""What an instance's log lacks: from what is recorded and what a walk found to the next records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from skafu.alerts.journal import Journal, Last, Subject
from skafu.alerts.model import Alert, Cause, Decision, Effect, State
from skafu.alerts.reasons import UNDONE, corrected, reason
from skafu.alerts.walk import Standing


class Entry(NamedTuple):
    """A record to be written, and the bucket that brought the instance to the state after it, at
    whatever level.
    """

    decision: Decision
    since: int


def _same(one: Effect, other: Effect) -> bool:
    return _steps(one) == _steps(other)


def _steps(effect: Effect) -> tuple[int, State, int, State, int]:
    source, target = effect.source, effect.target
    return effect.bucket, source, effect.source_level, target, effect.target_level


def _raises(early: Effect, effect: Effect) -> bool:
    """Whether one bucket's effect, decided early, has only gone to a higher level since: there is
    nothing to correct.
    """
    return (
        early.cause is Cause.EARLY
        and _steps(early)[:4] == _steps(effect)[:4]
        and early.target_level < effect.target_level
    )


def plan(
    subject: Subject,
    journal: Journal,
    effects: Sequence[Effect],
    definitions: Mapping[int, Alert],
    now: int,
) -> list[Entry]:
    """The records that make the recorded effects be these ones; empty when they are already.

    Where nothing recorded is touched, one record for each new transition, and one more for the
    bucket of the last one where its level was raised meanwhile. Otherwise one correction:
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
            return _transitions(subject, journal, new, definitions, now)
    if same == len(recorded) - 1 and new and _raises(recorded[same], new[0]):
        if journal.last is not None and journal.last.bucket == new[0].bucket:
            return _transitions(subject, journal, new, definitions, now)
    return [_correction(subject, journal, wanted, same, definitions, now)]


def _transitions(
    subject: Subject,
    journal: Journal,
    effects: Sequence[Effect],
    definitions: Mapping[int, Alert],
    now: int,
) -> list[Entry]:
    """A record for each; the first may raise the level of the last that is recorded."""
    found: list[Entry] = []
    since = _since(journal, journal.effects)
    for effect in effects:
        since = effect.bucket if effect.source is not effect.target else since
        entry = Entry(_transition(subject, effect, definitions, now), since)
        if not found and journal.last is not None and journal.last.bucket == effect.bucket:
            entry = _raised(entry, journal.last)
        found.append(entry)
    return found


def _raised(entry: Entry, last: Last) -> Entry:
    """The same as the next record of its bucket: from where the one before has led."""
    decision = replace(
        entry.decision,
        revision=last.revision + 1,
        source=last.state,
        source_level=last.level,
    )
    return entry._replace(decision=decision)


def _since(journal: Journal, effects: Sequence[Effect]) -> int:
    """The bucket that brought the instance to the state after these effects."""
    arrived = (x.bucket for x in reversed(effects) if x.source is not x.target)
    return next(arrived, journal.since)


def _transition(
    subject: Subject, effect: Effect, definitions: Mapping[int, Alert], now: int
) -> Decision:
    return Decision(
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
        source_level=effect.source_level,
        target_level=effect.target_level,
        start_level=effect.source_level,
    )


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
    standing = journal.standing
    target = (wanted[-1].target, wanted[-1].target_level) if wanted else _where(standing)
    start = (wanted[same - 1].target, wanted[same - 1].target_level) if same else _where(standing)
    bucket = max([last.bucket, *(effect.bucket for effect in new)])
    sentence = reason(definitions[new[-1].version].definition, new[-1]) if new else UNDONE
    decision = Decision(
        alert=subject.alert.id,
        instance=subject.instance,
        tags=subject.tags,
        bucket=bucket,
        revision=last.revision + 1 if bucket == last.bucket else 1,
        source=last.state,
        target=target[0],
        cause=Cause.CORRECTION,
        version=subject.alert.version,
        base=min(each[same].bucket for each in (wanted, journal.effects) if same < len(each)),
        start=start[0],
        effects=new,
        reason=corrected(sentence, target != (last.state, last.level)),
        decided_at=now,
        source_level=last.level,
        target_level=target[1],
        start_level=start[1],
    )
    return Entry(decision, _since(journal, wanted))


def _where(standing: Standing) -> tuple[State, int]:
    return standing.state, standing.level
