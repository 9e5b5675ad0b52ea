"""python -m local.rehearsal: play the delivery, print how it went, write .rehearsal/report.json.

The exit code is 0 only when everything went as it has to.
"""

import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from local import cloud
from local.home import ROOT, Home, Refused
from local.rehearsal.gates import SHORTENED
from local.rehearsal.places import Cloud
from local.rehearsal.releasing import Releasing
from local.rehearsal.steps import Steps, document, summary, write
from local.rehearsal.story import Story

FOLDER = ROOT / ".rehearsal"
LOCK = ROOT / ".local" / "rehearsal.lock"
DEADLINE_S = 1_500
"""Several times what a rehearsal takes on a quiet machine; what hangs is not waited for."""


class OutOfTime(Refused):
    """The rehearsal took too long."""


def home(folder: Path, variables: Mapping[str, str]) -> Home:
    """Its own, on SKAFU_REHEARSAL_PORT or on a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", int(variables.get("SKAFU_REHEARSAL_PORT") or 0)))
        return Home(folder, int(probe.getsockname()[1]))


def main() -> int:
    """Play, unless somebody plays already; the exit code."""
    with LOCK.open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("A rehearsal is being played already.", file=sys.stderr)
            return 1
        return rehearse()


def rehearse() -> int:
    """Play; the exit code."""
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.signal(signal.SIGTERM, _asked_to_end)
    signal.alarm(DEADLINE_S)
    began = time.monotonic()
    cloud.stop(Home(FOLDER, 1))  # what a rehearsal that was killed has left
    shutil.rmtree(FOLDER, ignore_errors=True)
    here = home(FOLDER, os.environ)
    steps = Steps(lambda line: print(line, flush=True), time.monotonic)
    story = Story(Releasing(Cloud(here), FOLDER, steps))
    print("Shortened for the rehearsal:", *(f"  {each}" for each in SHORTENED), "", sep="\n")
    failure, code = "", 1
    try:
        with steps.step("an embedded AWS") as told:
            cloud.start(here)
            told.append(here.endpoint)
        story.play()
        code = 0 if steps.passed else 1
    except Refused as refusal:
        failure = str(refusal)
    except KeyboardInterrupt:
        failure, code = "interrupted", 130
    finally:
        signal.alarm(0)
        story.close()
        cloud.stop(here)
    took = time.monotonic() - began
    figures = story.figures | {"seconds": round(took, 1)}
    write(FOLDER / "report.json", document(steps.done, code == 0, figures))
    print("", *summary(steps.done), "", sep="\n")
    for name, figure in figures.items():
        print(f"{name:26} {figure}")
    print(f"\nThe rehearsal {'holds' if code == 0 else f'does not hold: {failure}'} ({took:.0f} s)")
    return code


def _out_of_time(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime(f"It took over {DEADLINE_S} s.")


def _asked_to_end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
