from skafu.alerts.history import Event, HistoryReader
from skafu.alerts.model import State
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.memory_table import InMemoryTable

A = (("host", "a"),)
B = (("host", "b"),)

type Line = tuple[int, State, State, bool]


def told(event: Event) -> Line:
    return ((event.at - minute(0)) // 60_000, event.source, event.target, event.replaced)


def history(table: InMemoryTable, limit: int = 100) -> list[list[Event]]:
    """All pages."""
    pages = []
    after = None
    while True:
        page = HistoryReader(table).page(TENANT, "alert-1", limit, after)
        pages.append(list(page.events))
        after = page.after
        if after is None:
            return pages


def lines(table: InMemoryTable, limit: int = 100) -> list[Line]:
    return [told(event) for page in history(table, limit) for event in page]


def test_transitions_come_newest_first() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    story.happens(OK, 1)
    story.happens(ALARM, 2)
    story.happens(OK, 5)

    assert lines(table) == [
        (5, ALARM, OK, False),
        (2, OK, ALARM, False),
        (1, INSUFFICIENT, OK, False),
    ]


def test_instances_are_told_together_in_order_of_time() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    for at, tags in ((1, A), (2, B), (3, A)):
        story.happens(ALARM if at < 3 else OK, at, tags)

    events = history(table)[0]

    assert [event.decision.tags for event in events] == [A, B, A]


def test_an_alert_without_decisions_has_an_empty_history() -> None:
    assert history(InMemoryTable()) == [[]]


def test_what_a_correction_replaced_stays_visible_and_marked() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    story.happens(OK, 1)
    story.happens(ALARM, 3)
    story.happens(OK, 6)
    story.corrects(2, (OK, ALARM, 2), (ALARM, OK, 7))

    assert lines(table) == [
        (7, ALARM, OK, False),
        (2, OK, ALARM, False),
        (6, ALARM, OK, True),
        (3, OK, ALARM, True),
        (1, INSUFFICIENT, OK, False),
    ]


def test_a_correction_that_leaves_nothing_says_so() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    story.happens(OK, 1)
    story.happens(ALARM, 3)
    story.happens(OK, 4)
    story.corrects(3)

    correction = history(table)[0][0]

    assert (correction.source, correction.target, correction.datapoints) == (OK, OK, ())
    assert correction.decision.base == minute(3)
    assert [line[3] for line in lines(table)] == [False, True, True, False]


def test_a_correction_may_be_corrected() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    story.happens(OK, 1)
    story.happens(ALARM, 3)
    story.corrects(3, (OK, ALARM, 4))
    story.corrects(4, (OK, ALARM, 5))

    assert [line[3] for line in lines(table)] == [False, True, True, False]


def test_a_correction_replaces_nothing_of_other_instances() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    story.happens(ALARM, 3, A)
    story.happens(ALARM, 3, B)
    story.corrects(1, (INSUFFICIENT, ALARM, 2), tags=A)

    replaced = {event.decision.tags for page in history(table) for event in page if event.replaced}

    assert replaced == {A}


def eventful(table: InMemoryTable) -> None:
    """Two instances that flap, with corrections that reach over several entries."""
    story = Storyteller(table)
    for at in range(1, 30):
        for tags in (A, B):
            story.happens(ALARM if at % 2 else OK, at, tags)
        if at % 7 == 0:
            story.corrects(at - 5, (ALARM, OK, at - 3), (OK, ALARM, at), tags=A)
            story.corrects(at - 2, (OK, ALARM, at), tags=B)


def test_pages_tell_the_same_as_the_whole() -> None:
    table = InMemoryTable()
    eventful(table)
    whole = lines(table)

    for limit in (1, 2, 3, 5, 8, 13):
        assert lines(table, limit) == whole
    assert sum(line[3] for line in whole) > 10


def test_short_pages_of_the_table_change_nothing() -> None:
    table, short = InMemoryTable(), InMemoryTable(page_size=4)
    eventful(table)
    eventful(short)

    assert lines(short, 10) == lines(table)


def test_a_cursor_stays_small_however_many_corrections_there_are() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    for i in range(50):
        story.happens(ALARM, 2, (("host", str(i)),))
    for i in range(50):
        story.corrects(1, (INSUFFICIENT, ALARM, 1), tags=(("host", str(i)),))

    page = HistoryReader(table).page(TENANT, "alert-1", 60)

    assert page.after is not None and len(str(page.after)) < 500
    rest = HistoryReader(table).page(TENANT, "alert-1", 60, page.after)
    told_again = [event for event in (*page.events, *rest.events) if event.replaced]
    assert len(told_again) == 50


def test_corrections_that_do_not_reach_further_are_not_read_again() -> None:
    table = InMemoryTable()
    story = Storyteller(table)
    for at in range(1, 10):
        story.happens(ALARM if at % 2 else OK, at)

    page = HistoryReader(table).page(TENANT, "alert-1", 4)

    assert page.after is not None and page.after["open"] == page.after["gsi1sk"]
