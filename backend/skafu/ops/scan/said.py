"""What a scanner says, in one shape for all of them."""

import subprocess  # nosec B404: it runs the scanners
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOLD = 20
"""As many findings of a scanner are told one by one."""


@dataclass(frozen=True)
class Said:
    """A scanner's answer. `looked_at` says at what, in words; `not_audited` why nobody could be
    asked, which is never clean; `notes` are for people and decide nothing.
    """

    name: str
    looked_at: str
    findings: tuple[str, ...] = ()
    not_audited: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.findings and self.not_audited is None


class Failed(Exception):
    """A scanner could not do its work, or its answer is not understood; the text says why."""


def output_of(
    line: Sequence[str | Path],
    folder: Path,
    given: str = "",
    variables: Mapping[str, str] | None = None,
) -> str:
    """What a program prints, in a folder; `given` is what it reads, `variables` its environment if
    not this one. Raises Failed with the end of what it complained of.
    """
    try:
        done = subprocess.run(  # nosec B603: fixed programs, no shell
            [str(part) for part in line],
            cwd=folder,
            env=variables,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Failed(f"there is no {line[0]}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-3:]
        raise Failed(f"{Path(line[0]).name} ended with {done.returncode}: {' '.join(said)}")
    return done.stdout
