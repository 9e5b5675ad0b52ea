"""Check whose work an artefact is: whole, and built by this repository's own workflow from the
commit that its manifest names.

GitHub keeps, for the bundle's SHA-256, a statement that its runner has signed (deploy.yml attests
it when it builds). An artefact that came another way - from a bucket, part by part - is packed
again for this: the same parts are the same bundle. Needs GitHub's program `gh` and GH_TOKEN.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact import zips
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.terminal import Run, run

WORKFLOW = ".github/workflows/deploy.yml"
"""Whose statements count: no other workflow builds what is deployed."""


def main(arguments: Sequence[str], program: Run = run) -> int:
    """The command; its exit code. `program` runs gh."""
    options = parser().parse_args(arguments)
    try:
        with opened(options.artefact) as folder, bundle_of(folder) as (bundle, manifest):
            if manifest.dirty:
                raise Refused("What has uncommitted changes was not built by the workflow.")
            try:
                code = program(line(bundle, manifest, options.repository), dict(os.environ))
            except FileNotFoundError as error:
                raise Refused("There is no gh: it is GitHub's command line program.") from error
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if code:
        print(f"{manifest.name} was not built by {options.repository}.", file=sys.stderr)
        return 1
    print(f"{manifest.name} was built by {options.repository} from {manifest.commit}")
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops provenance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument(
        "--artefact", required=True, type=Path, metavar="PATH", help="its folder or its .zip"
    )
    found.add_argument("--repository", required=True, metavar="ORG/REPO")
    return found


@contextmanager
def bundle_of(folder: Path) -> Iterator[tuple[Path, Manifest]]:
    """The .zip of an artefact's folder, as `build` packs it. Raises Refused when it is damaged."""
    manifest = manifests.read(folder)
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / f"{manifest.name}.zip"
        zips.bundle(folder, [manifests.NAME, *manifest.parts], bundle)
        yield bundle, manifest


def line(bundle: Path, manifest: Manifest, repository: str) -> list[str]:
    """What gh is asked."""
    return [
        *("gh", "attestation", "verify", str(bundle), "--repo", repository),
        *("--signer-workflow", f"{repository}/{WORKFLOW}"),
        *("--source-digest", manifest.commit, "--deny-self-hosted-runners"),
    ]
