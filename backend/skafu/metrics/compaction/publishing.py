"""The last writes of a step: what a manifest needs beside it, and then the manifest."""

from collections.abc import Sequence
from dataclasses import replace

from skafu.metrics.compaction.means import Means, Tally
from skafu.metrics.manifests import INLINE_PARTS, Manifest, manifest_item, roster_items
from skafu.metrics.usage import bill_item
from skafu.shared.table import Absent, ConditionFailed, Put


def publish(
    means: Means,
    tenant: str,
    manifest: Manifest,
    parts: Sequence[bytes],
    expires: int,
    tally: Tally,
) -> bool:
    """Store a manifest that names these parts, sorted; False if there is one already, which then
    is the one that counts.
    """
    if len(parts) > INLINE_PARTS:
        rosters = roster_items(tenant, manifest, parts, expires)
        manifest = replace(manifest, parts=(), rosters=len(rosters))
        for roster in rosters:
            tally.write(roster)
        means.table.write_many([Put(roster) for roster in rosters])
    item = manifest_item(tenant, manifest, expires)
    tally.write(item)
    # It counts only if the manifest with this tag gets in.
    means.table.write(Put(bill_item(tenant, manifest, tally.bill(), expires)))
    try:
        means.table.write(Put(item, Absent()))
    except ConditionFailed:
        return False
    return True
