"""The endpoint of routes.ROUTES. Imported when it is called first."""

from skafu.alerts.directory import Directory
from skafu.alerts.parts import Parts
from skafu.alerts.summary.service import Summary
from skafu.shared.routes import Reply, Request


class SummaryEndpoints:
    """How things stand, as people and machines ask for it."""

    def __init__(self, summary: Summary) -> None:
        self._summary = summary

    def alert_summary(self, request: Request) -> Reply:
        """Counts of the caller's tenant."""
        return Reply(self._summary.of(request.identity.tenant))


def build(parts: Parts) -> SummaryEndpoints:
    """The endpoint over a table."""
    return SummaryEndpoints(Summary(parts.table, Directory(parts.table), parts.clock))
