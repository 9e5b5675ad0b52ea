"""Hands pages over to channels: at least once, under a stable id, every try recorded.

When to try again, and when to give up, is the queue's business: a page that some channel did not
take is a failed message, and channels that took it are not asked again.

The queue keeps no order, and a receiver that heard "resolved" before "firing" would keep what it
has open for ever, or close what is new. So the pages of a group go to a channel one after the
other: a page waits until the channel is done with those before it, which are tried first, and one
that comes after a later one is dropped. An old page that a channel will not take holds up "firing"
for an hour, "resolved" for ever. The topic's readers see times, and get everything as it comes.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from skafu.alerts.channels import DEFAULT, TOPIC, Channel, ChannelStore, ChannelType
from skafu.alerts.deliveries import Attempt, DeliveryStore, PageDelivery, Status
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.group import Telling
from skafu.alerts.paging.model import Page, Told
from skafu.shared.clock import Clock

OVERTAKEN = "a later page of the same group has been delivered: this one would contradict it"
OVERTAKES = "waits until this channel is done with the page before it ({page})"
DELETED = "the channel was deleted after it had been asked for"
LAST_RESORT = (
    "This comes to the default topic because none of the alert's own channels exists or wants it."
)

UNDER_WAY_MS = 60_000
"""A page that was never tried is being handed over by somebody else for so long."""

PATIENCE_MS = 3_600_000
"""So long "firing" waits for a page before it: what has failed for so long may fail for ever."""

DEPTH = 20
"""How many earlier pages of a group are looked through."""


class Sender(Protocol):
    """Hands a page to a channel: `dispatch.Dispatcher`."""

    def send(self, channel: Channel, page: Page) -> Outcome:
        """One try; nothing is raised for what a receiver does."""


@dataclass(frozen=True)
class HandedOver:
    """What came of one message. `known` is False when there is no such thing (any more).

    `waited` is how long what is now with everybody took since it was written; `pause` is how many
    seconds a receiver asked to be left alone.
    """

    known: bool = True
    done: bool = True
    delivered: int = 0
    failed: tuple[str, ...] = ()
    waited: int | None = None
    pause: int = 0


@dataclass(frozen=True)
class Tried:
    """A page and what channels have made of it so far, the last try of each."""

    telling: Telling
    outcomes: Mapping[str, Outcome]

    @property
    def page(self) -> Page:
        return self.telling.page

    def is_done(self, channel: str) -> bool:
        """Whether this page is nothing (any more) that the channel has to be asked for."""
        if channel not in asked_of(self.telling):
            return True
        return channel in self.outcomes and self.outcomes[channel].result.final


class Courier:
    """Hands one page over at a time, to all its channels at once."""

    def __init__(
        self, deliveries: DeliveryStore, channels: ChannelStore, sender: Sender, clock: Clock
    ) -> None:
        self._deliveries = deliveries
        self._channels = channels
        self._sender = sender
        self._clock = clock

    def hand_over(self, tenant: str, telling: Telling, fresh: bool = False) -> HandedOver:
        """Try every channel that is not done with it; `fresh`: nobody has tried before.

        A page that every channel is done with is marked as sent; one that is not stays as it is,
        for `failed` to say that it will come again. Raises Unavailable when the table is down.
        """
        outcomes = {} if fresh else self._tried(tenant, telling).outcomes
        final = {name: x for name, x in outcomes.items() if x.result.final}
        wanted = [name for name in asked_of(telling) if name not in final]
        found = self._try(tenant, telling, wanted, fresh)
        final |= found
        if DEFAULT not in final and final and all(x.result.lost for x in final.values()):
            # A page must reach somebody, and there is always the topic.
            last = replace(telling, page=replace(telling.page, note=LAST_RESORT))
            found |= self._try(tenant, last, [DEFAULT], fresh=True)
            final |= found
        failed = tuple(name for name, x in final.items() if not x.result.final)
        if not failed:
            self._deliveries.mark(tenant, telling.page.id, Status.SENT, self._clock())
        delivered = sum(x.result is Result.DELIVERED for x in found.values())
        waited = self._clock() - telling.page.sent_at if delivered and not failed else None
        pause = max((x.retry_after or 0 for x in found.values()), default=0)
        return HandedOver(True, not failed, delivered, failed, waited, pause)

    def fail(self, tenant: str, telling: Telling) -> None:
        """A message in the queue will bring this page again: the sweeper need not."""
        self._deliveries.mark(tenant, telling.page.id, Status.FAILED, self._clock())

    # --- one page, several channels ---

    def _try(
        self, tenant: str, telling: Telling, names: list[str], fresh: bool
    ) -> dict[str, Outcome]:
        """Send to these channels, side by side: one that hangs must not hold up the others."""
        if not names:
            return {}
        own = tuple(each for each in names if each != DEFAULT)
        present = {DEFAULT: TOPIC, **self._channels.get_many(tenant, own)}
        ordered = [x for x in present.values() if x.id in own and x.type is not ChannelType.TOPIC]
        before = self._before(tenant, telling, {each.id for each in ordered})
        late = set() if fresh else self._overtaken(tenant, telling, {each.id for each in ordered})

        def one(name: str) -> Outcome:
            channel = present.get(name)
            if channel is None:
                outcome = Outcome(Result.DELETED, error=DELETED)
            elif name in late:
                outcome = Outcome(Result.SKIPPED, error=OVERTAKEN)
            else:
                outcome = self._in_turn(tenant, telling, channel, before)
            self._deliveries.record(tenant, telling.page.id, Attempt(name, self._clock(), outcome))
            return outcome

        with ThreadPoolExecutor(len(names)) as pool:
            found = dict(zip(names, pool.map(one, names), strict=True))
        for earlier in before:
            self._settle(tenant, earlier.telling)
        return found

    def _settle(self, tenant: str, telling: Telling) -> None:
        """An earlier page is sent when every channel is done with it by now."""
        tried = self._tried(tenant, telling)
        if all(tried.is_done(name) for name in asked_of(telling)):
            self._deliveries.mark(tenant, telling.page.id, Status.SENT, self._clock())

    # --- the order of a group's pages ---

    def _in_turn(
        self, tenant: str, telling: Telling, channel: Channel, before: Iterable[Tried]
    ) -> Outcome:
        """Send the earlier pages that the channel is not done with, then this one."""
        for earlier in before:
            if channel.type is ChannelType.TOPIC or earlier.is_done(channel.id):
                continue
            page = earlier.page
            outcome = Outcome(Result.WAITING)
            age = self._clock() - page.sent_at
            if channel.id in earlier.outcomes or age >= UNDER_WAY_MS:
                outcome = self._sender.send(channel, page)
                attempt = Attempt(channel.id, self._clock(), outcome)
                self._deliveries.record(tenant, page.id, attempt)
            patient = age < PATIENCE_MS or telling.page.told is Told.RESOLVED
            if not outcome.result.final and patient:
                return Outcome(Result.WAITING, error=OVERTAKES.format(page=page.id))
        return self._sender.send(channel, telling.page)

    def _before(self, tenant: str, telling: Telling, channels: set[str]) -> list[Tried]:
        """The pages before this one that some of these channels are not done with, oldest first."""
        found: list[Tried] = []
        name, looking = telling.previous, set(channels)
        while name is not None and looking and len(found) < DEPTH:
            delivery = self._deliveries.get(tenant, name)
            if not isinstance(delivery, PageDelivery):
                break
            earlier = delivery.telling
            if delivery.status is Status.SENT:
                # Whoever is done with this page was done with those before it.
                looking -= set(asked_of(earlier))
            else:
                found.append(self._tried(tenant, earlier))
            name = earlier.previous
        return found[::-1]

    def _overtaken(self, tenant: str, telling: Telling, channels: set[str]) -> set[str]:
        """The channels that a later page of the group was delivered to."""
        page = telling.page
        later = self._deliveries.pages(tenant, page.group, page.sent_at, self._clock() + 1)
        found: set[str] = set()
        for each in later:
            if each.telling.page.id > page.id and channels - found:
                tried = self._tried(tenant, each.telling)
                found |= {
                    name
                    for name, outcome in tried.outcomes.items()
                    if name in channels and outcome.result is Result.DELIVERED
                }
        return found

    def _tried(self, tenant: str, telling: Telling) -> Tried:
        """The page with the outcome that counts of each channel: a final one, or else the last."""
        outcomes: dict[str, Outcome] = {}
        for attempt in self._deliveries.attempts(tenant, telling.page.id):
            known = outcomes.get(attempt.channel)
            if known is None or not known.result.final:
                outcomes[attempt.channel] = attempt.outcome
        return Tried(telling, outcomes)


def asked_of(telling: Telling) -> tuple[str, ...]:
    """The channels of a page; a page must reach somebody."""
    return telling.channels or (DEFAULT,)
