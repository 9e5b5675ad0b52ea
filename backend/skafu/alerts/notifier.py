"""From a transition in the outbox to pages that channels have taken.

A transition is taken (paging/taking.py): what it makes a group tell is stored with the group. Pages
are handed over at once (paging/courier.py), and again by the same message until every channel is
done with them. Groups that wait for something are looked at again when it is due: by a delayed
message where that is soon, by the sweep of every minute in any case.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import batched
from threading import Lock

from skafu.alerts.deliveries import Delivery, DeliveryStore, PageDelivery, Status
from skafu.alerts.paging.courier import Courier, HandedOver
from skafu.alerts.paging.group import Telling
from skafu.alerts.paging.groups import GroupStore
from skafu.alerts.paging.taking import Taker
from skafu.alerts.paging.timers import Timers
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger
from skafu.shared.queues import Queue

TOGETHER = 25
"""Groups that one message has looked at: of more, others are looked at side by side."""

RETRY_S = 10
"""When a page that a look has made, and that some channel did not take, is tried again."""

AGAIN_S = 10
"""When groups are looked at once more after a change: the index that lists them lags behind."""


class Notifier:
    """Answers the messages of the deliveries queue. All methods raise Unavailable when the table
    is down, or when others keep changing the same group.
    """

    def __init__(
        self,
        deliveries: DeliveryStore,
        groups: GroupStore,
        taker: Taker,
        courier: Courier,
        queue: Queue,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._groups = groups
        self._taker = taker
        self._courier = courier
        self._queue = queue
        self._timers = Timers(queue, clock)
        self._clock = clock
        # Messages of one batch that tell the same group would be in each other's way.
        self._planning: defaultdict[str, Lock] = defaultdict(Lock)

    def deliver(self, tenant: str, delivery_id: str) -> HandedOver:
        """Take a transition and hand over what it tells, or hand over a page; as often as asked."""
        found = self._deliveries.get(tenant, delivery_id)
        if found is None:
            return HandedOver(known=False)
        if isinstance(found, PageDelivery):
            return self._pages(tenant, [found.telling] if found.status is not Status.SENT else [])
        if found.fates is not None:
            return self._again(tenant, found)
        with self._planning[tenant]:
            taken = self._taker.take(tenant, found)
        self._timers.ask(tenant, taken.dues)
        handed = self._pages(tenant, taken.tellings, fresh=True)
        return _since(handed, found, self._clock())

    def look(self, tenant: str, groups: Iterable[str]) -> HandedOver:
        """Tell what is due in some groups. One group's trouble is not the others': raises what the
        last one that failed raised.
        """
        outcomes: list[HandedOver] = []
        trouble: Exception | None = None
        for group in groups:
            try:
                outcomes.append(self._look(tenant, group))
            except Exception as error:  # pylint: disable=broad-exception-caught # raised at the end
                logger.warning("group cannot be looked at", group=group, exc_info=True)
                trouble = error
        if trouble is not None:
            raise trouble
        # What a channel did not take comes again by a message of its own.
        return HandedOver(delivered=sum(each.delivered for each in outcomes))

    def look_at_all(self, tenant: str, again: bool = True) -> HandedOver:
        """Look at every open group: silences, routes or acknowledgements have changed."""
        first, *others = [list(x) for x in batched(self._groups.open_ids(tenant), TOGETHER)] or [[]]
        for some in others:
            self._queue.send({"tenant": tenant, "groups": some})
        if again:
            self._queue.send({"tenant": tenant, "look": True, "again": False}, AGAIN_S)
        return self.look(tenant, first)

    def _look(self, tenant: str, group: str) -> HandedOver:
        with self._planning[tenant]:
            taken = self._taker.look(tenant, group)
        self._timers.ask(tenant, taken.dues)
        return _sum([self._by_itself(tenant, each) for each in taken.tellings])

    def _by_itself(self, tenant: str, telling: Telling) -> HandedOver:
        """Hand over a page that no message stands for; one that fails gets a message."""
        handed = self._courier.hand_over(tenant, telling, fresh=True)
        if handed.done:
            return handed
        try:
            message = {"tenant": tenant, "delivery": telling.page.id}
            self._queue.send(message, max(RETRY_S, handed.pause))
        except Unavailable:
            logger.warning("page is left to the sweeper", exc_info=True)  # it is still pending
        else:
            self._courier.fail(tenant, telling)
        return handed

    def _again(self, tenant: str, delivery: Delivery) -> HandedOver:
        """Hand over what a transition that was taken has told, where a channel is not done."""
        pages = [fate.page for fate in delivery.fates or () if fate.page is not None]
        found = self._deliveries.get_many(tenant, pages)
        left = [
            each.telling
            for each in found.values()
            if isinstance(each, PageDelivery) and each.status is not Status.SENT
        ]
        handed = self._pages(tenant, left)
        if delivery.status is not Status.SENT:  # it was opened again
            status = Status.SENT if handed.done else Status.FAILED
            self._deliveries.mark(tenant, delivery.notification.id, status, self._clock())
        return _since(handed, delivery, self._clock())

    def _pages(self, tenant: str, tellings: Sequence[Telling], fresh: bool = False) -> HandedOver:
        """Hand these over in order; the message that asked for it brings them again."""
        outcomes = []
        for telling in tellings:
            handed = self._courier.hand_over(tenant, telling, fresh)
            if not handed.done:
                self._courier.fail(tenant, telling)
            outcomes.append(handed)
        return _sum(outcomes)


def _sum(outcomes: Iterable[HandedOver]) -> HandedOver:
    total = HandedOver()
    for each in outcomes:
        total = HandedOver(
            known=True,
            done=total.done and each.done,
            delivered=total.delivered + each.delivered,
            failed=(*total.failed, *each.failed),
            waited=each.waited if total.waited is None else total.waited,
            pause=max(total.pause, each.pause),
        )
    return total


def _since(handed: HandedOver, delivery: Delivery, now: int) -> HandedOver:
    """The same, its time counted from the transition's decision."""
    if handed.waited is None or not handed.done:
        return HandedOver(True, handed.done, handed.delivered, handed.failed, None, handed.pause)
    waited = now - delivery.notification.created_at
    return HandedOver(True, True, handed.delivered, (), waited, handed.pause)
