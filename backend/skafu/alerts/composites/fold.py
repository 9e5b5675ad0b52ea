"""From the histories of alerts to that of a composite alert over them: a pure fold in event time.

The *story* of an instance is its effective history from some moment on. A composite has an
instance for each tag set of its `group_by` that an instance of its alerts has in full: such a story
*defines* it. A story *counts* for every instance of the composite that its tags do not contradict,
so that an alert without groups counts for all of them. Of one alert, ALARM in any story that counts
is ALARM; otherwise OK in one of them is OK; otherwise nothing is known.

An instance of the composite is decided wherever one of its stories changes, and where a version of
the composite begins to rule: at the first millisecond after its edit. It ends when the last story
that defines it does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from skafu.alerts.composites.logic import named, state_of
from skafu.alerts.model import Alert, Cause, Effect, State
from skafu.alerts.walk import Standing
from skafu.metrics.model import Tags, group_of

# Where stories change for several reasons at the same moment, the one that says least about the
# points: what a clock has decided is not told as decided by data.
CAUSES = (Cause.DATA, Cause.EARLY, Cause.CLOCK)


@dataclass(frozen=True)
class Story:
    """An instance of an alert: where it stood when the fold begins, and its effects since.

    `ends` are the moments at which it was removed quietly: in INSUFFICIENT_DATA, when no series
    belonged to it any more.
    """

    alert: str
    tags: Tags
    standing: Standing = Standing()
    effects: tuple[Effect, ...] = ()
    ends: tuple[int, ...] = ()


class Folded(NamedTuple):
    """What came of a fold: the effects, and whether the instance is there at its end."""

    effects: tuple[Effect, ...]
    alive: bool


class Cast:
    """Stories, dealt out to the instances that they count for."""

    def __init__(self, stories: Iterable[Story]) -> None:
        self._stories = tuple(stories)
        self._dealt: dict[tuple[str, ...], tuple[dict[Tags, list[Story]], list[Story]]] = {}

    def instances(self, versions: Iterable[Alert]) -> set[Tags]:
        """The tag sets of all instances that the stories define under any of the versions."""
        found: set[Tags] = set()
        for version in versions:
            names = set(named(version.definition.expression))
            whole, _ = self._deal(_keys_of(version))
            found.update(
                tags for tags, some in whole.items() if any(x.alert in names for x in some)
            )
        return found

    def of(self, tags: Tags) -> list[Story]:
        """The stories that count for an instance of a composite."""
        whole, partial = self._deal(tuple(name for name, _ in tags))
        mine = set(tags)
        names = {name for name, _ in tags}
        fitting = (x for x in partial if all(tag in mine for tag in x.tags if tag[0] in names))
        return [*whole.get(tags, ()), *fitting]

    def _deal(self, names: tuple[str, ...]) -> tuple[dict[Tags, list[Story]], list[Story]]:
        """Stories that have all of these tags, by them, and those that lack some."""
        if names not in self._dealt:
            whole: dict[Tags, list[Story]] = defaultdict(list)
            partial: list[Story] = []
            for story in self._stories:
                tags = group_of(names, story.tags)
                (whole[tags] if len(tags) == len(names) else partial).append(story)
            self._dealt[names] = whole, partial
        return self._dealt[names]


def histories(
    versions: Sequence[Alert], stories: Iterable[Story], after: int, now: int
) -> dict[Tags, tuple[Effect, ...]]:
    """The effects of all instances of a composite that was not there before `after`."""
    cast = Cast(stories)
    return {
        tags: fold(versions, cast.of(tags), tags, Standing(), after, now).effects
        for tags in sorted(cast.instances(versions))
    }


def fold(
    versions: Sequence[Alert],
    stories: Sequence[Story],
    tags: Tags,
    standing: Standing,
    after: int,
    now: int,
) -> Folded:
    """The effects of one instance after `after`, oldest first: at most one at a moment.

    `versions` are the composite's, oldest first; each rules the moments after its edit and not
    after the next one's. `stories` count for the instance (`Cast.of`) and begin at `after`, as does
    `standing`, where the instance is then. Times are epoch milliseconds.
    """
    chorus = _Chorus(stories, tags)
    state, effects = standing.state, []
    for moment, changes in _moments(versions, stories, after, now):
        cause = chorus.change(changes)
        version = _ruling(versions, moment)
        target, inputs = chorus.says(version, tags)
        if target is not state:
            effects.append(Effect(moment, state, target, cause, version.version, inputs=inputs))
            state = target
    return Folded(tuple(effects), chorus.lives(versions[-1], tags))


type _Change = tuple[int, Effect | None]
"""Which story changes, and how; None is a quiet end."""


def _moments(
    versions: Sequence[Alert], stories: Sequence[Story], after: int, now: int
) -> Iterator[tuple[int, list[_Change]]]:
    """Every moment at which something may change, in order, with the changes."""
    moments: dict[int, list[_Change]] = defaultdict(list)
    for i, story in enumerate(stories):
        for effect in story.effects:
            if effect.bucket > after:
                moments[effect.bucket].append((i, effect))
        for end in story.ends:
            if end > after:
                moments[end].append((i, None))
    for version in versions:
        # A server's clock may be a little behind the one that edited.
        if after <= version.edited_at < now:
            moments.setdefault(version.edited_at + 1, [])
    yield from sorted(moments.items())


def _ruling(versions: Sequence[Alert], moment: int) -> Alert:
    since = [version for version in versions if version.edited_at < moment]
    return since[-1] if since else versions[0]


class _Chorus:
    """What all stories of an instance say together while time goes by: counted, not looked through,
    as an alert may have a thousand instances.
    """

    def __init__(self, stories: Sequence[Story], tags: Tags) -> None:
        self._stories = stories
        self._defines = [set(tags) <= set(story.tags) for story in stories]
        self._states = [State.INSUFFICIENT_DATA for _ in stories]
        self._alive = [False for _ in stories]
        self._in_state: Counter[tuple[str, State]] = Counter()
        self._defining: Counter[str] = Counter()
        for i, story in enumerate(stories):
            self._set(i, story.standing.state, story.standing.begun)

    def change(self, changes: Iterable[_Change]) -> Cause:
        """Let stories go on; what caused it: the clock, where none of them changed its state."""
        causes = []
        for i, effect in changes:
            if effect is not None:
                self._set(i, effect.target, not effect.over)
                causes.append(effect.cause)
            elif self._states[i] is State.INSUFFICIENT_DATA:
                self._set(i, State.INSUFFICIENT_DATA, False)
        return max(causes, key=CAUSES.index, default=Cause.CLOCK)

    def _set(self, i: int, state: State, alive: bool) -> None:
        alert = self._stories[i].alert
        self._in_state[alert, self._states[i]] -= 1
        self._in_state[alert, state] += 1
        if self._defines[i]:
            self._defining[alert] += alive - self._alive[i]
        self._states[i], self._alive[i] = state, alive

    def lives(self, version: Alert, tags: Tags) -> bool:
        """Whether there is such an instance under a version of the composite."""
        names = named(version.definition.expression)
        fits = _keys_of(version) == tuple(name for name, _ in tags)
        return fits and any(self._defining[name] for name in names)

    def says(self, version: Alert, tags: Tags) -> tuple[State, Mapping[str, State]]:
        """The instance's state under a version of the composite, and the states of its alerts: none
        where there is no such instance.
        """
        expression = version.definition.expression
        if expression is None or not self.lives(version, tags):
            return State.INSUFFICIENT_DATA, {}
        inputs = {name: self._state(name) for name in named(expression)}
        return state_of(expression, inputs), inputs

    def _state(self, alert: str) -> State:
        for state in (State.ALARM, State.OK):
            if self._in_state[alert, state]:
                return state
        return State.INSUFFICIENT_DATA


def _keys_of(version: Alert) -> tuple[str, ...]:
    return tuple(sorted(set(version.definition.group_by)))
