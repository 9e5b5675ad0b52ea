"""Publish a built console to a deployed stack.

--dist is the folder that `npm run build` makes in frontend/, or the console.zip of an artefact. The
same build serves every environment: what differs, config.json, is made of the stack's outputs.
`make up` and `python -m skafu.ops deploy` do this themselves.
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.console import site
from skafu.ops.console.publishing import Bucket, Distribution, Published, publish
from skafu.ops.deployment import Deployment
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

OUTPUTS = ("ConsoleUrl", "ConsoleBucket", "ConsoleDistributionId", *site.NEEDED)
UPLOAD_S = 60


def publish_to(
    found: Deployment, environment: str, dist: Path, clock: Clock = system_clock
) -> Published:
    """Publish what is at `dist` to a deployment. Raises Refused when that is no whole console."""
    with _opened(dist) as folder:
        built = site.read(folder)
    place = Bucket(found.client("s3", read_timeout_s=UPLOAD_S), found.outputs["ConsoleBucket"])
    edge = Distribution(found.client("cloudfront"), found.outputs["ConsoleDistributionId"])
    return publish(built, environment, found.outputs, place, edge, clock)


@contextmanager
def _opened(dist: Path) -> Iterator[Path]:
    if dist.is_dir() or not zipfile.is_zipfile(dist):
        yield dist
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(dist) as archive:
        archive.extractall(folder)
        yield Path(folder)


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops console",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--dist", required=True, type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    try:
        found = deployment.find(options, make, OUTPUTS)
        print(publish_to(found, options.environment, options.dist))
    except (Refused, KeyError) as refusal:
        print(refusal.args[0], file=sys.stderr)
        return 1
    print(found.outputs["ConsoleUrl"])
    return 0
