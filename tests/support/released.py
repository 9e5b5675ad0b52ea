"""Releases and artefacts as tests need them."""

from typing import Any

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import DataFormat, Manifest, Part
from skafu.ops.artefact.records import Mark
from skafu.ops.release.record import FunctionVersion, Kind, Release, release_id
from tests.support.clocks import NOON
from tests.support.clouds import ACCOUNT, CALLER, Cloud

REGION = "eu-west-1"


def account_in(cloud: Cloud) -> Account:
    """The account that lives in memory, as commands see it."""
    return Account(cloud.make, {"region_name": REGION})


def manifest(identity: str = "a", code: str = "1", **more: Any) -> Manifest:
    """Of an artefact with a console."""
    told: dict[str, Any] = {
        "format": 2,
        "identity": identity * 64,
        "architecture": "arm64",
        "commit": "c" * 40,
        "dirty": False,
        "tools": {},
        "data_format": DataFormat(writes=1, reads=(1,)),
        "parts": {
            "A.zip": Part(sha256=code * 64, size=1),
            "console.zip": Part(sha256="0" * 64, size=1),
        },
    }
    return Manifest(**told | more)


def release(minute: int = 0, identity: str = "a", **more: Any) -> Release:
    """One of the stack skafu-prod, so many minutes after noon."""
    at = NOON + 60_000 * minute
    id_ = release_id(at, identity * 64)
    told: dict[str, Any] = {
        "format": 1,
        "id": id_,
        "kind": Kind.DEPLOY,
        "environment": "production",
        "stack": "skafu-prod",
        "account": ACCOUNT,
        "region": REGION,
        "at": at,
        "by": CALLER,
        "artefact": Mark.of(manifest(identity), at),
        "functions": {"A": FunctionVersion(name="skafu-prod-a", version="1", code="1", layers=())},
        "template": f"releases/skafu-prod/{id_}.yaml",
        "parameters": {"Environment": "production"},
        "console": "0" * 64,
        "data_format": DataFormat(writes=1, reads=(1,)),
    }
    return Release(**told | more)
