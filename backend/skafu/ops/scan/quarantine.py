"""An artefact that has just been built, looked into before anybody deploys it."""

import shutil
from pathlib import Path

from skafu.ops.artefact.sources import Refused
from skafu.ops.scan import packages
from skafu.ops.scan.packages import Parts, Policy
from skafu.ops.scan.said import TOLD

FOLDER = "quarantine"


def inspect(place: Path, parts: Parts, policy: Policy) -> str:
    """What was looked at in these parts of the artefact in `place`.

    Raises Refused when something is in them that should not be; the artefact, its .zip too, is in
    quarantine then: a folder beside it, where no command looks for artefacts.
    """
    said = packages.scan(parts, policy)
    if said.findings:
        kept = _isolate(place)
        told = [f"  {each}" for each in said.findings[:TOLD]]
        raise Refused("\n".join([f"This is no artefact to deploy; it is in {kept}:", *told]))
    return said.looked_at


def _isolate(place: Path) -> Path:
    """Move an artefact away; what was there before under its name gives way."""
    folder = place.parent / FOLDER
    folder.mkdir(exist_ok=True)
    for path in (place, place.with_name(f"{place.name}.zip")):
        if path.exists():
            _remove(folder / path.name)
            path.rename(folder / path.name)
    return folder / place.name


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
