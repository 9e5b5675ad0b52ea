"""The way of a point to an alarm and back, with the stream, the notifier and nobody to hear it."""

import json

import pytest

from skafu.canary import reserved
from skafu.canary.checks import Result, examine
from skafu.canary.workers import stream_record
from skafu.ops.smoke import alarm
from skafu.shared import keys
from skafu.shared.table import Delete
from tests.support.canary import ReleaseInMemory


class Running(ReleaseInMemory):
    """A release whose stream and deliveries queue are at work while a check waits."""

    def __init__(self) -> None:
        super().__init__()
        self.deaf = False

    def pause(self, seconds: float) -> None:
        self.clock.advance(int(seconds * 1000))
        if self.deaf:
            return
        items = [item for item in self.table.items.values() if item.get("k") == "segment"]
        records = [stream_record(item, place) for place, item in enumerate(items)]
        self.functions["AlertEvaluatorFunction"]({"Records": records})
        for number, message in enumerate(self.sqs.sent.pop("d", [])):
            self.notify(message, number)

    def notify(self, message: object, number: int) -> None:
        record = {
            "messageId": str(number),
            "receiptHandle": "r",
            "body": json.dumps(message),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        answer = self.functions["AlertNotifierFunction"]({"Records": [record]})
        assert answer == {"batchItemFailures": []}

    def fire(self) -> Result:
        scene = self.scene(pause=self.pause)
        [result] = examine(alarm.checks_of(scene), self.clock)
        return result


def test_an_alert_fires_and_ends_and_nobody_is_told() -> None:
    release = Running()
    result = release.fire()
    assert result.passed, result.detail
    assert not release.sns.published
    assert release.ask("GET", "/api/alerts")["alerts"] == []
    # It was decided, taken by the notifier, and kept from everybody.
    assert release.functions["AlertNotifierFunction"].events


def test_a_stream_that_nobody_reads_is_seen() -> None:
    release = Running()
    release.deaf = True
    result = release.fire()
    assert not result.passed
    assert "after 30,000 ms the alert's instances are [], not ALARM" in result.detail
    assert result.ms < alarm.LIMIT_MS
    assert release.ask("GET", "/api/alerts")["alerts"] == []


@pytest.mark.parametrize("change", ["gone", "ended", "about something"])
def test_nothing_fires_where_somebody_would_be_paged(change: str) -> None:
    release = Running()
    items = release.table.items
    silence = items[keys.silence_record(reserved.TENANT, reserved.SILENCE)]
    body = json.loads(str(silence["body"]))
    if change == "gone":
        release.table.write(Delete(keys.silence_record(reserved.TENANT, reserved.SILENCE)))
    elif change == "ended":
        silence["body"] = json.dumps(body | {"ends_at": release.clock() - 1})
    else:
        other = {"tag": "host", "op": "=", "value": "a"}
        silence["body"] = json.dumps(body | {"matchers": [other]})
    result = release.fire()
    assert not result.passed
    assert "would page somebody" in result.detail
    assert release.functions["MetricsFunction"].events == []
