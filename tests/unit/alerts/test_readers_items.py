"""What tests of readers let happen (tests/support/alerting.py) is what the engine writes."""

from skafu.alerts.journal import Subject
from skafu.alerts.codec import decision_from
from skafu.alerts.plan import Entry
from skafu.alerts.scribe import Scribe, Written
from skafu.shared import keys
from skafu.shared.keys import Key
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

TAGS = (("host", "a"),)


def test_the_engines_scribe_and_the_storyteller_write_the_same_items() -> None:
    told, written = InMemoryTable(), InMemoryTable()
    story = Storyteller(told)
    story.publish()
    Storyteller(written).publish()
    story.happens(OK, 1, TAGS)
    story.happens(ALARM, 2, TAGS)
    story.happens(INSUFFICIENT, 4, TAGS, value=None)
    story.corrects(2, (OK, ALARM, 3), tags=TAGS)
    log = [x for x in told.items.values() if x["k"] == "decision"]

    for item in sorted(log, key=lambda each: str(each["sk"])):
        decision = decision_from(str(item["body"]))
        subject = Subject(TENANT, story.alert, decision.instance, decision.tags)
        entry = Entry(decision, decision.effects[-1].bucket)
        scribe = Scribe(written, FakeClock(minute(5)), lambda _: None)
        assert scribe.write(subject, entry, minute(5)) is Written.DONE

    assert written.items == told.items
    assert {item["k"] for item in told.items.values()} >= {"instance", "decision", "outbox"}
    head: Key = keys.alert(TENANT, "alert-1")
    assert head in told.items
