"""Print how the folder is called, below .artefact, that `build` makes of these sources.

It is the identity of the sources alone, so a merge that changes nothing of them has the name of
what was tested before.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from skafu.ops.artefact import sources
from skafu.ops.artefact.build import ARCHITECTURES
from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """The command; its exit code."""
    options = parser().parse_args(arguments)
    try:
        print(name_of(root, options.architecture))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops identity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument(
        "--architecture", choices=ARCHITECTURES, default="arm64", help="(%(default)s)"
    )
    return found


def name_of(root: Path, architecture: str) -> str:
    """Of the artefact of a work tree; with uncommitted changes it says so. Raises Refused."""
    with tempfile.TemporaryDirectory() as scratch:
        source = sources.export(root, Path(scratch), dirty=True)
        identity = source.identity(architecture)
    return f"{identity}-dirty" if source.dirty else identity
