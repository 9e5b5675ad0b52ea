"""A notifier that hands over at least once, to targets that are down for a while."""

from collections import defaultdict

from skafu.shared import keys
from skafu.shared.table import Table, Update

from tests.property.alerts.fate import SECOND, TENANT, Fate

MOST_RECEIVES = 5  # then the queue parks the message


class Notifier:
    """`got` is what the targets have received, by the delivery that was asked for."""

    def __init__(self, fate: Fate, table: Table, seconds: int) -> None:
        r = fate.random
        moments = [] if fate.calm else r.sample(range(0, seconds + 300), 2)
        self.outages = [(at, at + r.choice((60, 300, 700))) for at in moments]
        self.got: dict[str, set[str]] = defaultdict(set)
        self._fate = fate
        self._table = table

    def notify(self, delivery: str, received: int) -> None:
        """The queue delivers a message for the `received`-th time."""
        fate, key = self._fate, keys.outbox(TENANT, delivery)
        item = self._table.get(key)
        assert item is not None, "a delivery without its outbox item"
        if item["status"] == "sent" and not fate.chance(0.2):
            return
        if fate.chance(0.05) and received < MOST_RECEIVES:
            self._again(30, delivery, received)
        elif any(start <= fate.elapsed < end for start, end in self.outages):
            if received < MOST_RECEIVES:
                self._again(20 * 2**received, delivery, received)
        else:
            self.got[delivery].add(str(item["sk"]))
            if fate.chance(0.1):  # a crash between the sending and the mark
                self._again(30, delivery, received)
            else:
                self._table.write(Update(key, {"status": "sent"}, remove=("gsi1pk", "gsi1sk")))

    def _again(self, seconds: int, delivery: str, received: int) -> None:
        self._fate.stage.at(seconds * SECOND, self.notify, delivery, received + 1)
