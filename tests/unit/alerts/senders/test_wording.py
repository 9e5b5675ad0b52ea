from dataclasses import replace

import pytest

from skafu.alerts.model import Level, Severity, State
from skafu.alerts.paging.model import PageCause, Told
from skafu.alerts.senders import texts, wording
from tests.support.alerting import minute
from tests.support.pages import BUSY, drill, hosts, item, page

OTHER = replace(BUSY, id="alert-2", name="disk-full", severity=Severity.LOW)


def test_one_instance_is_told_by_name() -> None:
    assert wording.title(page()) == "ALARM: CPU is busy (host=web-1)"
    assert wording.title(page(item(Told.RESOLVED))) == "OK: CPU is busy (host=web-1)"
    assert wording.title(page(item(Told.UNKNOWN))) == "NO DATA: CPU is busy (host=web-1)"
    assert wording.title(page(item(tags=()))) == "ALARM: CPU is busy"


def test_several_instances_are_counted_and_the_first_are_named() -> None:
    assert wording.title(page(hosts(3))) == (
        "ALARM: 3 instances of CPU is busy: host=web-1; host=web-2; host=web-3"
    )
    assert wording.title(page(hosts(5))) == (
        "ALARM: 5 instances of CPU is busy: host=web-1; host=web-2; host=web-3 and 2 more"
    )


def test_what_a_page_has_no_room_for_is_counted_too() -> None:
    sent = page(hosts(2), omitted={Told.FIRING: 40, Told.RESOLVED: 3})

    assert wording.title(sent) == (
        "ALARM: 42 instances of CPU is busy, 3 OK again: host=web-1; host=web-2 and 40 more"
    )
    assert texts.lines(sent)[-1] == "and 43 instances more"


def test_what_is_over_is_counted_beside_what_fires() -> None:
    mixed = page(
        hosts(2),
        item(Told.RESOLVED, tags=(("host", "a"),)),
        item(Told.UNKNOWN, tags=(("host", "b"),)),
    )

    assert wording.title(mixed) == (
        "ALARM: 2 instances of CPU is busy, 1 without data, 1 OK again: host=web-1; host=web-2"
    )


def test_several_alerts_are_named() -> None:
    assert wording.title(page(hosts(2), item(of=OTHER))) == (
        "ALARM: 3 instances of 2 alerts: CPU is busy; disk-full"
    )


def test_news_come_before_what_was_told_already() -> None:
    old = [replace(each, news=False) for each in hosts(3)]
    new = item(tags=(("host", "web-9"),))

    assert wording.title(page(old, new)).startswith("ALARM: 4 instances of CPU is busy: host=web-9")


def test_the_worst_that_fires_says_how_bad_it_is() -> None:
    low, ended = item(of=OTHER), item(Told.RESOLVED)

    assert wording.severity(page(low, item())) is Severity.CRITICAL
    assert wording.severity(page(low, ended)) is Severity.LOW
    assert wording.severity(page(ended)) is Severity.CRITICAL


@pytest.mark.parametrize(
    ("cause", "step", "head", "why"),
    [
        (PageCause.FIRST, 0, "ALARM: ", ""),
        (PageCause.REPEAT, 0, "STILL IN ALARM: ", "Still firing since 2023-11-15 12:02:00 UTC"),
        (
            PageCause.ESCALATION,
            2,
            "ALARM, escalation 2: ",
            "Escalation step 2: nobody has acknowledged; it is firing since 2023-11-15 12:02:00",
        ),
        (PageCause.TEST, 0, "ALARM: ", "Somebody asked whether this channel works."),
    ],
)
def test_why_it_comes_is_told(cause: PageCause, step: int, head: str, why: str) -> None:
    sent = page(cause=cause, step=step)

    assert wording.title(sent).startswith(head)
    assert wording.because(sent).startswith(why)
    assert why in texts.text(sent)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [(0, 1, "Raised from low to critical."), (1, 0, "Lowered from critical to low.")],
)
def test_another_level_is_told(source: int, target: int, said: str) -> None:
    definition = replace(BUSY.definition, levels=(Level(Severity.CRITICAL, threshold=20.0),))
    levelled = replace(BUSY, severity=Severity.LOW, definition=definition)
    changed = item(of=levelled, source=State.ALARM, source_level=source, target_level=target)

    assert wording.because(page(changed, cause=PageCause.UPDATE)) == said


def test_a_drill_says_so_everywhere() -> None:
    sent = drill()

    assert wording.title(sent).startswith("[DRILL] ALARM: ")
    assert texts.text(sent).startswith("[DRILL] ")
    assert "This is a fire drill: nothing is wrong." in texts.text(sent)
    assert wording.link(sent) == "https://skafu.example/alerts/alert-1"


def test_a_mail_tells_what_since_when_how_bad_and_what_to_do() -> None:
    assert texts.text(page()) == (
        "CPU is busy (host=web-1) is in ALARM\n"
        "\n"
        "Condition: avg of cpu.load over 60 s > 10 in 2 of 3 periods\n"
        "Value: 12.5\n"
        "Since: 2023-11-15 12:05:00 UTC\n"
        "Firing since: 2023-11-15 12:02:00 UTC\n"
        "Severity: critical\n"
        "Why: avg of cpu.load was 12.5, above 10, in 2 of the last 3 periods\n"
        "\n"
        "What to do: https://wiki.example/cpu\n"
        "\n"
        "Too busy for too long.\n"
        "\n"
        "Look: https://skafu.example/alerts/alert-1\n"
        "Alert alert-1 version 1, instance instance-web-1, notification delivery-web-1\n"
    )


def test_a_mail_about_the_end_tells_when_it_began() -> None:
    resolved = texts.text(page(item(Told.RESOLVED)))
    unknown = texts.text(page(item(Told.UNKNOWN, value=None), note="A note."))

    assert "CPU is busy (host=web-1) is OK again" in resolved
    assert "Firing since: 2023-11-15 12:02:00 UTC" in resolved
    assert "sends no data any more: this is not resolved" in unknown
    assert "Value: no data" in unknown
    assert "\nA note.\n" in unknown


def test_a_mail_about_several_has_a_line_for_each() -> None:
    ended = item(Told.RESOLVED, tags=(("host", "web-8"),))

    assert texts.text(page(hosts(1), ended, item(of=OTHER))) == (
        "ALARM: 2 instances of 2 alerts, 1 OK again: CPU is busy; disk-full\n"
        "\n"
        "Severity: critical\n"
        "\n"
        "- CPU is busy (host=web-1): in ALARM (critical), value 12.5, "
        "since 2023-11-15 12:02:00 UTC\n"
        "- disk-full (host=web-1): in ALARM (low), value 12.5, since 2023-11-15 12:02:00 UTC\n"
        "- CPU is busy (host=web-8): OK again (critical), value 12.5, "
        "since 2023-11-15 12:02:00 UTC until 2023-11-15 12:05:00 UTC\n"
        "\n"
        "What to do: https://wiki.example/cpu\n"
        "\n"
        "Too busy for too long.\n"
        "\n"
        "Look: https://skafu.example/alerts\n"
        "Page page-1, route core\n"
    )


def test_a_mail_about_very_many_stays_short() -> None:
    told = texts.text(page(hosts(500)))

    assert "- and 480 instances more\n" in told
    assert len(told) < 3_000


def test_where_it_is_is_told_by_what_there_is() -> None:
    assert wording.source(page()) == "host=web-1"
    assert wording.source(page(hosts(2), group_labels={"zone": "b"})) == "zone=b"
    assert wording.source(page(hosts(2), group_labels={})) == "CPU is busy"


def test_the_oldest_that_fires_says_since_when() -> None:
    old = replace(item(Told.RESOLVED, tags=(("host", "old"),)), began=minute(0))

    assert wording.began(page(old, item())) == minute(2)
    assert wording.began(page(old)) == minute(0)
