"""Waiting for what AWS does by itself, within bounds."""

import time
from collections.abc import Callable

from skafu.ops.artefact.sources import Refused

type Pause = Callable[[float], None]
LOOK_S = 2.0
"""So often it is looked at."""

pause: Pause = time.sleep


def until(holds: Callable[[], bool], limit_s: float, what: str, wait: Pause = pause) -> None:
    """Look until something holds. Raises Refused when it does not within `limit_s` of waiting; it
    goes on in AWS, and the same command waits for it again.
    """
    waited = 0.0
    while not holds():
        if waited >= limit_s:
            raise Refused(
                f"After {limit_s:.0f} s {what}. AWS goes on: the same command waits again."
            )
        wait(LOOK_S)
        waited += LOOK_S
