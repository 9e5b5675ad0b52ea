"""What all drills have: a home, steps that are told, machines that write, operators' commands."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.drill.losses import TimedLedger
from local.home import ENVIRONMENT, ROOT, Home
from local.rehearsal import programs
from local.rehearsal.programs import Done
from local.rehearsal.steps import Steps, require

COMMAND_S = 180.0


@dataclass
class Playing:
    """One drill in a home of its own. `figures` is what is found out on the way."""

    home: Home
    steps: Steps
    figures: dict[str, Any] = field(default_factory=dict)
    ledger: TimedLedger = field(default_factory=TimedLedger)
    closing: list[Callable[[], None]] = field(default_factory=list)
    _number: int = 0

    @property
    def variables(self) -> dict[str, str]:
        """Of the embedded AWS, beside the usual ones."""
        return {}

    def play(self) -> None:
        """All of it. Raises Refused when something does not go as it has to."""
        raise NotImplementedError

    def close(self) -> None:
        """End what still runs."""
        programs.end()
        while self.closing:
            self.closing.pop()()

    def must(self, command: str, *arguments: str, seconds: float = COMMAND_S) -> Done:
        """Run an operator's command that has to succeed. Raises Refused when it does not."""
        self._number += 1
        log = self.home.logs / f"drill-{self._number}-{command}.log"
        line = [sys.executable, "-m", "skafu.ops", command, *arguments]
        line[4:4] = ["--environment", ENVIRONMENT]
        variables = self.home.aws_environment() | {"PYTHONPATH": f"{ROOT / 'backend'}:{ROOT}"}
        done = programs.run(line, ROOT, variables, log, seconds)
        require(done.code == 0, f"{command} failed: {done.said.strip()[-800:]}")
        return done
