"""The bugs of the rehearsal, and artefacts that nobody should take."""

import shutil
import zipfile
from pathlib import Path

from skafu.ops.artefact import manifest
from skafu.ops.artefact.manifest import Manifest

from local.rehearsal.checkouts import Change

INGEST = "backend/skafu/metrics/api.py"
PART = "MetricsFunction.zip"

GOOD = Change("a", "A release that works")
SEEN = Change(
    "b",
    "Keep points under another tenant: whoever reads finds nothing",
    INGEST,
    "tenant=request.identity.tenant,\n                body=request.body,",
    "tenant=request.identity.tenant[::-1],\n                body=request.body,",
)
"""Every check that reads what it wrote notices."""
UNSEEN = Change(
    "c",
    "Trip over hosts with a domain: no gate sends any",
    INGEST,
    "        outcome = self._ingest.take(\n",
    '        if b".example.com" in request.body:\n'
    '            raise ValueError("a host without a number at its end")\n'
    "        outcome = self._ingest.take(\n",
)
"""One of the machines that write to production has such a name."""


def damaged(bundle: Path, folder: Path) -> Path:
    """An artefact of which a byte was changed on the way."""
    _unpack(bundle, folder)
    content = bytearray((folder / PART).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / PART).write_bytes(content)
    return folder


def built_by_others(bundle: Path, folder: Path) -> Path:
    """An artefact of the same sources as a tool that compresses otherwise would build it: whole,
    and not what was tested.
    """
    told = _unpack(bundle, folder)
    with zipfile.ZipFile(folder / PART) as packed:
        entries = [(entry, packed.read(entry)) for entry in packed.infolist()]
    with zipfile.ZipFile(folder / PART, "w") as repacked:
        for entry, content in entries:
            repacked.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    tools = dict(told.tools) | {"zlib": "0"}
    told.model_copy(update={"parts": manifest.parts_of(folder), "tools": tools}).write(folder)
    return folder


def _unpack(bundle: Path, folder: Path) -> Manifest:
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return manifest.read(folder)
