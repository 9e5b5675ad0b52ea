"""What tests cover, as SonarQube counts it: lines and branches of all languages together,
(covered lines + covered branches) / (lines + branches), in percent (its documentation: metric
definitions, Coverage).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree  # nosec B405: our own coverage program writes it

from skafu.ops.artefact.sources import Refused

BRANCHES = re.compile(r"\((\d+)/(\d+)\)")


@dataclass(frozen=True)
class Covered:
    """Lines and branches that can be run, and those that were."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def __add__(self, other: "Covered") -> "Covered":
        return Covered(
            self.lines + other.lines,
            self.lines_run + other.lines_run,
            self.branches + other.branches,
            self.branches_run + other.branches_run,
        )

    @property
    def percent(self) -> float:
        """Raises Refused where there is nothing to cover."""
        if not self.lines + self.branches:
            raise Refused("There is nothing to cover: no test was counted.")
        return 100 * (self.lines_run + self.branches_run) / (self.lines + self.branches)


def cobertura(path: Path) -> Covered:
    """Of coverage.py's XML. Raises Refused."""
    try:
        root = ElementTree.parse(path).getroot()  # nosec B314: as above
    except (OSError, ElementTree.ParseError) as error:
        raise Refused(f"There is no {path.name} to read: {error}") from error
    lines = list(root.iter("line"))
    found = [BRANCHES.search(each.get("condition-coverage", "")) for each in lines]
    counted = [(int(each[1]), int(each[2])) for each in found if each is not None]
    return Covered(
        lines=len(lines),
        lines_run=sum(each.get("hits") != "0" for each in lines),
        branches=sum(of for _, of in counted),
        branches_run=sum(run for run, _ in counted),
    )


def lcov(path: Path) -> Covered:
    """Of vitest's tracefile: LF, LH, BRF and BRH are a file's sums. Raises Refused."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"There is no {path.name} to read: {error}") from error
    sums = {
        name: sum(int(each) for each in re.findall(rf"^{name}:(\d+)$", text, re.MULTILINE))
        for name in ("LF", "LH", "BRF", "BRH")
    }
    return Covered(sums["LF"], sums["LH"], sums["BRF"], sums["BRH"])
