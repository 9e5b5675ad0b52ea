"""Bring an artefact into an account: its parts by the names of their contents, and the template
that finds them there.
"""

import base64
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.build import CODE, TEMPLATE, coded, plain
from skafu.ops.artefact.manifest import Manifest, Part
from skafu.ops.artefact.sources import Refused


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """An artefact's folder, whether `path` is it or the .zip of it. Raises Refused when it is
    neither.
    """
    if path.is_dir():
        yield path
    elif not zipfile.is_zipfile(path):
        raise Refused(f"{path} is not an artefact.")
    else:
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
            yield Path(folder)


def upload(folder: Path, manifest: Manifest, client: Any, bucket: str) -> str:
    """Upload what is not there yet; the template with the places of the parts in this bucket.

    The content of each part was compared with the manifest when it was read, S3 compares what
    arrives. `client` is a botocore client of s3.
    """
    for name, part in manifest.parts.items():
        if not _is_there(client, bucket, part):
            client.put_object(
                Bucket=bucket,
                Key=key_of(part),
                Body=(folder / name).read_bytes(),
                ChecksumSHA256=base64.b64encode(bytes.fromhex(part.sha256)).decode(),
            )
    client.put_object(
        Bucket=bucket,
        Key=f"artefacts/{manifest.name}/{manifests.NAME}",
        Body=(folder / manifests.NAME).read_bytes(),
    )
    return located((folder / TEMPLATE).read_text(encoding="utf-8"), manifest, bucket)


def key_of(part: Part) -> str:
    """Where a part is in any account's bucket."""
    return f"parts/{part.sha256}"


def located(text: str, manifest: Manifest, bucket: str) -> str:
    """The template with parts' addresses in place of their names."""
    template = yaml.safe_load(text)
    for name in coded(template):
        resource = template["Resources"][name]
        part = manifest.parts[resource["Properties"][CODE[resource["Type"]]]]
        resource["Properties"][CODE[resource["Type"]]] = f"s3://{bucket}/{key_of(part)}"
    return plain(template)


def _is_there(client: Any, bucket: str, part: Part) -> bool:
    try:
        found = client.head_object(Bucket=bucket, Key=key_of(part))
    except client.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return False
    return int(found["ContentLength"]) == part.size
