"""The ways in which the table is read: docs/data-model.md is made of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AccessPattern:
    """One way the table is read: who asks, through which index, with which key condition."""

    kind: str
    question: str
    index: str
    condition: str


ACCESS_PATTERNS = (
    AccessPattern(
        "membership", "who is this identity", "table", "pk = member#<subject>, sk = membership"
    ),
    AccessPattern("membership", "who belongs to this tenant", "GSI1", "gsi1pk = <tenant>#members"),
    AccessPattern("registry", "which tenants are there (sweeper)", "table", "pk = registry"),
    AccessPattern("region", "which region is active", "table", "pk = region, sk = active"),
    AccessPattern(
        "tenant", "what are this tenant's settings", "table", "pk = <tenant>#tenant, sk = settings"
    ),
    AccessPattern(
        "invitation",
        "which invitations are not memberships yet",
        "table",
        "pk = <tenant>#invitations, sk = <invitation>",
    ),
    AccessPattern(
        "client",
        "machine clients of a tenant; one client",
        "table",
        "pk = <tenant>#clients, sk = <client>",
    ),
    AccessPattern(
        "count",
        "how many machine clients a tenant has",
        "table",
        "pk = <tenant>#tenant, sk = clients",
    ),
    AccessPattern(
        "segment",
        "points of an hour, of the layouts that hold a metric",
        "table",
        "pk = <tenant>#segments#<shard>#<hour>, sk between <layout>#<bucket>",
    ),
    AccessPattern(
        "late",
        "points that came after their bucket closed, of any range",
        "table",
        "pk = <tenant>#late#<shard>, sk between <bucket>",
    ),
    AccessPattern(
        "folded",
        "points that came late and are in a generation by now, of an hour, by receipt",
        "table",
        "pk = <tenant>#folded#<shard>#<hour>, sk between <layout>#<bucket>",
    ),
    AccessPattern(
        "layout", "which series a layout lists", "table", "pk = <tenant>#layouts, sk = <layout>"
    ),
    AccessPattern(
        "catalogue",
        "metric names by prefix; layouts of a metric",
        "table",
        "pk = <tenant>#catalogue, sk begins with <metric>",
    ),
    AccessPattern(
        "group", "which series a group lists", "table", "pk = <tenant>#groups, sk = <group>"
    ),
    AccessPattern(
        "directory",
        "which groups a bucket or day has",
        "table",
        "pk = <tenant>#directories, sk = <directory>",
    ),
    AccessPattern(
        "seal",
        "which buckets of a range are compacted, and into what",
        "table",
        "pk = <tenant>#seals#<shard>, sk between <bucket>",
    ),
    AccessPattern(
        "generation",
        "which days of a range are merged, and into what",
        "table",
        "pk = <tenant>#generations#<shard>, sk between <day>",
    ),
    AccessPattern(
        "roster",
        "which requests a manifest names, where they are many",
        "table",
        "pk = <tenant>#roster#<shard>#<bucket, or day-generation>, sk begins with <tag>",
    ),
    AccessPattern(
        "chunk",
        "points of a group of series, within a day",
        "table",
        "pk = <tenant>#chunks#<shard>#<day>#<group>, sk between <bucket>",
    ),
    AccessPattern(
        "day",
        "points of 8 series, over days",
        "table",
        "pk = <tenant>#days#<shard>#<group>#<part>, sk between <day>#<generation>",
    ),
    AccessPattern(
        "rollup",
        "hours of 16 series, over days",
        "table",
        "pk = <tenant>#rollups#<shard>#<group>#<part>, sk between <day>#<generation>",
    ),
    AccessPattern(
        "sketch",
        "quantiles of the hours of 16 series, over days",
        "table",
        "pk = <tenant>#sketches#<shard>#<group>#<part>, sk between <day>#<generation>",
    ),
    AccessPattern(
        "mark",
        "how far compaction has come",
        "table",
        "pk = <tenant>#compaction, sk = mark#<shard>",
    ),
    AccessPattern(
        "lease", "who compacts a shard", "table", "pk = <tenant>#compaction, sk = lease#<shard>"
    ),
    AccessPattern(
        "metric",
        "metrics of the past, and when each was last looked at",
        "table",
        "pk = <tenant>#metrics, sk = <metric>",
    ),
    AccessPattern(
        "deletion",
        "which metrics are deleted, and how far that is",
        "table",
        "pk = <tenant>#deletions, sk = <metric>",
    ),
    AccessPattern(
        "usage",
        "what a tenant has used in a range of days",
        "table",
        "pk = <tenant>#usage, sk between <day>",
    ),
    AccessPattern(
        "flow", "how many points came in this minute", "table", "pk = <tenant>#flow, sk = <minute>"
    ),
    AccessPattern(
        "alert", "alerts of a tenant; one alert", "table", "pk = <tenant>#alerts, sk = <alert>"
    ),
    AccessPattern("rules", "have the alerts changed", "table", "pk = <tenant>#rules, sk = version"),
    AccessPattern(
        "change",
        "which alerts changed since a version of the rules, and how",
        "table",
        "pk = <tenant>#rules, sk between change#<version>",
    ),
    AccessPattern(
        "packed",
        "all alerts of a tenant, packed",
        "table",
        "pk = <tenant>#rules, sk begins with packed",
    ),
    AccessPattern(
        "version",
        "versions of an alert's definition",
        "table",
        "pk = <tenant>#alert#<alert>, sk begins with version",
    ),
    AccessPattern(
        "instance",
        "states of an alert's instances",
        "table",
        "pk = <tenant>#alert#<alert>, sk begins with instance",
    ),
    AccessPattern(
        "instance", "which instances are in ALARM", "GSI1", "gsi1pk = <tenant>#state#<state>"
    ),
    AccessPattern(
        "ended",
        "which instances of an alert came to an end since a moment",
        "table",
        "pk = <tenant>#alert#<alert>, sk between ended#<moment>",
    ),
    AccessPattern(
        "naming",
        "which composite alerts name an alert",
        "table",
        "pk = <tenant>#alert#<alert>, sk begins with named",
    ),
    AccessPattern(
        "mark", "up to where an alert is final", "table", "pk = <tenant>#alert#<alert>, sk = mark"
    ),
    AccessPattern(
        "decision",
        "decision log of an instance",
        "table",
        "pk = <tenant>#decisions#<alert>#<instance>, sk begins with decision",
    ),
    AccessPattern("decision", "history of an alert", "GSI1", "gsi1pk = <tenant>#history#<alert>"),
    AccessPattern("outbox", "one notification", "table", "pk = <tenant>#outbox, sk = <delivery>"),
    AccessPattern(
        "outbox", "notifications not yet handed over", "GSI1", "gsi1pk = <tenant>#pending"
    ),
    AccessPattern(
        "attempt",
        "what came of sending a notification",
        "table",
        "pk = <tenant>#attempts#<delivery>",
    ),
    AccessPattern(
        "channel",
        "channels of a tenant; one channel",
        "table",
        "pk = <tenant>#channels, sk = <channel>",
    ),
    AccessPattern("policy", "routes of a tenant", "table", "pk = <tenant>#policy, sk = routes"),
    AccessPattern(
        "silence",
        "what may have to be muted",
        "table",
        "pk = <tenant>#silences",
    ),
    AccessPattern(
        "silence",
        "silences of a tenant, past ones too; one silence",
        "table",
        "pk = <tenant>#silenced, sk = <silence>",
    ),
    AccessPattern(
        "baseline",
        "what is usual for an instance on a day",
        "table",
        "pk = <tenant>#baselines#<alert>, sk = <instance>#<version>#<day>",
    ),
    AccessPattern(
        "engagement",
        "who has acknowledged this firing",
        "table",
        "pk = <tenant>#alert#<alert>, sk = engagement#<instance>",
    ),
    AccessPattern(
        "comment",
        "what people said about an instance",
        "table",
        "pk = <tenant>#comments#<alert>#<instance>",
    ),
    AccessPattern("group", "what is told together", "table", "pk = <tenant>#group, sk = <group>"),
    AccessPattern(
        "page",
        "pages of a group in a range of time",
        "table",
        "pk = <tenant>#outbox, sk between <group>-<moment>",
    ),
    AccessPattern(
        "withheld",
        "what a group did not tell in a range of time",
        "table",
        "pk = <tenant>#withheld#<group>, sk between <moment>",
    ),
    AccessPattern(
        "whereabouts",
        "which groups an instance is in",
        "table",
        "pk = <tenant>#alert#<alert>, sk = whereabouts#<instance>",
    ),
    AccessPattern(
        "group",
        "which groups have to be looked at by now",
        "GSI1",
        "gsi1pk = <tenant>#timers, gsi1sk <= <now>",
    ),
    AccessPattern("drill", "one fire drill", "table", "pk = <tenant>#drills, sk = <drill>"),
    AccessPattern(
        "dashboard",
        "dashboards of a tenant; the version of one",
        "table",
        "pk = <tenant>#dashboards, sk = <dashboard>",
    ),
    AccessPattern(
        "count",
        "how many dashboards a tenant has",
        "table",
        "pk = <tenant>#tenant, sk = dashboards",
    ),
    AccessPattern(
        "edition",
        "versions of a dashboard",
        "table",
        "pk = <tenant>#dashboard#<dashboard>, sk begins with version",
    ),
    AccessPattern(
        "content",
        "what a version of a dashboard says",
        "table",
        "pk = <tenant>#dashboard#<dashboard>, sk = content#<version>",
    ),
    AccessPattern("showing", "which dashboards show a metric", "table", "pk = <tenant>#showings"),
    AccessPattern("audit", "what was changed, in order of time", "table", "pk = <tenant>#audit"),
    AccessPattern(
        "audit", "what was changed of one thing", "GSI1", "gsi1pk = <tenant>#audit#<kind>#<id>"
    ),
)
