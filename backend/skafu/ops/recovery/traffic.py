"""Which region the API's name leads to.

Route 53 answers with the home region unless a health check says otherwise, and that follows an
alarm of the metric `Moved` in the region that stands by (infrastructure/names.yaml). So moving is
putting a figure there: nothing of the region that is down is asked, and no control plane of DNS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from skafu.ops.recovery.waiting import Pause
from skafu.shared.clock import Clock

NAMESPACE, METRIC = "skafu/failover", "Moved"
MINUTES = 3
"""Of so many the figures are put at once: whoever looks at the metric finds the last ones too."""
MINUTE_MS = 60_000
LOOK_S, LIMIT_S = 15.0, 300.0


@dataclass(frozen=True)
class Signs:
    """`cloudwatch` is a client in the region that stands by, whose alarm is looked at."""

    cloudwatch: Any
    environment: str
    clock: Clock
    wait: Pause
    tell: Callable[[str], None]

    @property
    def alarm(self) -> str:
        """The alarm that the health check follows."""
        return f"skafu-{self.environment}-moved"

    def move(self, away: bool) -> bool:
        """Lead the name away from the home region, or back to it. False where there is no such
        alarm: then whoever has the name moves it.
        """
        if self._state() is None:
            self.tell(
                f"There is no alarm {self.alarm}: no name is moved (infrastructure/names.yaml)"
            )
            return False
        wanted = "ALARM" if away else "OK"
        waited = 0.0
        while True:
            self._put(1.0 if away else 0.0)
            if self._state() == wanted:
                self.tell(f"{self.alarm} is in {wanted}: Route 53 follows within a minute or two")
                return True
            if waited >= LIMIT_S:
                self.tell(f"{self.alarm} is not in {wanted} after {LIMIT_S:.0f} s: give it again")
                return False
            self.wait(LOOK_S)
            waited += LOOK_S

    def _state(self) -> str | None:
        found = self.cloudwatch.describe_alarms(AlarmNames=[self.alarm])["MetricAlarms"]
        return str(found[0]["StateValue"]) if found else None

    def _put(self, value: float) -> None:
        """The figures of the last minutes too: the alarm would wait for them."""
        now = self.clock()
        self.cloudwatch.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": METRIC,
                    "Dimensions": [{"Name": "Environment", "Value": self.environment}],
                    "Timestamp": datetime.fromtimestamp((now - back * MINUTE_MS) / 1000, UTC),
                    "Value": value,
                }
                for back in range(MINUTES)
            ],
        )
