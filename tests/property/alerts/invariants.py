"""What must hold in the end, whatever happened.

I1 recorded state and effective history are what the oracle makes of the stored points
I2 (bucket, revision) of an instance once each, increasing; `source` is the `target` before it
I3 every notification was handed over at least once, under its one id
I4 silence alone never takes ALARM to OK under missing or ignore
I5 nothing is sent for an instance that has late data only
I6 a deleted alert has no state
I7 every effect, decided again from its own datapoints, comes out the same; effects of a record make
   a chain to its target; the last record's target is the state item's
I8 where all causes were data or early and no point was late, the stored points without their
   receipt times give the same history: what backtest promises
I9 (calm: nothing slow, nobody silent) there are no corrections
I10 no bucket is decided before its end but early, by the server's clock
I11 a decision is written by the version of the definition that holds when it is written
I12 each transition has one outbox item, and each outbox item a transition
I13 the other tenant's items are as they were
I14 nothing is written where nothing changes: each record changes the history, and when all is
    decided a sweep writes nothing
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from skafu.alerts.codec import alert_from, decision_from, instance_state_from
from skafu.alerts.composites.logic import named
from skafu.alerts.machine import Bucket, Closing, decide, early
from skafu.alerts.model import (
    Alert,
    Cause,
    Decision,
    Definition,
    Effect,
    InstanceState,
    MissingData,
    State,
    delivery_id,
    instance_id,
)
from skafu.metrics.model import Tags

from tests.property.alerts.fate import START, TENANT
from tests.property.alerts.oracle import (
    NOWHERE,
    Place,
    Point,
    Told,
    composed,
    expected,
    group,
    holds,
)
from tests.property.alerts.world import World

SILENT = (MissingData.MISSING, MissingData.IGNORE)


def effective(log: Sequence[Decision]) -> list[Effect]:
    """The history that a log amounts to."""
    history: list[Effect] = []
    for record in log:
        history = [effect for effect in history if effect.bucket < record.base]
        history += record.effects
    return history


def told(history: Sequence[Effect]) -> list[Told]:
    return [
        (e.bucket, (e.source.value, e.source_level), (e.target.value, e.target_level))
        for e in history
    ]


class Recorded:
    """What the table holds when all is over."""

    def __init__(self, world: World) -> None:
        self.versions: dict[str, list[Alert]] = {}
        self.heads: set[str] = set()
        self.states: dict[tuple[str, str], InstanceState] = {}
        self.logs: dict[tuple[str, str], list[Decision]] = {}
        self.outbox: set[str] = set()
        self.delivered = {
            delivery for delivery, got in world.notifier.got.items() if got == {delivery}
        }
        for key, item in sorted(world.table.items.items()):
            if not key.pk.startswith(f"{TENANT}#"):
                continue
            body = str(item.get("body", ""))
            match item["k"]:
                case "alert":
                    self.heads.add(key.sk)
                case "version":
                    alert = alert_from(body)
                    self.versions.setdefault(alert.id, []).append(alert)
                case "instance":
                    state = instance_state_from(body)
                    self.states[state.alert, state.instance] = state
                case "decision":
                    self._log(decision_from(body))
                case "outbox":
                    self.outbox.add(key.sk)

    def life(self, alert: str) -> list[Alert]:
        """The versions of an alert since it was made; before it may have been deleted."""
        versions = self.versions[alert]
        return [each for each in versions if each.created_at == versions[-1].created_at]

    def _log(self, decision: Decision) -> None:
        if decision.cause is Cause.LATE:
            return  # it stands in the history, beside the log
        self.logs.setdefault((decision.alert, decision.instance), []).append(decision)


def problems(world: World) -> Iterator[str]:
    """Every invariant that does not hold, with what was found."""
    if written := world.idle_writes():
        yield f"I14 {written} writes of a sweep that had nothing to do"
    recorded = Recorded(world)
    yield from world.trouble
    if world.parked.sent:
        yield f"I0 records were parked: {world.parked.messages[0]}"
    for alert, versions in recorded.versions.items():
        if versions[-1].definition.expression is not None:
            yield from _composite(world, recorded, alert)
        else:
            for tags in _instances(world, versions):
                yield from _instance(world, recorded, alert, tags)
    for delivery in sorted(recorded.outbox - recorded.delivered):
        yield f"I3 {delivery} was never handed over"
    transitions = {
        delivery_id(x.alert, x.instance, x.bucket, x.revision)
        for log in recorded.logs.values()
        for x in log
        if x.told
    }
    if transitions != recorded.outbox:
        yield f"I12 {transitions ^ recorded.outbox}"
    if world.neighbours != world.of_neighbours():
        yield "I13"


def _instances(world: World, versions: Sequence[Alert]) -> list[Tags]:
    """Every instance that the alert ever had."""
    found = (
        group(version.definition, point.tags)
        for version in versions
        for point in world.fleet.sent[version.definition.metric]
    )
    return sorted({tags for tags in found if tags is not None})


def _points(world: World, alert: Alert, tags: Tags) -> list[Point] | None:
    """The points that belong to an instance under a version; None when no series does."""
    sent = world.fleet.sent[alert.definition.metric]
    return [point for point in sent if group(alert.definition, point.tags) == tags] or None


def _instance(world: World, recorded: Recorded, alert: str, tags: Tags) -> Iterator[str]:
    key, name = (alert, instance_id(tags)), f"{alert} {tags}"
    log, state = recorded.logs.get(key, []), recorded.states.get(key)
    versions = recorded.versions[alert]
    if dict(tags).get("host") == "old" and any(record.told for record in log):
        yield f"I5 {name}"
    yield from (f"{problem} {name}" for problem in _log(log, state, versions))
    if alert not in recorded.heads:
        if state:
            yield f"I6 {name} {state}"
        return
    # An alert that was deleted and made again has nothing to do with what it was before.
    versions = recorded.life(alert)
    log = [record for record in log if record.version >= versions[0].version]
    seen = [(version, _points(world, version, tags)) for version in versions]
    history = effective(log)
    want = expected(seen, world.fate.stage.now)
    if want != told(history):
        yield f"I1 {name} recorded {told(history)[-4:]} wanted {want[-4:]} of {versions}"
    # What has ended has no state item, and nothing is recorded of what never began.
    last = want[-1][2] if want else NOWHERE
    if (place_of(state) if state else NOWHERE) != last:
        yield f"I1 {name} state {state} wanted {last}"
    if _ordinary(log) and not _tardy(seen):
        timeless = [
            (version, points and [replace(p, receipt=0) for p in points])
            for version, points in seen
        ]
        if expected(timeless, world.fate.stage.now) != told(history):
            yield f"I8 {name}"
    if world.fate.calm:
        for record in log:
            # The first batch of a layout cannot be waited for.
            if record.cause is Cause.CORRECTION and record.base > START + 120_000:
                yield f"I9 {name} {record}"


def _histories(world: World, recorded: Recorded, alert: str) -> list[list[Told]]:
    """What the oracle says of all instances of an alert."""
    versions, now = recorded.life(alert), world.fate.stage.now
    if versions[-1].definition.expression is None:
        return [
            expected([(version, _points(world, version, tags)) for version in versions], now)
            for tags in _instances(world, versions)
        ]
    below = {
        name: _histories(world, recorded, name)
        for version in versions
        for name in named(version.definition.expression)
    }
    return [composed(versions, below, now)]


def _composite(world: World, recorded: Recorded, alert: str) -> Iterator[str]:
    key = (alert, instance_id(()))
    log, state, versions = (
        recorded.logs.get(key, []),
        recorded.states.get(key),
        recorded.life(alert),
    )
    yield from (f"{problem} {alert}" for problem in _log(log, state, versions))
    history, (want,) = told(effective(log)), _histories(world, recorded, alert)
    if want != history:
        yield f"I1 {alert} recorded {history[-4:]} wanted {want[-4:]} of {versions}"
    last = want[-1][2] if want else NOWHERE
    if (place_of(state) if state else NOWHERE) != last:
        yield f"I1 {alert} state {state} wanted {last}"


def _ordinary(log: Sequence[Decision]) -> bool:
    causes = {record.cause for record in log} | {e.cause for r in log for e in r.effects}
    return causes <= {Cause.DATA, Cause.EARLY}


def _tardy(seen: Sequence[tuple[Alert, list[Point] | None]]) -> bool:
    for version, points in seen:
        period = version.definition.period * 1000
        for point in points or ():
            end = (point.at // period + 1) * period
            if point.receipt > end + version.definition.lateness * 1000:
                return True
    return False


def _log(
    log: Sequence[Decision], state: InstanceState | None, versions: Sequence[Alert]
) -> Iterator[str]:
    definitions = {version.version: version.definition for version in versions}
    made = {version.version: version.created_at for version in versions}
    before, position, life = NOWHERE, (-1, 0), 0
    yield from _idle(log)
    for record in log:
        if made[record.version] != life:  # it was deleted and made again
            before, life = NOWHERE, made[record.version]
        source: Place = (record.source.value, record.source_level)
        if source != before or (record.bucket, record.revision) <= position:
            yield f"I2 {before} {position} then {record}"
        before = (record.target.value, record.target_level)
        position = (record.bucket, record.revision)
        yield from _effects(record, definitions)
    if life != versions[-1].created_at:
        before = NOWHERE
    if state and (place_of(state), (state.bucket, state.revision)) != (before, position):
        yield f"I7 {state} after {before} {position}"


def place_of(state: InstanceState) -> Place:
    return state.state.value, state.level


def _effects(record: Decision, definitions: Mapping[int, Definition]) -> Iterator[str]:
    chain: Place = (record.start.value, record.start_level)
    for effect in record.effects:
        if (effect.source.value, effect.source_level) != chain or not _again(effect, definitions):
            yield f"I7 {effect}"
        silent = effect.datapoints and effect.datapoints[-1].value is None
        resolved = (effect.source, effect.target) == (State.ALARM, State.OK)
        if silent and resolved and definitions[effect.version].missing_data in SILENT:
            yield f"I4 {effect}"
        if effect.cause is not Cause.EARLY and record.decided_at < effect.bucket:
            yield f"I10 {effect}"
        chain = (effect.target.value, effect.target_level)
    if chain != (record.target.value, record.target_level):
        yield f"I7 {record}"


def _idle(log: Sequence[Decision]) -> Iterator[str]:
    """Records after which the history is what it was."""
    history: list[Effect] = []
    for number, record in enumerate(log):
        history, before = effective(log[: number + 1]), history
        if told(history) == told(before):
            yield f"I14 {record} changes nothing"


def _again(effect: Effect, definitions: Mapping[int, Definition]) -> bool:
    """Whether an effect comes out the same from its own inputs."""
    if effect.over:
        return effect.target is State.INSUFFICIENT_DATA
    definition, level = definitions[effect.version], effect.source_level
    if definition.expression is not None:
        if set(named(definition.expression)) != effect.inputs.keys():
            return False
        return holds(definition.expression, effect.inputs) == effect.target
    buckets = [Bucket(each.timestamp, each.value) for each in effect.datapoints]
    closing = Closing(effect.bucket, effect.cause, effect.version)
    if effect.cause is Cause.EARLY:
        return early(definition, effect.source, buckets, closing, level) == effect
    return decide(definition, effect.source, buckets, closing, level)[1] == effect
