"""Fetch an artefact back from the account that it was deployed in: the newest one that was tested
there, or the one of an identity. Each part is compared with the manifest.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from skafu.ops import deployment
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account, account_of
from skafu.ops.artefact.build import ARTEFACTS
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import key_of
from skafu.ops.generated import ROOT
from skafu.ops.promotion.commands import bare_parser_of
from skafu.ops.promotion.gates import STEPS
from skafu.shared import aws


def fetch(account: Account, mark: Mark, into: Path) -> Path:
    """The folder of an artefact, below `into`, put together from the account's bucket; one that is
    there already is compared.

    Raises Refused when a part is missing or damaged, and when it is not the artefact that the mark
    tells of.
    """
    client, bucket = account.s3(), account.bucket()
    manifest = _manifest(client, bucket, mark)
    place = into / manifest.name
    if place.exists():
        if not mark.is_of(manifests.read(place)):
            raise Refused(f"{place} is another artefact of the same sources: remove it.")
        return place
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=into) as scratch:
        made = Path(scratch, "artefact")
        for name, part in manifest.parts.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_bytes(_object(client, bucket, key_of(part), name))
        manifest.write(made)
        manifests.read(made)  # it is whole, or this says what is not
        made.rename(place)
    return place


def newest(account: Account, environment: str) -> Mark:
    """The artefact that was tested last in an environment. Raises Refused when none was."""
    client, bucket = account.s3(), account.bucket()
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"tested/{environment}/"
    )
    keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
    marks = [Mark.model_validate_json(_object(client, bucket, key, key)) for key in keys]
    if not marks:
        raise Refused(f"Nothing was tested in {environment} yet.")
    return max(marks, key=lambda mark: mark.at)


def _manifest(client: Any, bucket: str, mark: Mark) -> Manifest:
    key = f"artefacts/{mark.identity}/{manifests.NAME}"
    try:
        found = Manifest.model_validate_json(_object(client, bucket, key, manifests.NAME))
    except ValidationError as error:
        raise Refused(f"The artefact's {manifests.NAME} cannot be read: {error}") from error
    if not mark.is_of(found):
        raise Refused(f"The bucket has another artefact of {mark.identity} than the tested one.")
    for name in found.parts:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise Refused(f"The artefact names a part outside of its folder: {name}.")
    return found


def _object(client: Any, bucket: str, key: str, what: str) -> bytes:
    try:
        return bytes(client.get_object(Bucket=bucket, Key=key)["Body"].read())
    except client.exceptions.NoSuchKey as error:
        raise Refused(f"The artefact cannot be fetched: {what} is missing ({key}).") from error


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. The last line it prints is the artefact's folder."""
    options = _parser().parse_args(arguments)
    environment = options.environment
    try:
        account = account_of(ROOT, environment, make).of_profile(options.profile)
        if options.identity is None:
            mark = newest(account, environment)
        else:
            mark = _tested(account, environment, options.identity)
        place = fetch(account, mark, options.into)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"commit {mark.commit[:12]}, tested in {environment}")
    print(place)
    return 0


def _tested(account: Account, environment: str, identity: str) -> Mark:
    mark = account.records().tested(environment, identity)
    if mark is None:
        raise Refused(f"{identity} was not tested in {environment}.")
    return mark


def _parser() -> argparse.ArgumentParser:
    parser = bare_parser_of("fetch", str(__doc__), STEPS)
    parser.add_argument("--identity", help="if not the newest one's")
    parser.add_argument("--into", type=Path, default=ROOT / ARTEFACTS, help="(%(default)s)")
    parser.add_argument("--profile", help="the AWS profile that may read there")
    return parser
