"""Every key of the one table is built and read here, and nowhere else.

access_patterns.py tells how they are asked for. Rules that all keys follow:

* A key begins with the tenant. Exceptions, by name: memberships (the tenant is what they tell), the
  registry of tenants that the sweeper walks, and which region is active, which is nobody's.
* Parts are joined by `#` and never contain it, so a key can be read back without guessing.
* Times are fixed-width UTC digits, so the order of keys is the order of time, and an operator can
  read them.
"""

from datetime import UTC, datetime
from typing import NamedTuple

SEPARATOR = "#"
_LAST = "~"  # sorts behind every character that a key's parts may begin with
MINUTE_MS = 60_000
BUCKET_MS = 15 * MINUTE_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Key(NamedTuple):
    """The primary key of an item."""

    pk: str
    sk: str


class IndexKey(NamedTuple):
    """The key of an item in GSI1; an item without one is not in the index."""

    gsi1pk: str
    gsi1sk: str


def join(*parts: str) -> str:
    """Join parts to a key. Raises ValueError when a part is empty or contains the separator."""
    if any(not part or SEPARATOR in part for part in parts):
        raise ValueError(f"unsafe key part in {parts!r}")
    return SEPARATOR.join(parts)


def split(key: str) -> tuple[str, ...]:
    """The parts that `join` was given."""
    return tuple(key.split(SEPARATOR))


def hour_of(at: int) -> str:
    """The UTC hour of a time in epoch milliseconds: YYYYMMDDHH."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y%m%d%H")


def day_of(at: int) -> str:
    """The UTC day of a time in epoch milliseconds: YYYYMMDD."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y%m%d")


def bucket_of(at: int) -> str:
    """The 15-minute bucket of a time in epoch milliseconds, named by its start: YYYYMMDDHHMM."""
    return minute_of(at // BUCKET_MS * BUCKET_MS)


def minute_of(at: int) -> str:
    """The minute of a time in epoch milliseconds: YYYYMMDDHHMM. Buckets that last less than a
    quarter of an hour are named by the minute that they start with.
    """
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y%m%d%H%M")


def bucket_start(bucket: str) -> int:
    """The start, in epoch milliseconds, of a bucket that `bucket_of` named."""
    # By hand: strptime takes twenty times as long, and readers ask for every item.
    year, month, day = int(bucket[:4]), int(bucket[4:6]), int(bucket[6:8])
    at = datetime(year, month, day, int(bucket[8:10]), int(bucket[10:12]), tzinfo=UTC)
    return int(at.timestamp()) * 1000


def day_start(day: str) -> int:
    """The start, in epoch milliseconds, of a day that `day_of` named."""
    return int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp()) * 1000


def instant(at: int) -> str:
    """A time in epoch milliseconds as 13 digits (up to the year 2286)."""
    return f"{at:013d}"


# --- identity: the exceptions that do not begin with a tenant -------------------------------------


def membership(subject: str) -> Key:
    """Which tenant a verified identity belongs to, and with which role."""
    return Key(join("member", subject), "membership")


TENANTS = "registry"
"""The partition of the list of all tenants."""


def registry(tenant: str) -> Key:
    """One entry of the list of all tenants, which the sweeper walks."""
    return Key(TENANTS, join("tenant", tenant))


def active_region() -> Key:
    """Which region's consumers act, of a table that is in two."""
    return Key("region", "active")


def tenant_settings(tenant: str) -> Key:
    """A tenant's own record: name, creation, quotas."""
    return Key(join(tenant, "tenant"), "settings")


def member_index(tenant: str, subject: str) -> IndexKey:
    """Memberships of a tenant, by subject."""
    return IndexKey(join(tenant, "members"), subject)


def invitations(tenant: str) -> str:
    """The partition of invitations that are not memberships yet."""
    return join(tenant, "invitations")


def invitation(tenant: str, invitation_id: str) -> Key:
    """Somebody who is to become a member, by an id that their address makes."""
    return Key(invitations(tenant), invitation_id)


def machine_clients(tenant: str) -> str:
    """The partition of a tenant's machine clients."""
    return join(tenant, "clients")


def machine_client(tenant: str, client_id: str) -> Key:
    """A machine client: what its admins know of it; its membership says what it may do."""
    return Key(machine_clients(tenant), client_id)


def machine_client_count(tenant: str) -> Key:
    """How many machine clients a tenant has."""
    return Key(join(tenant, "tenant"), "clients")


def kind_of(pk: str) -> str:
    """What a partition, also one of the index, holds: the part after the tenant, as "segments"; of
    the three exceptions their first part.
    """
    first, *rest = split(pk)
    return rest[0] if rest and first != "member" else first


# --- metrics --------------------------------------------------------------------------------------


class SegmentName(NamedTuple):
    """What a request is in a bucket: the parts of the sort keys of segments and late items."""

    layout: str
    bucket: str
    first: int
    request: str

    @property
    def sk(self) -> str:
        """The sort key of a segment."""
        return join(self.layout, self.bucket, instant(self.first), self.request)


def segments(tenant: str, shard: int, hour: str) -> str:
    """The partition of one hour's segments."""
    return join(tenant, "segments", str(shard), hour)


def segment(tenant: str, shard: int, name: SegmentName) -> Key:
    """All points of one request in one 15-minute bucket."""
    return Key(segments(tenant, shard, name.bucket[:10]), name.sk)


def lates(tenant: str, shard: int) -> str:
    """The partition of late items that no generation has folded yet, in order of bucket. They are
    few, so that a reader takes those of any range, whatever their layouts, in one query.
    """
    return join(tenant, "late", str(shard))


def late(tenant: str, shard: int, name: SegmentName) -> Key:
    """All points of one request in one bucket that writers have left."""
    sk = join(name.bucket, name.layout, instant(name.first), name.request)
    return Key(lates(tenant, shard), sk)


def segment_name(sk: str) -> SegmentName:
    """Read the sort key of a segment back."""
    layout_hash, bucket, first, request = split(sk)
    return SegmentName(layout_hash, bucket, int(first), request)


def late_name(sk: str) -> SegmentName:
    """Read the sort key of a late item back."""
    bucket, layout_hash, first, request = split(sk)
    return SegmentName(layout_hash, bucket, int(first), request)


def segment_range(layout_hash: str, start: int, end: int) -> tuple[str, str]:
    """The sort keys of a layout's segments whose buckets meet [start, end)."""
    low, high = bucket_of(start), minute_of(end - 1)
    return join(layout_hash, low), join(layout_hash, high) + _LAST


def late_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys of the late items whose buckets meet [start, end)."""
    return bucket_of(start), minute_of(end - 1) + _LAST


def late_since(start: int) -> tuple[str, str]:
    """The sort keys of all late items from a bucket on."""
    return bucket_of(start), _LAST


def folded(tenant: str, shard: int, name: SegmentName) -> Key:
    """The copy of a late item that a generation has folded: alerts count it by its receipt, and
    find it as they find segments.
    """
    return Key(folded_hour(tenant, shard, name.bucket[:10]), name.sk)


def folded_hour(tenant: str, shard: int, hour: str) -> str:
    """The partition of the copies of one hour's late items that are folded."""
    return join(tenant, "folded", str(shard), hour)


# --- compacted metrics: groups of series, what names them, and what is named ----------------------


def groups(tenant: str) -> str:
    """The partition of groups."""
    return join(tenant, "groups")


def group(tenant: str, group_hash: str) -> Key:
    """The sorted list of up to 64 series whose points are kept together, named by its content."""
    return Key(groups(tenant), group_hash)


def directory(tenant: str, directory_hash: str) -> Key:
    """A list of groups, named by its content; days and buckets name it instead of repeating it."""
    return Key(join(tenant, "directories"), directory_hash)


def seals(tenant: str, shard: int) -> str:
    """The partition of seals: one for each bucket that is compacted."""
    return join(tenant, "seals", str(shard))


def seal(tenant: str, shard: int, bucket: int) -> Key:
    """The manifest of a compacted bucket, which `bucket`, its start, names."""
    return Key(seals(tenant, shard), minute_of(bucket))


def seal_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys of the seals of all buckets that meet [start, end)."""
    return bucket_of(start), minute_of(end - 1)


def generations(tenant: str, shard: int) -> str:
    """The partition of the manifests of merged days."""
    return join(tenant, "generations", str(shard))


def generation(tenant: str, shard: int, day: int, number: int) -> Key:
    """The manifest of a day's generation: 1 is made of its buckets, each further one of what came
    late.
    """
    return Key(generations(tenant, shard), join(day_of(day), f"{number:04d}"))


def generation_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys of the generations of all days that meet [start, end)."""
    return day_of(start), day_of(end - 1) + _LAST


def generation_name(sk: str) -> tuple[int, int]:
    """Read the sort key of a generation back: the day's start and the number."""
    day, number = split(sk)
    return day_start(day), int(number)


def roster(tenant: str, shard: int, of: str) -> str:
    """The partition of the requests that one manifest names, where they are too many for it; `of`
    is `roster_of_seal` or `roster_of_generation`.
    """
    return join(tenant, "roster", str(shard), of)


def roster_of_seal(bucket: int) -> str:
    """The name of a bucket in `roster`."""
    return minute_of(bucket)


def roster_of_generation(day: int, number: int) -> str:
    """The name of a day's generation in `roster`."""
    return f"{day_of(day)}-{number:04d}"


def roster_part(tenant: str, shard: int, of: str, tag: str, part: int) -> Key:
    """One part of a manifest's requests; `tag` keeps the parts of two writers apart."""
    return Key(roster(tenant, shard, of), join(tag, f"{part:03d}"))


def chunks(tenant: str, shard: int, day: int, group_hash: str) -> str:
    """The partition of a group's chunks of one day."""
    return join(tenant, "chunks", str(shard), day_of(day), group_hash)


def chunk(tenant: str, shard: int, bucket: int, group_hash: str, tag: str, piece: int) -> Key:
    """A piece of a group's points of one bucket."""
    return Key(
        chunks(tenant, shard, bucket, group_hash), join(minute_of(bucket), tag, f"{piece:03d}")
    )


def chunk_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys of the chunks of all buckets that meet [start, end), which is in one day."""
    return bucket_of(start), minute_of(end - 1) + _LAST


def chunk_pieces(bucket: int, tag: str) -> str:
    """How the sort keys of all pieces of one chunk begin."""
    return join(minute_of(bucket), tag) + SEPARATOR


def chunk_name(sk: str) -> tuple[int, str, int]:
    """Read the sort key of a chunk back: the bucket's start, the tag, the piece."""
    bucket, tag, piece = split(sk)
    return bucket_start(bucket), tag, int(piece)


DAYS, ROLLUPS, SKETCHES = "days", "rollups", "sketches"
"""What a generation is made of: points, and for each hour numbers and sketches."""


def merged(tenant: str, shard: int, kind: str, group_hash: str, part: int) -> str:
    """The partition of one part of a group (8 series of day chunks, 16 of rollups and sketches), of
    all days; `kind` is one of DAYS, ROLLUPS and SKETCHES.
    """
    return join(tenant, kind, str(shard), group_hash, str(part))


def merged_piece(partition: str, day: int, number: int, tag: str, piece: int) -> Key:
    """A piece of one generation of one day, in a partition that `merged` named."""
    return Key(partition, join(day_of(day), f"{number:04d}", tag, f"{piece:03d}"))


def merged_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys, in such a partition, of all days that meet [start, end)."""
    return day_of(start), day_of(end - 1) + _LAST


def merged_pieces(day: int, number: int, tag: str) -> str:
    """How the sort keys of all pieces of one generation of one day begin, in such a partition."""
    return join(day_of(day), f"{number:04d}", tag) + SEPARATOR


def merged_name(sk: str) -> tuple[int, int, str, int]:
    """Read such a sort key back: the day's start, the generation, the tag, the piece."""
    day, number, tag, piece = split(sk)
    return day_start(day), int(number), tag, int(piece)


def compaction(tenant: str) -> str:
    """The partition of how far compaction has come."""
    return join(tenant, "compaction")


def compaction_mark(tenant: str, shard: int) -> Key:
    """How far compaction of a shard has come."""
    return Key(compaction(tenant), join("mark", str(shard)))


def compaction_lease(tenant: str, shard: int) -> Key:
    """Who compacts a shard at the moment."""
    return Key(compaction(tenant), join("lease", str(shard)))


def metric_records(tenant: str) -> str:
    """The partition of what is known of each metric for as long as its rollups live."""
    return join(tenant, "metrics")


def metric_record(tenant: str, metric: str) -> Key:
    """A metric: first and last day, number of series, unit, when it was last queried or watched."""
    return Key(metric_records(tenant), metric)


def deletions(tenant: str) -> str:
    """The partition of metrics that were deleted."""
    return join(tenant, "deletions")


def deletion(tenant: str, metric: str) -> Key:
    """Up to when a metric's points are deleted, and how far their removal has come."""
    return Key(deletions(tenant), metric)


def usage(tenant: str) -> str:
    """The partition of what a tenant has used, by day."""
    return join(tenant, "usage")


def usage_of(tenant: str, day: int, part: str) -> Key:
    """One part of a day's usage: what a manifest's compaction has counted, or what was read."""
    return Key(usage(tenant), join(day_of(day), part))


def flow(tenant: str, minute: int) -> Key:
    """How many points have come in one minute, of those that were counted together so far."""
    return Key(join(tenant, "flow"), instant(minute))


def layouts(tenant: str) -> str:
    """The partition of a tenant's layouts."""
    return join(tenant, "layouts")


def layout(tenant: str, layout_hash: str) -> Key:
    """The sorted list of series of a batch, named by its content."""
    return Key(layouts(tenant), layout_hash)


def catalogue(tenant: str) -> str:
    """The partition that tells which metric is in which layouts, in order of metric name."""
    return join(tenant, "catalogue")


def catalogue_entry(tenant: str, metric: str, layout_hash: str) -> Key:
    """A metric occurs in a layout."""
    return Key(catalogue(tenant), join(metric, layout_hash))


def catalogue_name(sk: str) -> tuple[str, str]:
    """Read the sort key of a catalogue entry back: metric and layout."""
    metric, layout_hash = split(sk)
    return metric, layout_hash


def catalogue_range(prefix: str, after: str = "") -> tuple[str, str]:
    """The sort keys of the metrics whose names begin with `prefix`, those up to `after` left out.

    A name's characters (DESIGN 4) all sort behind the separator and its successor, so a name's
    entries stand together, and names stand in their own order.
    """
    low = after + chr(ord(SEPARATOR) + 1) if after else prefix
    # DynamoDB takes no empty text in a condition; a blank sorts before every name.
    return max(low, prefix) or " ", prefix + _LAST


def catalogue_prefix(metric: str) -> str:
    """How the sort keys of one metric's catalogue entries begin."""
    return metric + SEPARATOR


# --- alerts ---------------------------------------------------------------------------------------


def alerts(tenant: str) -> str:
    """The partition of a tenant's alerts: the current version of each."""
    return join(tenant, "alerts")


def alert(tenant: str, alert_id: str) -> Key:
    """The current version of an alert."""
    return Key(alerts(tenant), alert_id)


def rules_version(tenant: str) -> Key:
    """A number that grows with every change to any alert of the tenant: what evaluators' caches are
    checked against.
    """
    return Key(rules(tenant), "version")


def rules(tenant: str) -> str:
    """The partition of what evaluators read in place of all alerts: what changed, and a copy."""
    return join(tenant, "rules")


def rules_change(tenant: str, version: int) -> Key:
    """The change of one alert that made this version of the rules."""
    return Key(rules(tenant), join("change", f"{version:012d}"))


def changes_after(version: int) -> tuple[str, str]:
    """The sort keys of all changes that made later versions than this one."""
    return join("change", f"{version + 1:012d}"), join("change", _LAST)


def packed_rules(tenant: str) -> Key:
    """The manifest of the packed copy of all alerts: it names the parts."""
    return Key(rules(tenant), PACKED_RULES)


def packed_part(tenant: str, version: int, tag: str, part: int) -> Key:
    """A part of a packed copy, which version of the rules and `tag`, a hash, name."""
    return Key(rules(tenant), join(PACKED_RULES, f"{version:012d}", tag, f"{part:03d}"))


def packed_until(version: int) -> tuple[str, str]:
    """The sort keys of all parts of packed copies of this version of the rules or earlier ones."""
    first = join(PACKED_RULES, f"{0:012d}")
    return first, join(PACKED_RULES, f"{version:012d}", _LAST)


PACKED_RULES = "packed"
"""How the sort keys of the manifest and of all parts begin, the manifest first."""


def alert_parts(tenant: str, alert_id: str) -> str:
    """The partition of what belongs to one alert: versions, instances, mark."""
    return join(tenant, "alert", alert_id)


def alert_of(part: Key) -> str:
    """The alert that a version, an instance or a mark belongs to."""
    return split(part.pk)[2]


def alert_version(tenant: str, alert_id: str, version: int) -> Key:
    """One version of an alert's definition; it rules the buckets that end after its edit."""
    return Key(alert_parts(tenant, alert_id), join("version", f"{version:08d}"))


def instance(tenant: str, alert_id: str, instance_id: str) -> Key:
    """The state of one instance: an alert for one tag set of its group_by."""
    return Key(alert_parts(tenant, alert_id), join("instance", instance_id))


def ended(tenant: str, alert_id: str, at: int, instance_id: str) -> Key:
    """That an instance came to an end: composite alerts still read what it did before."""
    return Key(alert_parts(tenant, alert_id), join("ended", instant(at), instance_id))


def ended_after(at: int) -> tuple[str, str]:
    """The sort keys of the ends of instances after a moment."""
    return join("ended", instant(at + 1)), join("ended", _LAST)


def naming(tenant: str, alert_id: str, composite_id: str) -> Key:
    """That a composite alert names this one, which can then not be deleted."""
    return Key(alert_parts(tenant, alert_id), join(NAMINGS, composite_id))


NAMINGS = "named"
"""How the sort keys of all namings of an alert begin."""


def mark(tenant: str, alert_id: str) -> Key:
    """The end of the last bucket that can no longer change, for every instance of the alert."""
    return Key(alert_parts(tenant, alert_id), "mark")


def states(tenant: str, state: str) -> str:
    """The index partition of all instances that are in a state."""
    return join(tenant, "state", state)


def state_index(tenant: str, state: str, since: int, alert_id: str, instance_id: str) -> IndexKey:
    """Instances by state, oldest first: `GET /api/alerts?state=ALARM`."""
    return IndexKey(states(tenant, state), join(instant(since), alert_id, instance_id))


def decisions(tenant: str, alert_id: str, instance_id: str) -> str:
    """The partition of an instance's decision log."""
    return join(tenant, "decisions", alert_id, instance_id)


def decision(tenant: str, alert_id: str, instance_id: str, end: int, revision: int) -> Key:
    """One recorded decision: the bucket is named by its end."""
    return Key(
        decisions(tenant, alert_id, instance_id), join("decision", instant(end), f"{revision:06d}")
    )


def late_mark(tenant: str, alert_id: str, instance_id: str, hour: int) -> Key:
    """That data came too late to decide anything, once for each hour of their receipt. It stands
    beside the log, in the history.
    """
    return Key(decisions(tenant, alert_id, instance_id), join("late", instant(hour)))


DECISIONS_BEGIN = join("decision", instant(0))
DECISIONS_END = join("decision", instant(10**13 - 1))
"""Before and after every sort key of a decision log."""


def decision_since(at: int) -> str:
    """Before the sort keys, in a decision log, of all buckets that end at `at` or later."""
    return join("decision", instant(at))


def history(tenant: str, alert_id: str) -> str:
    """The index partition of all decisions about an alert."""
    return join(tenant, "history", alert_id)


def history_index(
    tenant: str, alert_id: str, end: int, instance_id: str, revision: int
) -> IndexKey:
    """Decisions of all instances of an alert, by time: `GET /api/alerts/{id}/history`."""
    return IndexKey(history(tenant, alert_id), join(instant(end), instance_id, f"{revision:06d}"))


def history_end(gsi1sk: str) -> int:
    """The end of the bucket that an entry of `history_index` is about."""
    return int(split(gsi1sk)[0])


def outbox(tenant: str, delivery_id: str) -> Key:
    """A notification that a transition asked for, written with it and taken after it; or a page,
    written with its group's new state and sent after it.
    """
    return Key(join(tenant, "outbox"), delivery_id)


def pending(tenant: str) -> str:
    """The index partition of notifications that nobody has had in hand yet."""
    return join(tenant, "pending")


def pending_index(tenant: str, created: int, delivery_id: str) -> IndexKey:
    """Outbox items not yet handed over, oldest first: what the sweeper sends again. Sent again, an
    item moves on: `created` is then the moment that its next minute of waiting counts from.
    """
    return IndexKey(pending(tenant), join(instant(created), delivery_id))


def attempts(tenant: str, delivery_id: str) -> str:
    """The partition of everything that was tried for one notification."""
    return join(tenant, "attempts", delivery_id)


def attempt(tenant: str, delivery_id: str, channel_id: str, at: int) -> Key:
    """One try to hand a notification to one channel, and what came of it."""
    return Key(attempts(tenant, delivery_id), join(channel_id, instant(at)))


def channels(tenant: str) -> str:
    """The partition of a tenant's channels."""
    return join(tenant, "channels")


def channel(tenant: str, channel_id: str) -> Key:
    """Where notifications go: a topic or a webhook."""
    return Key(channels(tenant), channel_id)


def policy(tenant: str) -> Key:
    """A tenant's routes."""
    return Key(join(tenant, "policy"), "routes")


def silences(tenant: str) -> str:
    """The partition of a tenant's silences."""
    return join(tenant, "silences")


def silence(tenant: str, silence_id: str) -> Key:
    """What is not told for a while."""
    return Key(silences(tenant), silence_id)


def silence_records(tenant: str) -> str:
    """The partition of all silences, also those that were over not long ago."""
    return join(tenant, "silenced")


def silence_record(tenant: str, silence_id: str) -> Key:
    """A silence as it was last."""
    return Key(silence_records(tenant), silence_id)


def baseline(tenant: str, alert_id: str, version: int, instance_id: str, day: int) -> Key:
    """What is usual for an instance on one day, as learnt for one version of the alert."""
    name = join(instance_id, f"{version:010d}", day_of(day))
    return Key(join(tenant, "baselines", alert_id), name)


def engagement(tenant: str, alert_id: str, instance_id: str) -> Key:
    """What people do about the present (or last) firing of an instance."""
    return Key(alert_parts(tenant, alert_id), join("engagement", instance_id))


def comments(tenant: str, alert_id: str, instance_id: str) -> str:
    """The partition of what people said about an instance."""
    return join(tenant, "comments", alert_id, instance_id)


def comment(tenant: str, alert_id: str, instance_id: str, at: int, comment_id: str) -> Key:
    """One comment, in order of time."""
    return Key(comments(tenant, alert_id, instance_id), join(instant(at), comment_id))


def page_group(tenant: str, group: str) -> Key:
    """Notifications that are told together: who fires, what was told, what comes next."""
    return Key(join(tenant, "group"), group)


def timers(tenant: str) -> str:
    """The index partition of groups that something is due for, earliest first."""
    return join(tenant, "timers")


def timer_index(tenant: str, due: int, group: str) -> IndexKey:
    """When a group has to be looked at again."""
    return IndexKey(timers(tenant), join(instant(due), group))


def drills(tenant: str) -> str:
    """The partition of a tenant's fire drills."""
    return join(tenant, "drills")


def drill(tenant: str, drill_id: str) -> Key:
    """One fire drill, and how far it has come."""
    return Key(drills(tenant), drill_id)


def pages_between(group: str, start: int, end: int) -> tuple[str, str]:
    """The sort keys, in the outbox, of a group's pages of [start, end)."""
    return f"{group}-{instant(start)}", f"{group}-{instant(max(start, end - 1))}{_LAST}"


def withheld(tenant: str, group: str) -> str:
    """The partition of what a group would have told and did not."""
    return join(tenant, "withheld", group)


def withheld_at(tenant: str, group: str, at: int, revision: int) -> Key:
    """Who was withheld from a moment on; `revision` is the group's then."""
    return Key(withheld(tenant, group), join(instant(at), f"{revision:08d}"))


def withheld_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys of what was withheld in [start, end)."""
    return instant(start), instant(max(start, end - 1)) + _LAST


def whereabouts(tenant: str, alert_id: str, instance_id: str) -> Key:
    """Which groups an instance is in, and up to which of its transitions they are told."""
    return Key(alert_parts(tenant, alert_id), join("whereabouts", instance_id))


# --- dashboards -----------------------------------------------------------------------------------


def dashboards(tenant: str) -> str:
    """The partition of what lists tell of a tenant's dashboards."""
    return join(tenant, "dashboards")


def dashboard(tenant: str, dashboard_id: str) -> Key:
    """What a list tells of a dashboard, and its version."""
    return Key(dashboards(tenant), dashboard_id)


def dashboard_count(tenant: str) -> Key:
    """How many dashboards a tenant has."""
    return Key(join(tenant, "tenant"), "dashboards")


def dashboard_parts(tenant: str, dashboard_id: str) -> str:
    """The partition of a dashboard's versions."""
    return join(tenant, "dashboard", dashboard_id)


def dashboard_version(tenant: str, dashboard_id: str, version: int) -> Key:
    """Who made a version of a dashboard, and what it changed."""
    return Key(dashboard_parts(tenant, dashboard_id), join("version", f"{version:08d}"))


def dashboard_content(tenant: str, dashboard_id: str, version: int) -> Key:
    """What a version of a dashboard says."""
    return Key(dashboard_parts(tenant, dashboard_id), join("content", f"{version:08d}"))


def showings(tenant: str) -> str:
    """The partition of which metrics dashboards show."""
    return join(tenant, "showings")


def showing(tenant: str, dashboard_id: str) -> Key:
    """The metrics that a dashboard shows."""
    return Key(showings(tenant), dashboard_id)


# --- audit ----------------------------------------------------------------------------------------


def audit(tenant: str) -> str:
    """The partition of all changes that people and machines made."""
    return join(tenant, "audit")


def audit_entry(tenant: str, at: int, name: str) -> Key:
    """One change, in order of time."""
    return Key(audit(tenant), join(instant(at), name))


def audit_of(tenant: str, kind: str, subject: str) -> str:
    """The index partition of the changes of one thing."""
    return join(tenant, "audit", kind, subject)


def audit_index(tenant: str, kind: str, subject: str, at: int, name: str) -> IndexKey:
    """The changes of one thing, in order of time."""
    return IndexKey(audit_of(tenant, kind, subject), join(instant(at), name))


def audit_range(start: int, end: int) -> tuple[str, str]:
    """The sort keys, in table and index, of the changes in [start, end)."""
    # Entries at `end` sort behind it: their keys go on after the time.
    return instant(start), instant(end)
