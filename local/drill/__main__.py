"""python -m local.drill restore, or failover: play it, print how it went, write
.drill/report-<drill>.json.

The exit code is 0 only when nothing is lost that must not be, and RTO and RPO are within their
targets (delivery/recovery.yaml).
"""

import argparse
import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from local import cloud
from local.drill import failing_over, restoring
from local.drill.playing import Playing
from local.home import ROOT, Home, Refused
from local.rehearsal.steps import Steps, document, write

FOLDER = ROOT / ".drill"
KEPT = {"build", "build-cache", "built", "build.toml", "logs", "run"}
"""What a drill leaves to the next one: what was built."""
DRILLS: dict[str, tuple[type[Playing], tuple[str, ...]]] = {
    "restore": (restoring.Drill, restoring.SKIPPED),
    "failover": (failing_over.Drill, failing_over.SKIPPED),
}
"""What is played, and what it cannot show."""
LOCK = ROOT / ".local" / "drill.lock"
DEADLINE_S = 900
"""Several times what a drill takes on a quiet machine; what hangs is not waited for."""


class OutOfTime(Refused):
    """The drill took too long."""


def home(folder: Path, variables: Mapping[str, str]) -> Home:
    """Its own, on SKAFU_DRILL_PORT or on a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", int(variables.get("SKAFU_DRILL_PORT") or 0)))
        return Home(folder, int(probe.getsockname()[1]))


def main(arguments: Sequence[str]) -> int:
    """Play, unless somebody plays already; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.drill", description=__doc__)
    parser.add_argument("what", choices=DRILLS)
    options = parser.parse_args(arguments)
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("A drill is being played already.", file=sys.stderr)
            return 1
        return drill(options.what)


def drill(what: str) -> int:
    """Play one; the exit code."""
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.signal(signal.SIGTERM, _asked_to_end)
    signal.alarm(DEADLINE_S)
    began = time.monotonic()
    cloud.stop(Home(FOLDER, 1))  # what a drill that was killed has left
    _forget(FOLDER)
    here = home(FOLDER, os.environ)
    steps = Steps(lambda line: print(line, flush=True), time.monotonic)
    kind, skipped = DRILLS[what]
    played = kind(here, steps)
    print("What this drill cannot show:", *(f"  {each}" for each in skipped), "", sep="\n")
    failure, code = "", 1
    try:
        with steps.step("an embedded AWS") as told:
            cloud.start(here, played.variables)
            told.append(here.endpoint)
        played.play()
        code = 0 if steps.passed else 1
    except Refused as refusal:
        failure = str(refusal)
    except KeyboardInterrupt:
        failure, code = "interrupted", 130
    finally:
        signal.alarm(0)
        played.close()
        cloud.stop(here)
    took = time.monotonic() - began
    figures = played.figures | {"seconds": round(took, 1)}
    write(FOLDER / f"report-{what}.json", document(steps.done, code == 0, figures))
    print()
    for name, figure in figures.items():
        print(f"{name:28} {figure}")
    print(f"\nThe drill {'holds' if code == 0 else f'does not hold: {failure}'} ({took:.0f} s)")
    return code


def _forget(folder: Path) -> None:
    for each in folder.glob("*"):
        if each.name not in KEPT:
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()


def _out_of_time(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime(f"It took over {DEADLINE_S} s.")


def _asked_to_end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
