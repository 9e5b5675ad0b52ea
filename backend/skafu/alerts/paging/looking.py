"""Telling the notifier that silences, routes or what people do about firings have changed."""

from skafu.shared.queues import Queue


class Looking:
    """Has a tenant's open groups looked at now, rather than at their next moment."""

    def __init__(self, deliveries: Queue) -> None:
        self._deliveries = deliveries

    def look(self, tenant: str) -> None:
        """Raises Unavailable when the queue takes no message: whoever asked has to ask again, and
        what was stored is found as it is.
        """
        self._deliveries.send({"tenant": tenant, "look": True})
