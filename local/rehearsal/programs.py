"""Programs that the rehearsal runs: bounded, and ended with all their children when it ends."""

import os
import signal
import subprocess  # nosec B404: it runs the commands of Skafu
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.home import Refused

GRACE_S = 5.0

_running: "set[subprocess.Popen[bytes]]" = set()


@dataclass(frozen=True)
class Done:
    """How a program ended: its exit code, what it printed, how long it took."""

    code: int
    said: str
    seconds: float

    @property
    def last(self) -> str:
        """The last line that says something."""
        lines = [line for line in self.said.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


def run(
    line: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    log: Path,
    deadline_s: float,
) -> Done:
    """Run a program in a folder; what it prints goes to `log` as well.

    Raises Refused when it has not ended in time: it is ended then, with its children.
    """
    began = time.monotonic()
    with (
        log.open("wb") as written,
        subprocess.Popen(  # nosec B603: a fixed command
            list(line),
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        _running.add(process)
        try:
            code = process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise Refused(f"`{' '.join(line[:4])}` took over {deadline_s:.0f} s: {log}") from None
        finally:
            _end(process)
            _running.discard(process)
    return Done(code, log.read_text("utf-8", errors="replace"), time.monotonic() - began)


def end() -> None:
    """End all that run: those who wait for them hear how they ended."""
    for process in tuple(_running):
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that still runs, and what it has started: they share its session."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
