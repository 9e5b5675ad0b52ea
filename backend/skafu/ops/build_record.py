"""backend/skafu/build.json: what a release consists of besides code, by SHA-256.

Every function's slice carries it. Neither a Mapping's value nor a layer's content publishes a
version by itself, so an alias would keep serving what was there before; a changed record changes
the artefact, and that does.

Standard library only: `sam build` runs this with whatever python3.12 there is.
"""

import hashlib
import json
import sys
from pathlib import Path

ENVIRONMENTS = ("local", "development", "staging", "production")
LAYER_SOURCES = ("Makefile", "requirements.txt", "arm64/platform", "x86_64/platform")
PATH = "backend/skafu/build.json"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_record(root: Path) -> str:
    """What the record has to say about the files under the repository's root."""
    record = {
        "environments": {
            name: _sha256(root / f"environments/{name}.yaml") for name in ENVIRONMENTS
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
