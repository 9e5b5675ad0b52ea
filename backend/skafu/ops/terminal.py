"""Who runs a command: a terminal with somebody before it, a pipeline, or a test."""

import subprocess  # nosec B404: it runs the SAM CLI
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

type Run = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a program with environment variables; its exit code."""
type Ask = Callable[[str], bool]
"""Asks whoever runs the command; whether they said yes."""


def run(line: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program for people to see, who may have to answer."""
    done = subprocess.run(line, env=variables, check=False)  # nosec B603: a fixed command
    return done.returncode


def ask(question: str) -> bool:
    """Ask at the terminal; nobody there has not said yes."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


@dataclass(frozen=True)
class Operator:
    """Runs programs, and answers questions."""

    program: Run = run
    answer: Ask = ask

    def deploy(self, line: list[str], variables: Mapping[str, str], question: str | None) -> int:
        """Deploy; where there is a question, show the changes and ask before. The exit code."""
        # Asked here: where the SAM CLI asks, a no looks like a success.
        if question is not None:
            code = self.program([*line, "--no-execute-changeset"], variables)
            if code or not self.answer(question):
                return code or 1
        return self.program(line, variables)
