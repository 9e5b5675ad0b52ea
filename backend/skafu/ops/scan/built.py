"""What is built of a work tree, scanned: the functions' packages and the layer, and their bill of
materials. Built by the same make rules as `sam build` calls, without the SAM CLI: a scan takes
seconds then.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from skafu.ops.artefact import frontend, sbom
from skafu.ops.artefact.build import LAYER, LOCK, TEMPLATE, coded
from skafu.ops.artefact.sources import Refused
from skafu.ops.scan import packages
from skafu.ops.scan.said import Failed, Said, output_of
from skafu.ops.transformed import read

ARCHITECTURE = "arm64"
"""AWS's; the local environment's is the host's."""
BILL = "sbom.json"
WORK_TREE = "work tree"
"""The bill's version: what is scanned here is no artefact, which has an identity."""


def scan(root: Path, reports: Path) -> Said:
    """Build, look into what was built, and write its bill into `reports`. Raises Failed."""
    names = list(coded(read(root / TEMPLATE)))
    lock = (root / LOCK).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        made = build(root, Path(scratch), names)
        layer = made.pop(LAYER)
        parts = packages.Parts(made, layer, lock, ARCHITECTURE, packages.modules(root))
        said = packages.scan(parts, packages.read(root / packages.FILE))
        console = (root / frontend.LOCK).read_text(encoding="utf-8")
        try:
            bill = sbom.bill(layer, lock, console, WORK_TREE)
        except Refused as refusal:
            raise Failed(str(refusal)) from refusal
    (reports / BILL).write_text(bill, encoding="utf-8")
    return said


def build(root: Path, into: Path, names: Iterable[str]) -> dict[str, Path]:
    """A folder for each logical id. Raises Failed."""
    found: dict[str, Path] = {}
    for name in names:
        found[name] = into / name
        found[name].mkdir()
        rules: list[str | Path] = ["--directory", "backend"]
        if name == LAYER:
            place = Path("layers", "powertools")
            rules = ["--directory", place / ARCHITECTURE, "--file", root / place / "Makefile"]
        target = [f"build-{name}", f"ARTIFACTS_DIR={found[name]}"]
        output_of(["make", "--silent", *rules, *target], root, variables=_variables())
    return found


def _variables() -> Mapping[str, str]:
    """Of the shell, without what a make that this runs under tells its own, and without another
    Python's settings.
    """
    ours = {name: text for name, text in os.environ.items() if "MAKE" not in name}
    return {n: t for n, t in ours.items() if not n.startswith("PYTHON")} | {
        "PYTHON": sys.executable
    }
