"""Which ticks of the schedule compact.

The schedule comes every five minutes, whatever is wanted: that it comes is what an alarm watches.
Nothing is remembered from run to run, so two runs for one tick, on whatever machine, agree.
"""

from skafu.shared.keys import MINUTE_MS

TICK_MS = 5 * MINUTE_MS


def is_due(at: int, interval_minutes: int) -> bool:
    """Whether the tick at `at` (epoch ms) is the first one at or after a multiple of the interval.

    Ticks that come early or late by some seconds can make a multiple fall between two or belong to
    both: then one compaction is left out or done twice, which the next makes up for.
    """
    interval = interval_minutes * MINUTE_MS
    return at // interval != (at - TICK_MS) // interval
