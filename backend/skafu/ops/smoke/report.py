"""What came of a smoke test, for people and for programs."""

import json
from dataclasses import asdict, dataclass

from skafu.canary.checks import Result


@dataclass(frozen=True)
class Report:
    """`release` is what the stack's journal called current, None where it has none yet; `at` is
    when it began, in epoch milliseconds.
    """

    environment: str
    stack: str
    checks: tuple[Result, ...]
    release: str | None
    at: int

    @property
    def passed(self) -> bool:
        """Whether every check was; a test that looked at nothing has shown nothing."""
        return bool(self.checks) and all(each.passed for each in self.checks)

    @property
    def failures(self) -> tuple[str, ...]:
        """What is wrong, in sentences."""
        return tuple(f"{each.name}: {each.detail}" for each in self.checks if not each.passed)

    def json(self) -> str:
        """For programs: {"passed", "checks": [{"name", "passed", "ms", "detail"}], "release", "at",
        "environment", "stack"}.
        """
        found = {
            "passed": self.passed,
            "checks": [asdict(each) for each in self.checks],
            "release": self.release,
            "at": self.at,
            "environment": self.environment,
            "stack": self.stack,
        }
        return json.dumps(found, indent=2) + "\n"


def line(result: Result) -> str:
    """One check for people."""
    return f"{'ok' if result.passed else 'FAILED':6}  {result.name:24} {result.ms:>6,} ms  " + (
        result.detail
    )
