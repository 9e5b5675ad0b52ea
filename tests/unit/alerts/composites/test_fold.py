from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

import pytest

from skafu.alerts.composites.fold import Cast, Story, fold, histories
from skafu.alerts.composites.logic import named, state_of
from skafu.alerts.model import Alert, Cause, Effect, State
from skafu.alerts.walk import Standing
from skafu.metrics.model import Tags
from tests.support.clocks import NOON
from tests.support.composites import (
    ALARM,
    INSUFFICIENT,
    OK,
    composite,
    edited,
    every,
    no,
    over,
    some,
    story,
)
from tests.support.decisions import effect, minute

HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)
BOTH = composite(every("cpu", "disk"))
LATER = minute(1_000)
type Seen = list[tuple[float, State, State]]


def seen(effects: Sequence[Effect]) -> Seen:
    return [((each.bucket - NOON) / 60_000, each.source, each.target) for each in effects]


def folded(versions: Sequence[Alert], *stories: Story, now: int = LATER) -> dict[Tags, Seen]:
    found = histories(versions, stories, NOON - 1, now)
    return {tags: seen(effects) for tags, effects in found.items()}


def test_it_is_in_alarm_while_its_expression_holds() -> None:
    cpu = story("cpu", (1, OK), (3, ALARM), (7, OK))
    disk = story("disk", (1, OK), (5, ALARM), (9, OK))

    assert folded([BOTH], cpu, disk) == {
        (): [(1, INSUFFICIENT, OK), (5, OK, ALARM), (7, ALARM, OK)]
    }


def test_a_transition_says_which_states_led_to_it() -> None:
    cpu = story("cpu", (1, OK), (3, ALARM))
    disk = story("disk", (3, ALARM))

    effects = histories([BOTH], [cpu, disk], NOON - 1, LATER)[()]

    assert [each.inputs for each in effects] == [
        {"cpu": OK, "disk": INSUFFICIENT},
        {"cpu": ALARM, "disk": ALARM},
    ]
    assert not any(each.over for each in effects)


def test_what_changes_at_the_same_moment_changes_together() -> None:
    cpu = story("cpu", (1, ALARM), (4, OK))
    disk = story("disk", (1, OK), (4, ALARM))

    assert folded([composite(some("cpu", "disk"))], cpu, disk) == {(): [(1, INSUFFICIENT, ALARM)]}


def test_it_is_caused_as_the_change_was_and_by_the_clock_where_any_was() -> None:
    early = Story("cpu", (), effects=(effect(2, INSUFFICIENT, ALARM, Cause.EARLY),))
    data = Story("disk", (), effects=(effect(1, INSUFFICIENT, ALARM, Cause.DATA),))
    clock = Story("disk", (), effects=(effect(2, INSUFFICIENT, ALARM, Cause.CLOCK),))

    one = histories([BOTH], [early, data], NOON, LATER)[()]
    other = histories([BOTH], [early, clock], NOON, LATER)[()]

    assert [each.cause for each in (*one, *other)] == [Cause.EARLY, Cause.CLOCK]


def test_it_begins_where_it_was_made_with_what_holds_then() -> None:
    cpu = Story("cpu", (), Standing(ALARM, True))
    disk = Story("disk", (), Standing(ALARM, True))

    found = fold([BOTH], [cpu, disk], (), Standing(), NOON, LATER).effects

    assert [(e.bucket, e.target, e.cause) for e in found] == [(NOON + 1, ALARM, Cause.CLOCK)]
    # A clock that is behind the one that made it waits.
    assert not fold([BOTH], [cpu, disk], (), Standing(), NOON, NOON).effects


def test_from_where_it_stands_only_what_comes_after_counts() -> None:
    cpu = Story("cpu", (), Standing(ALARM, True), (effect(7, ALARM, OK),))
    disk = Story("disk", (), Standing(OK, True), (effect(5, OK, ALARM),))

    found = fold([BOTH], [cpu, disk], (), Standing(OK, True), minute(4), LATER).effects

    assert seen(found) == [(5, OK, ALARM), (7, ALARM, OK)]


def test_a_version_rules_what_happens_after_its_edit() -> None:
    cpu = story("cpu", (1, ALARM), (8, OK))
    disk = story("disk", (1, OK))
    second = edited(BOTH, minute(5), expression=some("cpu", "disk"))

    found = histories([BOTH, second], [cpu, disk], NOON - 1, LATER)[()]

    assert [(each.bucket, each.target, each.version) for each in found] == [
        (minute(1), OK, 1),
        (minute(5) + 1, ALARM, 2),
        (minute(8), OK, 2),
    ]


def test_with_groups_each_tag_set_of_its_alerts_is_an_instance() -> None:
    grouped = composite(every("cpu", "disk"), group_by=("host",))
    cpu_a = story("cpu", (1, ALARM), tags=HOST_A)
    cpu_b = story("cpu", (1, ALARM), tags=HOST_B)
    disk_a = story("disk", (2, OK), tags=(("host", "a"), ("mount", "/")))
    disk_b = story("disk", (2, OK), (3, ALARM), tags=(("host", "b"), ("mount", "/")))

    assert folded([grouped], cpu_a, cpu_b, disk_a, disk_b) == {
        HOST_A: [(2, INSUFFICIENT, OK)],
        HOST_B: [(2, INSUFFICIENT, OK), (3, OK, ALARM)],
    }


def test_an_instance_that_contradicts_nothing_counts_for_all() -> None:
    grouped = composite(every("cpu", no("maintenance")), group_by=("host",))
    cpu_a = story("cpu", (1, ALARM), tags=HOST_A)
    cpu_b = story("cpu", (2, ALARM), tags=HOST_B)
    maintenance = story("maintenance", (1, OK), (4, ALARM))

    assert folded([grouped], cpu_a, cpu_b, maintenance) == {
        HOST_A: [(1, INSUFFICIENT, ALARM), (4, ALARM, OK)],
        HOST_B: [(2, INSUFFICIENT, ALARM), (4, ALARM, OK)],
    }


def test_without_groups_an_alert_is_in_alarm_if_any_instance_is() -> None:
    one_of = [
        story("cpu", (1, OK), (3, ALARM), (5, OK), tags=HOST_A),
        story("cpu", (2, OK), (4, ALARM), (6, OK), tags=HOST_B),
    ]
    disk = story("disk", (1, ALARM))

    assert folded([BOTH], *one_of, disk) == {
        (): [(1, INSUFFICIENT, OK), (3, OK, ALARM), (6, ALARM, OK)]
    }


def test_an_instance_ends_with_the_last_that_defines_it() -> None:
    grouped = composite(some("cpu", "global"), group_by=("host",))
    gone = Story("cpu", HOST_A, effects=(effect(1, INSUFFICIENT, ALARM), over(5, ALARM)))
    everywhere = story("global", (1, ALARM))

    effects = histories([grouped], [gone, everywhere], NOON - 1, LATER)[HOST_A]

    assert seen(effects) == [(1, INSUFFICIENT, ALARM), (5, ALARM, INSUFFICIENT)]
    assert effects[-1].over


def test_a_quiet_end_is_an_end_unless_it_has_begun_again() -> None:
    grouped = composite(some("cpu", "global"), group_by=("host",))
    dark = story("cpu", (1, ALARM), (2, INSUFFICIENT), tags=HOST_A, ends=(minute(5),))
    again = replace(dark, effects=(*dark.effects, effect(4, INSUFFICIENT, OK)))
    everywhere = story("global", (1, ALARM))

    assert folded([grouped], dark, everywhere)[HOST_A][-1] == (5, ALARM, INSUFFICIENT)
    assert folded([grouped], again, everywhere)[HOST_A] == [(1, INSUFFICIENT, ALARM)]


def test_an_edit_of_the_groups_ends_the_instances_of_before() -> None:
    cpu = story("cpu", (1, ALARM), tags=HOST_A)
    grouped = composite(some("cpu"), group_by=("host",))
    second = edited(grouped, minute(5), group_by=())

    found = histories([grouped, second], [cpu], NOON - 1, LATER)

    assert {tags: [each.over for each in effects] for tags, effects in found.items()} == {
        HOST_A: [False, True],
        (): [False],
    }
    assert found[()][0].bucket == minute(5) + 1


# --- against what one would say moment by moment --------------------------------------------------


def stories_of(random: Random) -> Iterator[Story]:
    for name in ("cpu", "disk", "global"):
        for tags in [()] if name == "global" else [HOST_A, HOST_B, (*HOST_A, ("mount", "/"))]:
            if random.random() < 0.2:
                continue
            state, number, effects = INSUFFICIENT, 0, []
            for _ in range(random.randint(0, 6)):
                number += random.randint(1, 3)
                target = random.choice([each for each in State if each is not state])
                ends = target is INSUFFICIENT and random.random() < 0.5
                effects.append(over(number, state) if ends else effect(number, state, target))
                state = target
            yield Story(name, tags, effects=tuple(effects))


def fits(tags: Tags, mine: Tags) -> bool:
    return all(dict(mine).get(key, value) == value for key, value in tags)


def at(version: Alert, stories: Sequence[Story], tags: Tags, moment: int) -> State:
    """An instance's state at a moment, by looking at everything."""
    names, found, defined = named(version.definition.expression), {}, False
    if version.definition.group_by != tuple(key for key, _ in tags):
        return INSUFFICIENT
    for name in names:
        states = set()
        for each in stories:
            past = [e for e in each.effects if e.bucket <= moment]
            if each.alert == name and past and fits(each.tags, tags):
                states.add(past[-1].target)
                defined = defined or (set(tags) <= set(each.tags) and not past[-1].over)
        found[name] = ALARM if ALARM in states else OK if OK in states else INSUFFICIENT
    assert version.definition.expression is not None
    return state_of(version.definition.expression, found) if defined else INSUFFICIENT


@pytest.mark.parametrize("seed", range(150))
def test_the_fold_says_what_one_would_say_at_every_moment(seed: int) -> None:
    random = Random(seed)
    stories = list(stories_of(random))
    forms = [some("cpu", "disk"), every("cpu", no("global")), every(some("disk", "global"), "cpu")]
    first = composite(random.choice(forms), group_by=random.choice([(), ("host",)]))
    second = edited(
        first, minute(8), expression=random.choice(forms), group_by=random.choice([(), ("host",)])
    )
    versions = [first, second]
    found = histories(versions, stories, NOON - 1, LATER)

    assert set(found) == Cast(stories).instances(versions)
    for tags in ((), HOST_A, HOST_B):
        effects = found.get(tags, ())
        for moment in (minute(number) + after for number in range(24) for after in (0, 1)):
            version = second if moment > minute(8) else first
            past = [e.target for e in effects if e.bucket <= moment]
            assert (past or [INSUFFICIENT])[-1] is at(version, stories, tags, moment), moment
        buckets = [each.bucket for each in effects]
        assert buckets == sorted(set(buckets))
        chain = [INSUFFICIENT, *(e.target for e in effects)]
        assert [e.source for e in effects] == chain[:-1]
        assert all(e.source is not e.target for e in effects)
