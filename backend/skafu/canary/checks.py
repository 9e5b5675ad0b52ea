"""A check, and what comes of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from skafu.shared.clock import Clock

LIMIT_MS = 20_000
"""So long a check may take, cold starts of what it calls included: all of its calls are answered
within a second each where nothing is wrong, and a new version's first one within a few."""


class Failed(Exception):
    """What is examined does not do what it should; the text says what it did instead."""


class Busy(Failed):
    """Nothing is known to be wrong: something asks to be called again later."""


@dataclass(frozen=True)
class Check:
    """Something that has to go well. `attempt` says in a few words what it has seen, and raises
    Failed.
    """

    name: str
    attempt: Callable[[], str]
    limit_ms: int = LIMIT_MS


@dataclass(frozen=True)
class Result:
    """What came of a check: `detail` is what was seen, or what is wrong."""

    name: str
    passed: bool
    ms: int
    detail: str


def examine(checks: Iterable[Check], clock: Clock) -> Iterator[Result]:
    """Do one check after the other, whatever comes of them: what fails together tells more."""
    for check in checks:
        yield _examined(check, clock)


def _examined(check: Check, clock: Clock) -> Result:
    began = clock()
    seen, passed = _attempted(check)
    took = clock() - began
    if passed and took > check.limit_ms:
        seen, passed = f"took {took:,} ms; {check.limit_ms:,} are allowed", False
    return Result(check.name, passed, took, seen)


def _attempted(check: Check) -> tuple[str, bool]:
    """What is to be told, and whether it went well; who was busy is asked once more."""
    try:
        try:
            return check.attempt(), True
        except Busy:
            return check.attempt(), True
    except Failed as failure:
        return str(failure), False
    except Exception as surprise:  # pylint: disable=broad-exception-caught # it is told as a result
        # An answer of another shape than it should have, mostly.
        return f"{type(surprise).__name__}: {surprise}", False
