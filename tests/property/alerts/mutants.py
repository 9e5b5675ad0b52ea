"""The engine's guards, switched off one at a time: each is an edit of the source, made in a copy.

A guard that can be taken away without any invariant noticing is either not needed or not tested.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.support import mutants


@dataclass(frozen=True)
class Mutant(mutants.Mutant):
    """A guard of the engine. `calm` tells in which worlds it shows; `held_by` are the tests that
    miss it where chance hardly ever does.
    """

    domain: ClassVar[Path] = Path("skafu") / "alerts"
    calm: bool = False
    held_by: str = ""


# Log entries and outbox items are put if absent: alone that already refuses most of what the
# state's condition is there for.
PUT_ANYHOW = (
    (
        "scribe.py",
        '"body": to_json(decision),\n    }\n    return Put(item, Absent())',
        '"body": to_json(decision),\n    }\n    return Put(item)',
    ),
    (
        "scribe.py",
        '"body": to_json(notification),\n    }\n    return Put(item, Absent())',
        '"body": to_json(notification),\n    }\n    return Put(item)',
    ),
)

MUTANTS = (
    Mutant(
        "a decision may start from any state",
        (
            ("scribe.py", "AllOf((*there, further))", "further"),
            ("scribe.py", "if decision.source is State.INSUFFICIENT_DATA:", "if decision:"),
            *PUT_ANYHOW,
        ),
        held_by="tests/unit/alerts/test_scribe.py",
    ),
    Mutant(
        "bucket and revision need not grow",
        (
            (
                "scribe.py",
                "AllOf((*there, further))",
                "AllOf(there)",
            ),
            *PUT_ANYHOW,
        ),
        seeds=(1,),
    ),
    Mutant(
        "the definition may have changed since it was evaluated",
        (
            (
                "scribe.py",
                "        Check(keys.alert(subject.tenant, subject.alert.id), evaluated),\n",
                "",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "state, log and outbox are written one after another",
        (
            (
                "scribe.py",
                "self._table.transact(writes)",
                "[self._table.transact([write]) for write in writes]",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "silence resolves",
        (("machine.py", "if definition.hold and marks", "if not definition.hold and marks"),),
        seeds=(1,),
    ),
    Mutant(
        "an average settles a bucket early",
        (
            (
                "machine.py",
                "rising = definition.statistic in (Statistic.MAX, Statistic.COUNT)",
                "rising = definition.statistic in (Statistic.MAX, Statistic.COUNT, Statistic.AVG)",
            ),
        ),
        calm=True,
        seeds=(1,),
    ),
    Mutant(
        "a correction is written at its own bucket",
        (
            (
                "plan.py",
                "bucket = max([last.bucket, *(effect.bucket for effect in new)])",
                "bucket = min(x[same].bucket for x in (wanted, journal.effects) if same < len(x))",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "a correction that leaves the state as it is is not written",
        (
            (
                "plan.py",
                "    return [_correction(subject, journal, wanted, same, definitions, now)]",
                "    found = _correction(subject, journal, wanted, same, definitions, now)\n"
                "    changed = found.decision.source is not found.decision.target\n"
                "    return [found] if changed else []",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "one layout beyond the end closes a bucket",
        (("samples.py", "bool(feeding) and all(", "bool(feeding) and any("),),
        calm=True,
        seeds=(9,),
    ),
    Mutant(
        "only layouts that fed the bucket itself are waited for",
        (
            (
                "samples.py",
                "first = end - self._definition.evaluation_periods * self._period",
                "first = end",
            ),
        ),
        calm=True,
        held_by="tests/unit/alerts/test_samples.py",
    ),
    Mutant(
        "future timestamps advance a layout",
        (
            ("points.py", "limit = segment.receipt + AHEAD_MS", "limit = 1 << 60"),
            ("points.py", "return min(newest, segment.receipt)", "return newest"),
            ("snapshot.py", "if min(newest, segment.receipt) >", "if newest >"),
        ),
        calm=True,
        seeds=(9,),
    ),
    Mutant(
        "late data count",
        (("samples.py", "return segment.receipt -", "return -"),),
        seeds=(1,),
    ),
    Mutant(
        "lateness is measured when somebody looks",
        (
            (
                "samples.py",
                "return segment.receipt -",
                "return max(segment.receipt, self._end - 60_001) -",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "the newest version rules the past",
        (
            (
                "walk.py",
                "    fold = _Walk(standing, now, known)\n",
                "    fold = _Walk(standing, now, known)\n    rulings = rulings[-1:]\n",
            ),
            (
                "walk.py",
                "end_after(max(after, ruling.alert.edited_at), period)",
                "end_after(after, period)",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "an instance begins without a point",
        (("walk.py", "if self.begun or end > self.now:", "if self is not None:"),),
        seeds=(0,),
    ),
    Mutant(
        "an instance that nothing belongs to any more stays as it is",
        (
            (
                "walk.py",
                "if self.state is not State.INSUFFICIENT_DATA:\n            over",
                "if self.state is None:\n            over",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "buckets are final too early",
        (
            (
                "scope.py",
                "return open_for + REQUEST_LIFE_MS + WRITE_DEADLINE_MS + WRITE_LIFE_MS + SKEW_MS",
                "return open_for // 10 + 30_000",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "buckets are remembered before they are final",
        (("cases.py", "min(scope.final(now), walked.open_start)", "walked.open_start"),),
        seeds=(7,),
    ),
    Mutant(
        "a walk starts from the present state",
        (
            (
                "journal.py",
                "Standing(before.target, begun, before.target_level)",
                "Standing(last.state if last else before.target, begun)",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "the points are read before the log",
        (
            (
                "evaluation.py",
                "            try:\n                opened = self.ledger.open(tenant, some)\n",
                "            try:\n"
                "                snapshot = self._snapshot(tenant)\n"
                "                for known in snapshot.layouts_of('load'):\n"
                "                    snapshot.read([known.layout.hash],\n"
                "                        snapshot.taken_at - 900_000, snapshot.taken_at + 60_001)\n"
                "                opened = self.ledger.open(tenant, some)\n",
            ),
            (
                "evaluation.py",
                "                continue\n            snapshot = self._snapshot(tenant)\n",
                "                continue\n",
            ),
            ("evaluation.py", "snapshot.taken_at < opened.read_at", "snapshot.taken_at < 0"),
        ),
        seeds=(1,),
    ),
    Mutant(
        "a notification has another id each time",
        (
            (
                "model.py",
                'return f"{alert}-{instance}-{bucket}-{revision}"',
                "return __import__('uuid').uuid4().hex",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "nobody sweeps",
        (
            (
                "sweeper.py",
                "tenants = sorted(self._tenants())",
                "tenants = sorted(self._tenants())[:0]",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "nothing is sent again",
        (("sweeper.py", "            self._resend(tenant)\n", "            pass\n"),),
        seeds=(0,),
    ),
    Mutant(
        "what deleted alerts leave behind stays",
        (("sweeper.py", "            self._clear_leftovers(tenant)\n", "            pass\n"),),
        seeds=(2,),
    ),
    Mutant(
        "a level may have changed since it was read",
        (
            (
                "scribe.py",
                'there = (Equals("state", decision.source.value), _level(decision.source_level))',
                'there = (Equals("state", decision.source.value),)',
            ),
            ("scribe.py", "AllOf((*there, further))", "AllOf(there)"),
            *PUT_ANYHOW,
        ),
        seeds=(1,),
    ),
    Mutant(
        "a server whose clock is behind takes back what was decided early",
        (
            (
                "walk.py",
                "(e.bucket - (e.cause is Cause.EARLY) for e in known)",
                "(e.bucket for e in known if e.cause is not Cause.EARLY)",
            ),
            (
                "walk.py",
                "        if end > self.now:\n            # By",
                "        if not end:\n            # By",
            ),
        ),
        calm=True,
        held_by="tests/functional/alerts/test_faults_of_time.py",
    ),
    Mutant(
        "levels are no part of what was recorded",
        (
            (
                "plan.py",
                "return effect.bucket, source, effect.source_level, target, effect.target_level",
                "return effect.bucket, source, 0, target, 0",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "an alarm does not keep firing",
        (("machine.py", "for k in range(1, ranges(definition)):", "for k in range(0):"),),
        seeds=(0,),
    ),
    Mutant(
        "an alert that is made again goes on from what it was",
        (("journal.py", "mine = record.version >= first", "mine = record.version > 0"),),
        seeds=(6,),
    ),
    Mutant(
        "an alert that is made again finds what a deletion left behind",
        (("store.py", "        if last:\n            self._forget(tenant, alert.id)\n", ""),),
        seeds=(6,),
    ),
    Mutant(
        "composites are not swept",
        (
            (
                "sweeper.py",
                "alerts = sorted(self._rules.rules(tenant).alerts.values(), key=_turn)",
                "alerts = [x for x in self._rules.rules(tenant).alerts.values()"
                " if x.definition.expression is None]",
            ),
        ),
        held_by="tests/functional/alerts/test_composites.py",
    ),
    Mutant(
        "what is unknown counts as not so",
        (
            (
                "composites/logic.py",
                "return None if None in values else not deciding",
                "return not deciding",
            ),
        ),
        seeds=(15,),
    ),
    Mutant(
        "too few buckets are remembered for what is compared with earlier ones",
        (
            (
                "cases.py",
                "first = read_start(head.definition, through + period)",
                "first = through",
            ),
        ),
        seeds=(3,),
    ),
)
