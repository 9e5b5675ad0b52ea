"""The scaling function's configuration."""

from dataclasses import dataclass

from skafu.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ScalingSettings(Settings):
    """`metrics_function` is the one with concurrency of its own, by its name: `reserved` is what
    the environment's file says, `reserved_maximum` the most that it allows; where one of them is 0
    there is nothing to raise. Alarms are listened to of `functions`, names with blanks between.
    """

    stack: str
    alerts_topic_arn: str
    metrics_function: str
    functions: str
    reserved: int = 0
    reserved_maximum: int = 0
