"""A packed copy of all alerts of a tenant: ten thousand of them come with one query of a few items.

Parts are written first, then the manifest that names them. A copy that is damaged, incomplete or
not there is no misfortune: the alerts themselves are read then.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from skafu.alerts.codec import alert_from, to_json
from skafu.alerts.model import Alert
from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.observability import logger
from skafu.shared.table import (
    Absent,
    AnyOf,
    Below,
    ConditionFailed,
    Delete,
    Put,
    Query,
    Table,
    Value,
)

PART_BYTES = 350_000
"""Of an item's 400 KB."""

LEVEL = 6  # of deflate: packing is rare, and what is smaller is read faster


@dataclass(frozen=True)
class Manifest:
    """Which copy holds: of which version of the rules, of which parts, made when."""

    version: int
    tag: str
    parts: int
    made_at: int


@dataclass(frozen=True)
class Packed:
    """All alerts, by id, as of a version of the rules. Some may be newer: the log of changes says
    so again.
    """

    version: int
    alerts: Mapping[str, Alert]


def pack(alerts: Iterable[Alert]) -> bytes:
    """Alerts as deflated lines of JSON."""
    lines = sorted(to_json(alert) for alert in alerts)
    return zlib.compress("\n".join(lines).encode(), LEVEL)


def unpack(data: bytes) -> dict[str, Alert]:
    """The alerts, by id. Raises ValueError or zlib.error for anything but what `pack` made: the
    checksum tells.
    """
    text = zlib.decompress(data).decode()
    alerts = (alert_from(line) for line in text.split("\n") if line)
    return {alert.id: alert for alert in alerts}


def read_manifest(table: Table, tenant: str) -> Manifest | None:
    """Which packed copy there is. Raises Unavailable."""
    item = table.get(keys.packed_rules(tenant))
    return None if item is None else _manifest(item)


def read_packed(table: Table, tenant: str) -> Packed | None:
    """The packed copy, by one query; None where there is none that can be read. Raises
    Unavailable.
    """
    query = Query(keys.rules(tenant), begins=keys.PACKED_RULES)
    # A copy that is being replaced may be torn: one try more, of what is certainly there.
    for consistent in (False, True):
        found = {
            Key(str(item["pk"]), str(item["sk"])): item
            for item in table.query_all(replace(query, consistent=consistent))
        }
        if keys.packed_rules(tenant) not in found:
            return None
        try:
            return _unpacked(tenant, found)
        except (KeyError, TypeError, ValueError, zlib.error) as damage:
            logger.warning("packed rules cannot be read", problem=type(damage).__name__)
    return None


def write_packed(
    table: Table, tenant: str, version: int, alerts: Iterable[Alert], now: int
) -> Manifest:
    """Store a packed copy, and remove older ones. Where a newer one is there meanwhile, that one
    stays. Raises Unavailable.
    """
    data = pack(alerts)
    tag = _tag(data)
    pieces = [data[i : i + PART_BYTES] for i in range(0, len(data), PART_BYTES)]
    parts = [
        Put({**keys.packed_part(tenant, version, tag, i)._asdict(), "k": "packed", "data": piece})
        for i, piece in enumerate(pieces)
    ]
    for part in parts:
        table.write(part)
    manifest = Manifest(version, tag, len(parts), now)
    named: dict[str, Value] = {
        **keys.packed_rules(tenant)._asdict(),
        "k": "packed",
        "version": version,
        "tag": tag,
        "parts": len(parts),
        "made": now,
    }
    try:
        # Of the same version too: a damaged copy is replaced.
        table.write(Put(named, AnyOf((Absent(), Below("version", version + 1)))))
    except ConditionFailed:
        return read_manifest(table, tenant) or manifest
    _remove_others(table, tenant, manifest)
    return manifest


def _remove_others(table: Table, tenant: str, manifest: Manifest) -> None:
    """Parts of earlier copies, also of those that were never finished; who packs a later version
    at this moment keeps theirs.
    """
    mine = {
        keys.packed_part(tenant, manifest.version, manifest.tag, i) for i in range(manifest.parts)
    }
    parts = Query(keys.rules(tenant), between=keys.packed_until(manifest.version))
    for item in table.query_all(parts):
        key = Key(str(item["pk"]), str(item["sk"]))
        if key not in mine:
            table.write(Delete(key))


def _unpacked(tenant: str, found: Mapping[Key, Mapping[str, Value]]) -> Packed:
    manifest = _manifest(found[keys.packed_rules(tenant)])
    wanted = (
        keys.packed_part(tenant, manifest.version, manifest.tag, i) for i in range(manifest.parts)
    )
    data = b"".join(_bytes(found[key]["data"]) for key in wanted)
    return Packed(manifest.version, unpack(data))


def _manifest(item: Mapping[str, Value]) -> Manifest:
    return Manifest(int(item["version"]), str(item["tag"]), int(item["parts"]), int(item["made"]))


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a part is bytes")
    return value


def _tag(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()
