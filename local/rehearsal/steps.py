"""The steps of a rehearsal as they are told: what was done, how long it took, what came of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from local.home import Refused
from local.status import table

WIDTH = 110


@dataclass(frozen=True)
class Step:
    """One of them; `passed` is whether it went as it had to, be that a refusal."""

    name: str
    seconds: float
    passed: bool
    result: str


@dataclass
class Steps:
    """Those so far. `tell` hears of each as it ends; `now` is a monotonic clock in seconds."""

    tell: Callable[[str], None]
    now: Callable[[], float]
    done: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """A step: what is put into the list is its result. What is raised in it ends it as failed,
        and goes on.
        """
        began, result = self.now(), list[str]()
        try:
            yield result
        except BaseException as error:
            self._end(Step(name, self.now() - began, False, str(error) or type(error).__name__))
            raise
        self._end(Step(name, self.now() - began, True, "; ".join(result)))

    def _end(self, step: Step) -> None:
        self.done.append(step)
        verdict = "" if step.passed else "FAILED: "
        self.tell(f"{step.seconds:6.1f} s  {step.name}: {verdict}{step.result}")

    @property
    def passed(self) -> bool:
        """Whether there were some and all went as they had to."""
        return bool(self.done) and all(each.passed for each in self.done)


def summary(steps: Sequence[Step]) -> list[str]:
    """The steps as a table."""
    rows: list[tuple[str, ...]] = [("step", "seconds", "result")]
    for each in steps:
        result = each.result if each.passed else f"FAILED: {each.result}"
        rows.append((each.name, f"{each.seconds:.1f}", _short(result)))
    return table(rows)


def document(steps: Sequence[Step], passed: bool, figures: dict[str, Any]) -> dict[str, Any]:
    """What report.json holds."""
    return {"passed": passed, "figures": figures, "steps": [asdict(each) for each in steps]}


def write(path: Path, report: dict[str, Any]) -> None:
    """Write report.json."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def require(holds: bool, otherwise: str) -> None:
    """Raises Refused, with what is wrong, unless something holds that has to."""
    if not holds:
        raise Refused(otherwise)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."
