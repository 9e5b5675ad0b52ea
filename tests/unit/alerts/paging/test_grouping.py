from dataclasses import dataclass, field, replace

import pytest

from skafu.alerts.model import Alert, Cause, Level, Notification, Severity, State, instance_id
from skafu.alerts.paging.group import Group, Looked, Reason, Telling, Transition, Who, Withheld
from skafu.alerts.paging.composing import LISTED
from skafu.alerts.paging.grouping import FAR_MS, FORGET_MS, Around, apply, look
from skafu.alerts.paging.model import Engagement, PageCause, Route, Silence, Step, Told
from skafu.metrics.model import Tags
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT
from tests.support.clocks import NOON
from tests.support.definitions import alert, definition
from tests.support.paging import CONSOLE, host, on_host

SECOND = 1_000
LEVELS = (Level(Severity.HIGH, threshold=20), Level(Severity.CRITICAL, threshold=30))
ALERT = replace(alert(group_by=("host",)), definition=definition(levels=LEVELS))
SIGNS = {Told.FIRING: "+", Told.RESOLVED: "-", Told.UNKNOWN: "?"}


@dataclass
class Story:
    """A group of the route "ops", to which things happen second by second."""

    route: Route = Route("ops", channels=("one",), group_by=())
    alert: Alert = ALERT
    now: int = NOON
    silences: list[Silence] = field(default_factory=list)
    engaged: dict[Who, Engagement] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    tellings: list[Telling] = field(default_factory=list)
    withheld: list[tuple[Who, Withheld]] = field(default_factory=list)
    standing: dict[Tags, tuple[State, int, int]] = field(default_factory=dict)
    count: int = 0
    unseen: bool = False

    def __post_init__(self) -> None:
        self.group = Group("group", "route:ops", self.route, {}, self.now)

    def happens(self, target: State, name: str, level: int = 0) -> Transition:
        """A transition in the bucket that ends now; what is due is told."""
        tags = host(name)
        source, before, began = self.standing.get(tags, (OK, 0, self.now))
        began = self.now if source is OK else began
        notification = Notification(
            id=f"{name}-{self.now}",
            alert=self.alert,
            instance=instance_id(tags),
            tags=tags,
            source=source,
            target=target,
            bucket=self.now,
            revision=self.count,
            cause=Cause.DATA,
            value=12.5,
            reason=f"it became {target}",
            created_at=self.now,
            source_level=before,
            target_level=level,
        )
        self.count += 1
        self.standing[tags] = (target, level, began)
        transition = Transition(notification, began)
        self.hears(transition)
        return transition

    def hears(self, transition: Transition) -> None:
        self.group = apply(self.group, transition, self.now)
        if not self.unseen:
            self.look()

    def fires(self, *names: str, level: int = 0) -> None:
        for name in names:
            self.happens(ALARM, name, level)

    def resolves(self, *names: str) -> None:
        for name in names:
            self.happens(OK, name)

    def look(self) -> Looked:
        around = Around(TENANT, CONSOLE, self.now, self.silences, self.engaged, self.gone)
        looked = look(self.group, around)
        self.group = looked.group
        self.tellings += looked.tellings
        self.withheld += looked.withheld
        assert self.group.due > self.now
        return looked

    def passes(self, seconds: int) -> None:
        """Time passes; the group is looked at when something is due, and at no other moment."""
        end = self.now + seconds * SECOND
        while self.group.members and self.group.due <= end:
            self.now = self.group.due
            self.look()
        self.now = end

    def silence(self, name: str, seconds: int) -> None:
        until = self.now + seconds * SECOND
        self.silences.append(Silence(f"quiet-{name}", 1, (on_host(name),), self.now, until))

    def acknowledges(self, name: str) -> None:
        began = self.group.members[self.who(name)].began
        self.engaged[self.who(name)] = Engagement(
            self.alert.id, instance_id(host(name)), began, "ann", self.now
        )
        self.look()

    def who(self, name: str) -> Who:
        return Who(self.alert.id, instance_id(host(name)))

    @property
    def said(self) -> list[str]:
        """The pages, each in a line: cause, and what it says; in brackets what is not new."""
        lines = []
        for telling in self.tellings:
            words = []
            for item in telling.page.items:
                text = SIGNS[item.told] + item.notification.tags[0][1]
                words.append(text if item.news else f"({text})")
            lines.append(" ".join([telling.page.cause.value, *words]))
        return lines

    @property
    def times(self) -> list[int]:
        """When the pages were told, in seconds after noon."""
        return [(each.page.sent_at - NOON) // SECOND for each in self.tellings]


def ops(**changes: object) -> Story:
    plain = Route("ops", channels=("one",), group_by=())
    return Story(replace(plain, **changes))  # type: ignore[arg-type] # a test names real fields


# --- wait, interval, repeat -----------------------------------------------------------------------


def test_without_wait_and_interval_everything_is_told_at_once() -> None:
    story = ops()

    story.fires("a", "b")
    story.resolves("a", "b")

    assert story.said == ["first +a", "update +b (+a)", "update -a (+b)", "update -b"]
    assert not story.group.members


def test_the_first_telling_waits_for_others() -> None:
    story = ops(wait=30)
    story.fires("a")
    story.passes(20)
    story.fires("b")
    story.passes(100)

    assert story.said == ["first +a +b"]
    assert story.times == [30]


def test_what_is_over_before_the_first_telling_is_never_told() -> None:
    story = ops(wait=30)
    story.fires("a")
    story.passes(20)
    story.resolves("a")
    story.passes(100)

    assert not story.said
    assert not story.group.members


def test_later_tellings_keep_an_interval() -> None:
    story = ops(interval=300)
    story.fires("a")
    story.passes(10)
    story.fires("b")
    story.passes(10)
    story.resolves("a")
    story.passes(1000)

    assert story.said == ["first +a", "update -a +b"]
    assert story.times == [0, 300]


def test_the_interval_has_passed_when_nothing_was_told_for_long() -> None:
    story = ops(interval=300)
    story.fires("a")
    story.passes(301)
    story.fires("b")

    assert story.times == [0, 301]


def test_what_comes_back_within_the_interval_as_it_was_said_is_told_as_a_new_firing() -> None:
    story = ops(interval=300)
    story.fires("a")
    story.passes(10)
    story.resolves("a")
    story.passes(10)
    story.fires("a")
    story.passes(1000)

    assert story.said == ["first +a", "update +a"]
    assert [x.page.items[0].began for x in story.tellings] == [NOON, NOON + 20 * SECOND]


def test_a_raised_level_is_told_at_once() -> None:
    story = ops(interval=300)
    story.fires("a")
    story.passes(10)
    story.fires("a", level=2)

    assert story.said == ["first +a", "update +a"]
    assert story.times == [0, 10]
    assert story.tellings[1].page.items[0].notification.severity is Severity.CRITICAL


def test_a_lowered_level_waits_for_the_interval() -> None:
    story = ops(interval=300)
    story.fires("a", level=2)
    story.passes(10)
    story.fires("a", level=1)
    story.passes(1000)

    assert story.said == ["first +a", "update +a"]
    assert story.times == [0, 300]


def test_a_level_that_falls_back_within_the_interval_is_no_news() -> None:
    story = ops(interval=300)
    story.fires("a", level=1)
    story.passes(10)
    story.fires("a", level=0)
    story.passes(10)
    story.fires("a", level=1)
    story.passes(1000)

    assert story.said == ["first +a"]


def test_what_still_fires_is_repeated() -> None:
    story = ops(repeat=3600)
    story.fires("a", "b")
    story.passes(7300)
    story.resolves("a", "b")
    story.passes(7200)

    assert story.said[2:4] == ["repeat (+a) (+b)"] * 2
    assert story.times == [0, 0, 3600, 7200, 7300, 7300]


def test_an_update_puts_the_repetition_off() -> None:
    story = ops(repeat=3600)
    story.fires("a")
    story.passes(1000)
    story.fires("b")
    story.passes(3599)

    assert story.times == [0, 1000]
    story.passes(1)
    assert story.times == [0, 1000, 4600]


def test_pages_have_names_of_their_own_and_follow_each_other() -> None:
    story = ops(repeat=10)
    story.fires("a")
    story.passes(35)
    story.resolves("a")
    first, *others = story.tellings

    assert first.previous is None
    assert [x.previous for x in others] == [x.page.id for x in story.tellings[:-1]]
    assert sorted({x.page.id for x in story.tellings}) == [x.page.id for x in story.tellings]
    assert len(story.tellings) == 5


# --- no data --------------------------------------------------------------------------------------


def test_data_that_stop_are_told_and_resolve_nothing() -> None:
    story = ops(repeat=3600)
    story.fires("a")
    story.passes(10)
    story.happens(INSUFFICIENT, "a")
    story.passes(10_000)
    story.resolves("a")

    assert story.said == ["first +a", "update ?a", "update -a"]
    assert story.tellings[1].page.told is Told.UNKNOWN


def test_a_firing_that_goes_on_after_a_gap_is_the_same_firing() -> None:
    story = ops()
    story.fires("a")
    story.passes(10)
    story.happens(INSUFFICIENT, "a")
    story.passes(10)
    story.fires("a")

    assert [x.page.items[0].began for x in story.tellings] == [NOON] * 3
    assert story.group.members[story.who("a")].fired_at == NOON


def test_data_that_stop_before_it_was_told_are_nothing_to_tell() -> None:
    story = ops(wait=30)
    story.fires("a")
    story.happens(INSUFFICIENT, "a")
    story.passes(100)

    assert not story.said
    assert not story.group.members


def test_whose_data_never_come_back_is_forgotten_in_the_end() -> None:
    story = ops()
    story.fires("a")
    story.happens(INSUFFICIENT, "a")
    story.passes(FORGET_MS // SECOND)

    assert not story.group.members
    assert story.said == ["first +a", "update ?a"]


# --- cooldown -------------------------------------------------------------------------------------


def cooling() -> Story:
    return Story(alert=replace(ALERT, cooldown=600))


def test_within_its_cooldown_an_instance_is_not_told_again() -> None:
    story = cooling()
    story.fires("a")
    story.passes(60)
    story.resolves("a")
    story.passes(60)
    story.fires("a")
    story.passes(60)
    story.resolves("a")
    story.passes(10_000)

    assert story.said == ["first +a", "update -a"]
    assert [each.why for _, each in story.withheld] == [Reason.COOLDOWN]
    assert not story.group.members


def test_who_still_fires_at_the_end_of_its_cooldown_is_told_then() -> None:
    story = cooling()
    story.fires("a")
    story.passes(60)
    story.resolves("a")
    story.passes(60)
    story.fires("a")
    story.passes(10_000)

    assert story.said == ["first +a", "update -a", "first +a"]
    assert story.times == [0, 60, 600]


def test_a_cooldown_is_one_instances() -> None:
    story = cooling()
    story.fires("a")
    story.resolves("a")
    story.fires("b")

    assert story.said == ["first +a", "update -a", "first +b"]


def test_a_raised_level_is_no_new_firing_that_a_cooldown_holds_back() -> None:
    story = cooling()
    story.fires("a")
    story.passes(10)
    story.fires("a", level=1)

    assert story.times == [0, 10]


# --- silences -------------------------------------------------------------------------------------


def test_what_is_silenced_is_not_told_but_recorded() -> None:
    story = ops()
    story.silence("a", 600)
    story.fires("a", "b")
    story.passes(60)
    story.resolves("a", "b")
    story.passes(10_000)

    assert story.said == ["first +b", "update -b"]
    assert story.withheld[0] == (
        story.who("a"),
        Withheld(Reason.SILENCE, "quiet-a", NOON + 600 * SECOND),
    )


def test_what_still_fires_when_the_silence_ends_is_told_then() -> None:
    story = ops(wait=30)
    story.silence("a", 600)
    story.fires("a")
    story.passes(10_000)

    assert story.said == ["first +a"]
    assert story.times == [600]


def test_a_silence_that_is_ended_early_lets_go_of_what_it_muted() -> None:
    story = ops()
    story.silence("a", 600)
    story.fires("a")
    story.silences.clear()
    story.passes(10)
    story.look()

    assert story.times == [10]


def test_who_was_told_before_the_silence_hears_that_it_is_resolved() -> None:
    story = ops()
    story.fires("a")
    story.silence("a", 600)
    story.look()
    story.resolves("a")

    assert story.said == ["first +a", "update -a"]


def test_silenced_instances_are_neither_repeated_nor_escalated() -> None:
    story = ops(repeat=60, steps=(Step(90, ("boss",)),))
    story.fires("a")
    story.silence("a", 600)
    story.look()
    story.passes(599)
    assert story.times == [0]
    story.passes(1)

    assert story.said == ["first +a", "escalation (+a)", "repeat (+a)"]


def test_of_two_silences_the_longer_one_counts() -> None:
    story = ops()
    story.silence("a", 600)
    story.silence("a", 900)
    story.fires("a")
    story.passes(10_000)

    assert story.times == [900]


def test_a_raised_level_is_silenced_too() -> None:
    story = ops()
    story.fires("a")
    story.silence("a", 600)
    story.fires("a", level=1)
    story.passes(600)

    assert story.times == [0, 600]


# --- escalation -----------------------------------------------------------------------------------

STEPS = (Step(300, ("boss",)), Step(900, ("boss", "chief")))


def test_nobody_acknowledges_and_others_are_told() -> None:
    story = ops(steps=STEPS)
    story.fires("a")
    story.passes(10_000)

    assert story.said == ["first +a", "escalation (+a)", "escalation (+a)"]
    assert story.times == [0, 300, 900]
    assert [x.channels for x in story.tellings] == [("one",), ("boss",), ("boss", "chief")]
    assert [x.page.step for x in story.tellings] == [0, 1, 2]


def test_escalation_stops_when_somebody_acknowledges() -> None:
    story = ops(steps=STEPS, repeat=3600)
    story.fires("a")
    story.passes(400)
    story.acknowledges("a")
    story.passes(10_000)

    assert story.times == [0, 300]


def test_one_that_nobody_acknowledged_is_enough_to_go_on() -> None:
    story = ops(steps=STEPS)
    story.fires("a", "b")
    story.acknowledges("a")
    story.passes(10_000)

    assert story.said[2:] == ["escalation (+b) (+a)"] * 2


def test_acknowledging_an_earlier_firing_counts_for_nothing() -> None:
    story = ops(steps=STEPS)
    story.fires("a")
    story.acknowledges("a")
    story.passes(10)
    story.resolves("a")
    story.passes(10)
    story.fires("a")
    story.passes(300)

    assert story.said[-1] == "escalation (+a)"


def test_what_fires_later_is_escalated_from_its_own_telling_on() -> None:
    story = ops(steps=STEPS)
    story.fires("a")
    story.passes(1000)
    story.acknowledges("a")
    story.fires("b")
    story.passes(10_000)

    assert story.times == [0, 300, 900, 1000, 1300, 1900]


def test_taking_an_acknowledgement_back_repeats_no_step() -> None:
    story = ops(steps=STEPS)
    story.fires("a")
    story.passes(400)
    story.acknowledges("a")
    story.passes(600)
    story.engaged.clear()
    story.look()
    story.passes(10_000)

    assert story.times == [0, 300, 1000]


def test_who_was_called_in_hears_how_it_goes_on() -> None:
    story = ops(steps=STEPS)
    story.fires("a")
    story.passes(300)
    story.fires("b")
    story.resolves("a", "b")

    assert [x.channels for x in story.tellings[2:]] == [("one", "boss")] * 3


def test_after_all_is_resolved_escalation_begins_anew() -> None:
    story = ops(steps=STEPS)
    story.fires("a")
    story.passes(1000)
    story.resolves("a")
    story.group = replace(story.group, opened=story.now, told_at=None)
    story.fires("a")
    assert story.tellings[-1].channels == ("one",)
    story.passes(300)

    assert story.tellings[-1].page.cause is PageCause.ESCALATION
    assert story.tellings[-1].page.step == 1


# --- whoever hears --------------------------------------------------------------------------------


def test_a_channel_that_was_taken_out_of_the_route_hears_the_end() -> None:
    story = ops()
    story.fires("a")
    story.group = replace(story.group, route=replace(story.route, channels=("two",)))
    story.resolves("a")

    assert [x.channels for x in story.tellings] == [("one",), ("one",)]


def test_a_channel_that_came_into_the_route_hears_what_fires_from_then_on() -> None:
    story = ops()
    story.fires("a")
    story.group = replace(story.group, route=replace(story.route, channels=("two",)))
    story.fires("b")

    assert story.tellings[-1].channels == ("two", "one")


def test_of_an_alert_that_was_deleted_nothing_more_is_told() -> None:
    story = ops(repeat=60)
    story.fires("a")
    story.gone.add(ALERT.id)
    story.passes(1000)

    assert story.said == ["first +a"]
    assert [each.why for _, each in story.withheld] == [Reason.DELETED]
    assert not story.group.members


# --- twice, late, many ----------------------------------------------------------------------------


def test_a_transition_that_comes_again_or_late_changes_nothing() -> None:
    story = ops()
    first = story.happens(ALARM, "a")
    story.passes(10)
    second = story.happens(ALARM, "a", level=1)
    known, told = story.group, len(story.tellings)

    for transition in (first, second, first):
        assert apply(story.group, transition, story.now) is story.group
        story.hears(transition)

    assert (story.group, len(story.tellings)) == (known, told)


@pytest.mark.parametrize("target", [OK, INSUFFICIENT])
def test_what_never_fired_here_is_nothing_to_tell(target: State) -> None:
    story = ops()
    story.happens(target, "a")

    assert not story.said
    assert not story.group.members


def test_looking_again_changes_nothing() -> None:
    story = ops(repeat=3600, steps=STEPS, wait=0)
    story.fires("a", "b")
    known = story.group

    for _ in range(3):
        story.now += 1
        assert not story.look().tellings

    assert story.group == known


def test_a_group_that_waits_for_nothing_is_looked_at_once_a_month() -> None:
    story = ops()
    story.fires("a")
    due = story.group.due
    assert due == NOON + FAR_MS
    story.now += FAR_MS // 4
    story.look()

    assert story.group.due == due


def test_of_very_many_some_are_listed_and_all_are_counted() -> None:
    story = ops(wait=30)
    story.unseen = True
    story.fires(*(f"web-{number}" for number in range(1_000)))
    story.unseen = False
    story.look()
    story.passes(30)
    [telling] = story.tellings

    assert len(telling.page.items) == LISTED
    assert telling.page.omitted == {Told.FIRING: 1_000 - LISTED}
    assert len(set(telling.about)) == 1_000
    story.resolves("web-999")
    assert story.tellings[-1].page.items[0].told is Told.RESOLVED
    assert story.tellings[-1].page.told is Told.FIRING


def test_what_is_long_is_listed_as_far_as_it_fits() -> None:
    story = Story(Route("ops", wait=30), replace(ALERT, description="long " * 800))
    story.fires(*(f"web-{number}" for number in range(100)))
    story.passes(30)
    [telling] = story.tellings

    assert 1 <= len(telling.page.items) < 50
    assert sum(telling.page.omitted.values()) == 100 - len(telling.page.items)
