"""The store's guards, switched off one at a time: each is an edit of the source, made in a copy.

A guard that can be taken away without any answer being wrong is either not needed or not tested.
The names are those of the rules in DESIGN 3. `seeds` are worlds that are known to show it; what
chance hardly ever brings about is `staged`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.support import mutants


@dataclass(frozen=True)
class Mutant(mutants.Mutant):
    """A guard of the store. `staged`: what shows it is no world but a scene."""

    domain: ClassVar[Path] = Path("skafu") / "metrics"
    staged: bool = False


CONTENT = 'content=_name(b"content", len(key).to_bytes(4, "big"), key, delivery.body)'
PUBLISH_SEAL = "        publish(means, place.tenant, seal, parts, expires, tally)\n"
PUBLISH_FOLD = "        publish(means, place.tenant, manifest, parts, expires, tally)\n"
PUT_MANIFEST = "means.table.write(Put(item, Absent()))"
DELETE = '__import__("skafu.shared.table", fromlist=["Delete"]).Delete'
DELETE_THEM = (
    "        means.table.write_many(\n"
    f'            [{DELETE}(keys.Key(str(x["pk"]), str(x["sk"]))) for x in THEM]\n'
    "        )\n"
)
DROP_BY_SEGMENTS = f"""\
        fresh = means.sources.segments(place, start // HOUR_MS * HOUR_MS, {{start}})[start]
        landed = {{part_at(keys.segment_name(str(x["sk"]))) for x in fresh}}
        for x in list(means.sources.late(place, start, end)):
            name = keys.late_name(str(x["sk"]))
            if part_at(name) in landed:
                means.table.write({DELETE}(keys.late(place.tenant, place.shard, name)))
"""
LOOK_AT_SEGMENTS = """\
                for each in segments
                if not each.late
                or self._table.get(
                    keys.seal(tenant, spread.shard(each.layout, each.bucket), each.bucket),
                    consistent=True,
                )
                or not self._table.get(
                    keys.segment(
                        tenant,
                        spread.shard(each.layout, each.bucket),
                        keys.SegmentName(
                            each.layout,
                            keys.minute_of(each.bucket),
                            min(each.timestamps),
                            each.request,
                        ),
                    ),
                    consistent=True,
                )
"""

MUTANTS = (
    Mutant(
        "1 a request's name is another one for each try",
        (("ingest.py", CONTENT, 'content=_name(b"content", delivery.gateway_id.encode())'),),
        seeds=(0,),
    ),
    Mutant(
        "1 a request's name is its key alone",
        (("ingest.py", CONTENT, 'content=_name(b"content", key or delivery.body)'),),
        seeds=(0,),
    ),
    Mutant(
        "1 a keyed request may leave out timestamps",
        (("points.py", "        if keyed:\n", "        if keyed and value:\n"),),
        seeds=(0,),
    ),
    Mutant(
        "1 untimed points without a key are named by their body",
        (
            (
                "packing.py",
                "request = requests.gateway if i in batch.untimed else requests.content",
                "request = requests.content",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "1 the accepted range does not end at buckets' edges",
        (
            (
                "times.py",
                "return Window(oldest * BUCKET_MS, (newest + 1) * BUCKET_MS)",
                "return Window(now - RAW_RETENTION_MS, now + AHEAD_MS)",
            ),
        ),
        seeds=(33,),
    ),
    Mutant(
        "2 the layout is written after the segment",
        (
            (
                "store.py",
                "        # What is named must be readable first, and live longer.\n"
                "        self._refresh(tenant, layouts)\n",
                "",
            ),
            (
                "store.py",
                "                for each in segments\n            ]\n        )\n",
                "                for each in segments\n            ]\n        )\n"
                "        self._refresh(tenant, layouts)\n",
            ),
        ),
        seeds=(11,),
    ),
    Mutant(
        "2 who has written a layout once never renews its life",
        (
            (
                "store.py",
                "if self._refreshed.get((tenant, x.hash), 0) <= young]",
                "if (tenant, x.hash) not in self._refreshed]",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "2 a request answers before its last write",
        (
            (
                "store.py",
                "            self._table.write_many(some)\n",
                "            self._table.write_many(some[:-1])\n"
                "            self._table.later(some[-1])\n",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "3 writers use segments until the seal is due",
        (
            (
                "times.py",
                "return now > end + WRITERS_STAY_MS - REQUEST_LIFE_MS",
                "return now > end + 305_000",
            ),
        ),
        seeds=(5,),
    ),
    Mutant(
        "3 buckets are sealed at their end",
        (("compaction/lives.py", "SEAL_MS = 5 * MINUTE_MS", "SEAL_MS = 0"),),
        seeds=(10,),
    ),
    Mutant(
        "3 the compactor believes an event that is ahead",
        (
            (
                "compaction/compactor.py",
                "return now if at is None else min(at, now)",
                "return now if at is None else at",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "4 before the seal a segment counts as an earlier try",
        (
            (
                "store.py",
                "                for each in segments\n            ]\n",
                LOOK_AT_SEGMENTS + "            ]\n",
            ),
        ),
        seeds=(37,),
    ),
    Mutant(
        "5 readers count late items that a manifest names",
        (("manifest_reader.py", "if late.part not in seen:", "if late:"),),
        seeds=(0,),
    ),
    Mutant(
        "5 sealing drops late items found among the segments",
        (("compaction/sealing.py", PUBLISH_SEAL, DROP_BY_SEGMENTS + PUBLISH_SEAL),),
        seeds=(0,),
    ),
    Mutant(
        "5 readers take whatever is stored of a group, not what a manifest names",
        (("gathering.py", "return manifest.tag == tag", "return True"),),
        seeds=(6,),
    ),
    Mutant(
        "5 the day's merge takes whatever is stored of a group, not what a seal names",
        (("compaction/chunks.py", "and self._seals[start].tag == tag:", "and tag:"),),
        seeds=(16,),
    ),
    Mutant(
        "5 readers read manifests before late items",
        (
            (
                "manifest_reader.py",
                "        lates = [\n",
                "        generations = self._generations(tenant, shard, days, warnings)\n"
                "        lates = [\n",
            ),
            (
                "manifest_reader.py",
                "        ]\n"
                "        generations = self._generations(tenant, shard, days, warnings)\n",
                "        ]\n",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "5 late items are read eventually consistently",
        (
            (
                "manifest_reader.py",
                "Query(keys.lates(tenant, shard), between=between, consistent=True)",
                "Query(keys.lates(tenant, shard), between=between)",
            ),
        ),
        seeds=(1,),
    ),
    Mutant(
        "5 manifests of days are read eventually consistently",
        (
            (
                "manifest_reader.py",
                "Query(keys.generations(tenant, shard), between=between, consistent=True)",
                "Query(keys.generations(tenant, shard), between=between)",
            ),
        ),
        seeds=(14,),
    ),
    Mutant(
        "5 open buckets are read eventually consistently",
        (
            (
                "sources.py",
                "between=keys.segment_range(layout, start, end),\n"
                "                    consistent=True,\n",
                "between=keys.segment_range(layout, start, end),\n",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "5 the compactor reads segments eventually consistently",
        (
            (
                "compaction/stored.py",
                "self._table.query_all(Query(pk, consistent=True))",
                "self._table.query_all(Query(pk))",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "5 readers look only into the shards that there are at the end",
        (
            (
                "reader.py",
                "self.tenancy.sharding.all(start, end)",
                "range(self.tenancy.sharding.count(end))",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "6 compaction deletes segments before its seal is written",
        (
            (
                "compaction/sealing.py",
                PUBLISH_SEAL,
                DELETE_THEM.replace("THEM", "items") + PUBLISH_SEAL,
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "6 a seal is overwritten by a later run",
        (
            (
                "compaction/sealing.py",
                "wanted = [bucket for bucket in due if bucket[0] not in stored]",
                "wanted = due",
            ),
            (
                "compaction/publishing.py",
                PUT_MANIFEST,
                "means.table.write(Put(item, Absent() if manifest.generation else None))",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "6 a chunk's key does not depend on what is inside",
        (
            (
                "compaction/sealing.py",
                "tag = tag_of(grouping.hashes, [*parts, *marks_of(deleted, start)])",
                'tag = "0" * 16',
            ),
        ),
        seeds=(16,),
    ),
    Mutant(
        "6 the day's merge takes an expired chunk for an empty one",
        (
            (
                "compaction/chunks.py",
                "self._sealing.restore(self._place, self._seals[start])",
                "pass",
            ),
            (
                "compaction/chunks.py",
                'raise Blocked(f"chunks of group {group.hash} are missing in'
                ' {len(missing)} buckets")',
                "pass",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "6 readers take an expired chunk for an empty one",
        (
            (
                "reader.py",
                "            yield from self._restoration().restored(standing, lost)\n",
                "            pass\n",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "6 generation 1 is made while buckets without segments are unsealed",
        (
            (
                "compaction/merging.py",
                "if bucket[0] not in sealed]",
                "if bucket[0] not in sealed and self._means.sources.segments(place,"
                " bucket[0] // 3_600_000 * 3_600_000, {bucket[0]}).get(bucket[0])]",
            ),
        ),
        staged=True,
    ),
    Mutant(
        "6 manifests live as long as chunks",
        (
            (
                "compaction/lives.py",
                "return max(end + self.retention, now) + _BEYOND_MS",
                "return end + CHUNK_LIFE_MS",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "6 segments live as long as chunks",
        (("items.py", "SEGMENT_LIFE_MS = 32 * DAY_MS", "SEGMENT_LIFE_MS = 7 * DAY_MS"),),
        seeds=(0,),
    ),
    Mutant(
        "7 late items expire as segments do",
        (("items.py", "    if not segment.late:\n        item", "    if segment:\n        item"),),
        seeds=(33,),
    ),
    Mutant(
        "7 late items are deleted before their generation is there",
        (
            (
                "compaction/folding.py",
                PUBLISH_FOLD,
                DELETE_THEM.replace("THEM", "late") + PUBLISH_FOLD,
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "7 a fold does not look into earlier manifests",
        (
            (
                "compaction/folding.py",
                "rest = self._drop_named(place, day, late, generations)",
                "rest = late",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "7 the manifest of a generation is put without a condition",
        (
            (
                "compaction/publishing.py",
                PUT_MANIFEST,
                "means.table.write(Put(item, None if manifest.generation else Absent()))",
            ),
        ),
        staged=True,
    ),
)

HARMLESS = (
    Mutant(
        "8 without leases",
        (
            (
                "compaction/compactor.py",
                "elif self._lease.take(place):",
                "elif self._lease.take(place) or place:",
            ),
        ),
    ),
    Mutant(
        "manifests name hardly any requests themselves",
        (("manifests.py", "INLINE_PARTS = 48", "INLINE_PARTS = 1"),),
    ),
)
"""What only saves work, and limits that small worlds do not reach: nothing is wrong with either."""
