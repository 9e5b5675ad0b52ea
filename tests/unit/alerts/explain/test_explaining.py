"""Every reason why an instance did not fire, goes on firing, or is not told of, each brought about
by the real evaluator and sweeper.
"""

import re
from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.explain.model import Explanation
from skafu.alerts.explain.views import explanation_view
from skafu.alerts.explain.verdict import Why
from skafu.alerts.deliveries import Attempt, Status
from skafu.alerts.model import (
    Alert,
    Cause,
    Comparison,
    Expression,
    Kind,
    Level,
    Logic,
    MissingData,
    Severity,
    State,
)
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.account import Account, Heard, Muted
from skafu.alerts.paging.group import Reason, Withheld
from skafu.alerts.paging.model import Engagement, PageCause, Policy, Route, Silence, Told
from skafu.metrics.deletions import Deletions
from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.shared.errors import NotFound, Unprocessable
from skafu.shared.keys import DAY_MS, MINUTE_MS
from tests.support.clocks import NOON
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.explaining import Explaining

HOST_A, HOST_B = (("host", "a"),), (("host", "b"),)
OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA


@pytest.fixture
def world() -> Deciding:
    return Deciding()


@pytest.fixture
def explaining(world: Deciding) -> Explaining:
    return Explaining(world)


def minute(number: int) -> int:
    return NOON + number * MINUTE_MS


def watched(world: Deciding, **changes: Any) -> Alert:
    return world.create(alert(**{"group_by": ("host",), **changes}))


def minutes(world: Deciding, *values: float | None, host: str = "a") -> None:
    """One value a minute, in its middle; then time goes by to the minute's end. None is no value,
    and the last value's minute is closed by its grace.
    """
    for value in values:
        world.live(30)
        if value is not None:
            world.send(value, host=host)
        world.live(30)
    world.live(31)


def states(found: Explanation) -> tuple[State, State]:
    assert found.recorded is not None
    return found.recorded.before.state, found.recorded.after.state


# --- why it did not fire --------------------------------------------------------------------------


def test_nothing_was_breaching(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, 4, 5)

    found = explaining.of("alert-1", minute(3))

    assert (found.verdict.why, *states(found)) == (Why.FINE, OK, OK)
    assert found.summary == (
        "CPU is busy (host=a) did not fire: it was OK since 2023-11-15 12:01:00 UTC; avg of "
        "cpu.load was 5; nothing was above 10."
    )
    assert found.verdict.would_take == (
        "1 of 1 period had to be breaching, 0 were: the value had to be above 10 in 1 more period"
    )


def test_fewer_periods_were_breaching_than_are_needed(
    world: Deciding, explaining: Explaining
) -> None:
    watched(world, evaluation_periods=3, datapoints_to_alarm=2)
    minutes(world, 3, 3, 20)

    found = explaining.of("alert-1", minute(3))

    assert (found.verdict.why, *states(found)) == (Why.TOO_FEW, OK, OK)
    assert (
        "avg of cpu.load was 20; above 10 in 1 of the last 3 periods with data, and 2 are needed"
        in found.summary
    )
    assert found.verdict.would_take == (
        "2 of 3 periods had to be breaching, 1 was: the value had to be above 10 in 1 more period"
    )


def test_there_were_no_data(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, None, None, None, None)

    found = explaining.of("alert-1", minute(5))

    assert (found.verdict.why, *states(found)) == (Why.NO_DATA, INSUFFICIENT, INSUFFICIENT)
    assert "cpu.load had no data in the last 3 periods" in found.summary


def test_no_data_ever_came(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    world.live(120)

    found = explaining.of("alert-1", minute(2), HOST_A)

    assert found.verdict.why is Why.NOT_BEGUN
    assert "no data that belong to it have ever come in time" in found.summary


def test_the_data_came_too_late(world: Deciding, explaining: Explaining) -> None:
    watched(world, lateness=60)
    minutes(world, 3, 4, 5)
    world.live(120)
    world.send(500, at=minute(2) + 1000, agent="slow")
    world.live(60)

    found = explaining.of("alert-1", minute(3))

    assert found.window is not None and found.late_matters
    (look,) = [each for each in found.window.looks if each.end == minute(3)]
    assert (look.value, look.count, look.late_count) == (5.0, 1, 1)
    told = "1 point came more than 1 minute after the period's end and did not count; in time, they"
    assert f"{told} would have changed the state" in found.summary
    (late,) = explanation_view(found)["window"][-1]["late"]
    assert late["why"] == "received 151 seconds after the period's end: it does not count"


def test_the_alert_was_edited_afterwards(world: Deciding, explaining: Explaining) -> None:
    made = watched(world)
    minutes(world, 8, 8)
    world.edit(made, threshold=5.0)

    found = explaining.of("alert-1", minute(2))

    assert (found.version.version, found.head.version) == (1, 2)
    assert found.verdict.why is Why.FINE
    assert (
        "Version 1 ruled then; the present one, 2, rules what ends after 2023-11-15 12:02:31 UTC"
        in found.summary
    )


def test_the_alert_was_made_later(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    world.live(60)

    found = explaining.of("alert-1", NOON - MINUTE_MS, HOST_A)

    assert found.verdict.why is Why.NOT_MADE
    assert found.summary == "CPU is busy (host=a) had no state: the alert was made later."


def test_no_period_has_ended_under_the_version_yet(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    world.live(10)

    assert explaining.of("alert-1", None, HOST_A).verdict.why is Why.NOT_RULED


def test_the_period_is_still_open(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, 3)
    world.send(3)
    world.live(40)

    found = explaining.of("alert-1", minute(3) + 11_000)

    assert found.verdict.why is Why.NOT_CLOSED
    assert "the period to 2023-11-15 12:03:00 UTC is still open" in found.summary
    assert explanation_view(found)["bucket"]["closed_at"] is None


def test_now_is_the_newest_period_that_was_decided(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, 3)
    world.send(3)
    world.live(40)

    found = explaining.of("alert-1")

    assert found.span is not None
    assert (found.span.end, found.verdict.why) == (minute(2), Why.FINE)


def test_breaching_data_are_too_few_yet(world: Deciding, explaining: Explaining) -> None:
    watched(world, evaluation_periods=3, datapoints_to_alarm=2)
    minutes(world, 20)

    found = explaining.of("alert-1", minute(1))

    assert (found.verdict.why, *states(found)) == (Why.PREMATURE, INSUFFICIENT, INSUFFICIENT)


def test_a_heartbeat_came(world: Deciding, explaining: Explaining) -> None:
    watched(world, kind=Kind.HEARTBEAT, statistic=Statistic.COUNT, evaluation_periods=2)
    minutes(world, 1, None)

    found = explaining.of("alert-1", minute(2))

    assert (found.verdict.why, *states(found)) == (Why.FINE, OK, OK)
    assert found.verdict.would_take == "all of the last 2 periods had to be without data"


# --- why it fires, and goes on to -----------------------------------------------------------------


def test_it_fired(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, 20)

    found = explaining.of("alert-1", minute(2))

    assert (found.verdict.why, *states(found)) == (Why.TRANSITION, OK, ALARM)
    assert found.summary.startswith(
        "CPU is busy (host=a) fired: it went from OK to ALARM in the period to "
        "2023-11-15 12:02:00 UTC, as avg of cpu.load was 20, above 10."
    )
    assert found.recorded is not None and found.recorded.decision is not None
    view = explanation_view(found)
    assert view["bucket"]["closed_at"] == minute(2) + 31_000
    assert view["bucket"]["because"] == (
        "its grace had run out: 1 of 1 sender had sent nothing beyond its end"
    )


def test_it_goes_on_firing(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 20, 20, 20)

    found = explaining.of("alert-1", minute(3))

    assert (found.verdict.why, *states(found)) == (Why.BREACHING, ALARM, ALARM)
    assert "was firing: ALARM since 2023-11-15 12:01:00 UTC" in found.summary
    assert found.verdict.would_take == (
        "to resolve, the value had to be at or below 10 in 1 of the last 1 period"
    )


def test_it_has_not_recovered_far_enough(world: Deciding, explaining: Explaining) -> None:
    watched(world, recovery=5.0)
    minutes(world, 20, 8)

    found = explaining.of("alert-1", minute(2))

    assert (found.verdict.why, *states(found)) == (Why.RECOVERY, ALARM, ALARM)
    assert (
        "avg of cpu.load was 8, which is not at or below 5: it has not come back far enough"
        in found.summary
    )


def test_silence_never_resolves(world: Deciding, explaining: Explaining) -> None:
    watched(world, evaluation_periods=3, datapoints_to_alarm=2)
    minutes(world, 20, 20, 3, None, None, None)

    found = explaining.of("alert-1", minute(6))

    assert (found.verdict.why, *states(found)) == (Why.SILENCE_HOLDS, ALARM, ALARM)


def test_it_keeps_firing_for_a_while(world: Deciding, explaining: Explaining) -> None:
    watched(world, keep_firing=180)
    minutes(world, 20, 3)

    found = explaining.of("alert-1", minute(2))

    assert (found.verdict.why, *states(found)) == (Why.KEPT_FIRING, ALARM, ALARM)
    assert "fine, but not yet for 3 minutes (keep_firing)" in found.summary


def test_levels_are_told(world: Deciding, explaining: Explaining) -> None:
    levels = (Level(Severity.HIGH, threshold=50.0), Level(Severity.CRITICAL, threshold=90.0))
    watched(world, levels=levels)
    minutes(world, 20, 60)

    found = explaining.of("alert-1", minute(2))

    assert [(x.level, x.condition, x.breaching, x.holds) for x in found.levels] == [
        (1, "above 50", 1, True),
        (2, "above 90", 0, False),
    ]
    assert "it went from ALARM to ALARM (level 1)" in found.summary
    assert found.people is not None and found.people.severity is Severity.HIGH


# --- what was said before -------------------------------------------------------------------------


def test_what_was_said_before_a_correction_is_told(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, 20, 3)
    world.send(-500, at=minute(1) + 1000, agent="slow")
    world.live(60)

    found = explaining.of("alert-1", minute(2) + 40_000)

    assert states(found) == (OK, OK)
    assert found.recorded is not None
    assert [(x.decision.cause, x.replaced) for x in found.recorded.said] == [
        (Cause.DATA, True),
        (Cause.CORRECTION, False),
    ]
    assert (
        "At that moment ALARM was recorded; late data corrected that at 2023-11-15 12:0"
        in found.summary
    )


def test_a_transition_that_was_found_out_late_says_so(
    world: Deciding, explaining: Explaining
) -> None:
    watched(world)
    minutes(world, 3, 4, 5)
    world.send(500, at=minute(1) + 1000, agent="slow")
    world.live(60)

    found = explaining.of("alert-1", minute(2))

    assert states(found) == (OK, ALARM)
    assert "decided at 2023-11-15 12:03:32 UTC only" in found.summary


# --- who was told ---------------------------------------------------------------------------------


def silence(**changes: Any) -> Silence:
    plain = Silence(
        id="silence-1",
        version=1,
        matchers=(TagFilter("host", Operator.EQUAL, "a"),),
        starts_at=NOON,
        ends_at=minute(60),
        comment="rebooting",
    )
    return replace(plain, **changes)


def test_it_fired_and_was_silenced(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    explaining.silences(silence())
    minutes(world, 3, 20)

    found = explaining.of("alert-1", minute(2))

    assert found.people is not None
    assert [each.until for each in found.people.silences] == [minute(60)]
    assert (
        "The silence silence-1 (rebooting) muted it until 2023-11-15 13:00:00 UTC" in found.summary
    )


def test_a_silence_that_was_over_by_then_muted_nothing(
    world: Deciding, explaining: Explaining
) -> None:
    watched(world)
    explaining.silences(silence(ends_at=minute(1)))
    minutes(world, 3, 20)

    found = explaining.of("alert-1", minute(2))

    assert found.people is not None and not found.people.silences


def test_it_fired_within_the_cooldown(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    withheld = Withheld(Reason.COOLDOWN, "alert-1", minute(30))
    muted = Muted(minute(2) + 30_000, "group", "default", withheld)
    explaining.spoken.account = Account((), (), (muted,), None)
    minutes(world, 3, 20)

    found = explaining.of("alert-1", minute(2))

    assert (
        "From 2023-11-15 12:02:30 UTC it was not told because of the cooldown, until "
        "2023-11-15 12:30:00 UTC" in found.summary
    )
    ((_, _, start, end),) = explaining.spoken.asked
    assert start == minute(2) and end > minute(3)


def test_its_route_has_no_channels(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    explaining.routes(Policy(1, (Route("nowhere"),), NOON))
    minutes(world, 3, 20)

    found = explaining.of("alert-1", minute(2))

    assert "Nobody was told: the route nowhere has no channels" in found.summary
    assert explanation_view(found)["people"]["looked_at"] == [
        {"route": "nowhere", "matched": True, "why": "it takes everything"}
    ]


# --- which instance, and when ---------------------------------------------------------------------


def test_several_instances_are_told_apart_by_their_tags(
    world: Deciding, explaining: Explaining
) -> None:
    watched(world)
    world.send(3, host="a")
    minutes(world, 3, host="b")

    with pytest.raises(Unprocessable) as refusal:
        explaining.of("alert-1")
    assert explaining.of("alert-1", tags=HOST_B).tags == HOST_B

    (wrong,) = refusal.value.errors
    assert wrong.field == "tags"
    assert re.search("tags=host=a; tags=host=b", wrong.reason)


def test_unknown_alerts_and_the_future_are_refused(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    with pytest.raises(NotFound):
        explaining.of("nobody")
    with pytest.raises(Unprocessable):
        explaining.of("alert-1", world.clock.now + 1, HOST_A)


def test_points_that_are_gone_leave_what_was_recorded(
    world: Deciding, explaining: Explaining
) -> None:
    watched(world)
    minutes(world, 3, 20)
    world.clock.advance(40 * DAY_MS)

    fired = explaining.of("alert-1", minute(2), HOST_A)
    quiet = explaining.of("alert-1", minute(1) + 59_000, HOST_A)

    assert fired.window is None and fired.verdict.why is Why.TRANSITION
    assert "as avg of cpu.load was 20, above 10" in fired.summary
    assert states(quiet) == (INSUFFICIENT, OK)
    assert "the points of that time are not there one by one any more" in fired.warnings


def test_deleted_points_are_shown_to_nobody(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    minutes(world, 3, 20)
    Deletions(world.table, world.clock).delete(TENANT, "cpu.load", "ann")

    found = explaining.of("alert-1", minute(2))

    assert found.window is not None
    assert not any(look.samples or look.late for look in found.window.looks)
    assert found.warnings == ("points of that time were deleted: they are not shown one by one",)


def test_every_definition_can_be_told_in_words(world: Deciding, explaining: Explaining) -> None:
    shapes: list[dict[str, Any]] = [
        {"comparison": Comparison.OUTSIDE, "threshold": None, "lower": 1.0, "upper": 9.0},
        {"comparison": Comparison.BELOW, "threshold": 1.0, "recovery": 2.0},
        {"missing_data": MissingData.BREACHING, "evaluation_periods": 3, "datapoints_to_alarm": 2},
        {"statistic": Statistic("p99"), "missing_data": MissingData.IGNORE},
    ]
    for number, shape in enumerate(shapes):
        world.create(alert(f"alert-{number}", group_by=("host",), **shape))
    minutes(world, 5, None, 5)

    for number, _ in enumerate(shapes):
        found = explaining.of(f"alert-{number}", minute(3))
        assert found.summary.endswith(".") and not found.warnings


# --- composites, and what is told by those who tell -----------------------------------------------


def test_a_composite_is_explained_by_its_alerts(world: Deciding, explaining: Explaining) -> None:
    for name, host in (("first", "a"), ("second", "b")):
        filters = (TagFilter("host", Operator.EQUAL, host),)
        world.create(replace(alert(name, filters=filters), name=name))
    parts = tuple(Expression(Logic.ALERT, name) for name in ("first", "second"))
    both = alert("both", kind=Kind.COMPOSITE, expression=Expression(Logic.ALL, of=parts), metric="")
    world.create(replace(both, name="both of them"))
    for first, second in ((3, 3), (20, 3), (20, 20)):
        world.live(30)
        world.send(first, host="a")
        world.send(second, host="b")
        world.live(30)
    world.live(60)

    one = explaining.of("both", minute(2) + 45_000)
    two = explaining.of("both", minute(3))

    assert [(x.alert, x.state, x.deciding) for x in one.children] == [
        ("first", ALARM, False),
        ("second", OK, True),
    ]
    assert one.summary.startswith("both of them did not fire: it was OK")
    assert "second was OK" in one.summary
    assert states(two) == (OK, ALARM)
    assert two.verdict.why is Why.TRANSITION


def test_a_page_that_did_not_get_through_is_told(world: Deciding, explaining: Explaining) -> None:
    watched(world)
    outcome = Outcome(Result.FAILED, 500, "answered 500", 12)
    heard = Heard(
        page="page-1",
        group="group",
        route="ops",
        at=minute(2) + 32_000,
        cause=PageCause.FIRST,
        step=0,
        told=Told.FIRING,
        status=Status.FAILED,
        channels=("chat", "mail"),
        attempts=(
            Attempt("chat", minute(3), outcome),
            Attempt("mail", minute(3), Outcome(Result.DELIVERED, 200, None, 3)),
        ),
    )
    acknowledged = Engagement("alert-1", "", minute(2), "ann", minute(4))
    explaining.spoken.account = Account((), (heard,), (), acknowledged)
    minutes(world, 3, 20)

    summary = explaining.of("alert-1", minute(2)).summary

    assert "It was told to chat, mail at 2023-11-15 12:02:32 UTC by the route ops." in summary
    assert "The page of 2023-11-15 12:02:32 UTC has not reached chat: answered 500." in summary
    assert "ann acknowledged it at 2023-11-15 12:04:00 UTC." in summary
