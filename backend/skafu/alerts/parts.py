"""What groups of the alerts API's endpoints are built from."""

from dataclasses import dataclass

from skafu.alerts.senders.sns import Sns
from skafu.shared.clock import Clock
from skafu.shared.identity import NewId
from skafu.shared.queues import Queue
from skafu.shared.settings import AlertsApiSettings
from skafu.shared.table import Table


@dataclass(frozen=True)
class Parts:
    """`deliveries` is the notifier's queue: to have a group looked at now, or a drill begin."""

    settings: AlertsApiSettings
    table: Table
    sns: Sns
    deliveries: Queue
    clock: Clock
    new_id: NewId
