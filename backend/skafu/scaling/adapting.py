"""The scaling function: what it does when an alarm rings, and every quarter of an hour.

It answers {"changed": ...}. An alarm that is told twice may raise twice; both stay within bounds,
and two quiet hours take both back.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.scaling import memory
from skafu.scaling.alarms import THROTTLES, Ringing, ringing
from skafu.scaling.capacity import Capacity
from skafu.scaling.concurrency import Change, Limits, Seen, decide, obstacle
from skafu.scaling.settings import ScalingSettings
from skafu.shared.clock import Clock
from skafu.shared.observability import Count, Handler, count, logger, observed

SUBJECT_CHARACTERS = 100
"""SNS takes no longer ones."""


@dataclass(frozen=True)
class Means:
    """What it works with; a test has others. `sns` is a botocore client."""

    capacity: Capacity
    sns: Any
    clock: Clock


class Scaling:
    """Of one environment."""

    def __init__(self, settings: ScalingSettings, means: Means) -> None:
        self._settings = settings
        self._means = means

    def answer(self, alarm: Ringing) -> Change | None:
        """What is done about an alarm; what people have to do is told to them."""
        if alarm.function not in self._settings.functions.split():
            return None
        if alarm.metric != THROTTLES:
            self._propose(alarm)
            return None
        seen = self._means.capacity.seen(alarm.function, self._means.clock())
        # Its figures may be younger than what can be asked for.
        now = _with(seen, max(seen.throttled_lately, alarm.value))
        limits = self._limits(alarm.function)
        change = None if limits is None else decide(limits, now)
        if change is not None:
            self._do(alarm.function, change, alarm.alarm)
        elif why := obstacle(limits, now):
            title = f"{alarm.function} refuses calls, and more cannot be reserved"
            self._tell(title, f"{why}\n\nAlarm: {alarm.alarm}")
            logger.warning("concurrency stays", function=alarm.function, reason=why)
        return change

    def look(self) -> Change | None:
        """What is done by the clock: further up while calls go on being refused - the alarm rings
        but once - and down when none was for long.
        """
        function = self._settings.metrics_function
        limits = self._limits(function)
        if limits is None:
            return None
        change = decide(limits, self._means.capacity.seen(function, self._means.clock()))
        if change is not None:
            self._do(function, change, "by the clock")
        return change

    def _limits(self, function: str) -> Limits | None:
        settings = self._settings
        if function != settings.metrics_function or not settings.reserved:
            return None
        return Limits(settings.reserved, max(settings.reserved, settings.reserved_maximum))

    def _do(self, function: str, change: Change, because: str) -> None:
        self._means.capacity.reserve(function, change.after)
        at = datetime.fromtimestamp(self._means.clock() / 1000, UTC).isoformat(" ", "seconds")
        logger.warning(
            "concurrency is changed",
            function=function,
            before=change.before,
            after=change.after,
            reason=change.reason,
            because=because,
        )
        if change.raises:
            count(Count.CONCURRENCY_RAISED)
        self._tell(
            f"{function}: reserved concurrency {change.before} -> {change.after}",
            f"At {at} the scaling function of {self._settings.stack} has changed the reserved "
            f"concurrency of {function} from {change.before} to {change.after}: {change.reason} "
            f"({because}). The environment's file says {self._settings.reserved}, and at most "
            f"{self._settings.reserved_maximum}; without further refusals it is as in the file "
            "again two hours later.",
        )

    def _propose(self, alarm: Ringing) -> None:
        slow = memory.Slow(
            alarm.function,
            self._means.capacity.memory(alarm.function),
            alarm.value,
            alarm.threshold,
        )
        text = memory.told(slow, self._settings.environment)
        logger.info("memory is proposed", function=alarm.function, memory=slow.memory)
        self._tell(f"{alarm.function} is slow", f"{text}\n\nAlarm: {alarm.alarm}")

    def _tell(self, subject: str, text: str) -> None:
        self._means.sns.publish(
            TopicArn=self._settings.alerts_topic_arn,
            Subject=subject[:SUBJECT_CHARACTERS],
            Message=text,
        )


def _with(seen: Seen, throttled: float) -> Seen:
    return Seen(
        seen.reserved,
        seen.free,
        seen.account,
        throttled,
        max(seen.throttled, throttled),
        seen.shifting,
    )


def build(settings: ScalingSettings, means: Means) -> Handler:
    """The handler."""
    scaling = Scaling(settings, means)

    def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
        if event.get("source") == "aws.cloudwatch":
            alarm = ringing(event)
            change = None if alarm is None else scaling.answer(alarm)
        else:
            change = scaling.look()
        return {"changed": None if change is None else [change.before, change.after]}

    return observed(handler, settings.environment)
