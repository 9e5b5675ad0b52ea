"""backend/skafu/build.json: what a release consists of besides code, by SHA-256.

Every function's slice carries it. Neither a Mapping's value nor a layer's content publishes a
version by itself, so an alias would keep serving what was there before; a changed record changes
the artefact, and that does.

Standard library only: `sam build` runs this with whatever python3.12 there is.
"""

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

STAGES = ("local", "development", "staging", "production")
"""Kinds of environments, those that matter most last."""
LAYER_SOURCES = ("Makefile", "requirements.txt", "arm64/platform", "x86_64/platform")
PATH = "backend/skafu/build.json"


def promotions(folder: Path) -> Mapping[str, str | None]:
    """The environments that a folder has files of, each with the one where what it runs has to have
    been tested before, if there is one. In order of promotion: by stage, what comes from nowhere
    first, then by name.

    Raises ValueError for a file without a stage, for an environment that is promoted from one that
    is not there or from itself, and where there is no environment called local.
    """
    stages: dict[str, int] = {}
    below: dict[str, str | None] = {}
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text("utf-8")
        stage = re.search(r"^stage: *(\w+)", text, re.MULTILINE)
        if stage is None or stage[1] not in STAGES:
            raise ValueError(f"{path.name} has no stage: one of {', '.join(STAGES)}")
        comes = re.search(r"^promoted_from: *(\w+)", text, re.MULTILINE)
        stages[path.stem], below[path.stem] = STAGES.index(stage[1]), comes[1] if comes else None
    for name, before in below.items():
        if before is not None and before not in below:
            raise ValueError(f"{name} is promoted from {before}, which is not there")
    if "local" not in below:
        raise ValueError("there is no environment called local, which the template falls back to")
    return {name: below[name] for name in sorted(below, key=lambda x: _turn(x, stages, below))}


def _turn(
    name: str, stages: Mapping[str, int], below: Mapping[str, str | None]
) -> tuple[int, int, str]:
    depth, at = 0, below[name]
    while at is not None:
        depth, at = depth + 1, below[at]
        if depth > len(below):
            raise ValueError(f"{name} is promoted from itself, by way of others")
    return stages[name], depth, name


_FILES = Path(__file__).resolve().parents[3] / "environments"
ENVIRONMENTS = tuple(promotions(_FILES)) if _FILES.is_dir() else ()
"""All of them; none in the copy of backend/ that `sam build` works in, where nobody asks."""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_record(root: Path) -> str:
    """What the record has to say about the files under the repository's root."""
    record = {
        "environments": {
            name: _sha256(root / f"environments/{name}.yaml")
            for name in promotions(root / "environments")
        },
        "layer": {name: _sha256(root / f"layers/powertools/{name}") for name in LAYER_SOURCES},
    }
    return json.dumps(record, indent=2) + "\n"


def is_stale(root: Path) -> bool:
    """Whether the committed record speaks of other files than those that are there."""
    return (root / PATH).read_text("utf-8") != build_record(root)


if __name__ == "__main__":
    if is_stale(Path(sys.argv[1])):
        sys.exit(
            "environments or layer have changed and the release would not say so: "
            "run python -m skafu.ops environments"
        )
