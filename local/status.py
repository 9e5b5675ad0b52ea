"""What runs, what this machine last said about itself, how the alerts stand, and how far what was
sent is compacted.
"""

import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from skafu.metrics.compaction.mark import Marks
from skafu.metrics.compaction.place import Place
from skafu.metrics.tenancy import Tenancies
from skafu.shared import keys
from skafu.shared.dynamo import DynamoTable
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.table import Query, Table

from local import cloud, login, processes, stack
from local.api import Api
from local.home import Home

LOOK_BACK_MS = 5 * 60_000
PERIOD_S = 60
METRICS = (
    "system.cpu.utilization",
    "system.cpu.load",
    "system.memory.utilization",
    "system.disk.utilization",
    "system.network.received",
    "system.network.sent",
    "system.uptime",
)


def running(home: Home) -> list[tuple[str, ...]]:
    """One row per process: name, id, memory of it and its children."""
    rows: list[tuple[str, ...]] = [("process", "pid", "with children", "memory")]
    for name in ("aws", "agent"):
        process = processes.running(home, name)
        if process is None:
            rows.append((name, "-", "-", "stopped"))
            continue
        family = [process, *process.children(recursive=True)]
        memory = sum(each.memory_info().rss for each in family)
        rows.append((name, str(process.pid), str(len(family)), f"{memory // 2**20} MB"))
    return rows


def metrics(api: Api, now: int) -> list[tuple[str, ...]]:
    """One row per metric of this machine: its latest value, and when that was."""
    queries = [
        {
            "id": f"m{number}",
            "metric": name,
            "statistic": "last",
            "period": PERIOD_S,
            "filters": [{"tag": "host", "op": "=", "value": platform.node()}],
        }
        for number, name in enumerate(METRICS)
    ]
    question = {"start": now - LOOK_BACK_MS, "end": now + 1, "queries": queries}
    results = api.ask("POST", "/api/metrics/query", question)["results"]
    rows: list[tuple[str, ...]] = [("metric", "latest", "minute")]
    for name, result in zip(METRICS, results, strict=True):
        rows.append((name, *_latest(result["series"])))
    return rows


def alerts(api: Api) -> list[tuple[str, ...]]:
    """One row per instance of an alert: name, tags, state, since when."""
    rows: list[tuple[str, ...]] = [("alert", "for", "state", "since")]
    for alert in api.ask("GET", "/api/alerts")["alerts"]:
        for instance in alert["instances"] or [{"tags": {}, "state": "-", "since": None}]:
            tags = ", ".join(f"{name}={value}" for name, value in instance["tags"].items())
            since = _time(instance["since"]) if instance["since"] else "-"
            rows.append((alert["name"], tags or "-", instance["state"], since))
    return rows


def compaction(stored: Table, tenant: str, now: int) -> list[tuple[str, ...]]:
    """One row per shard: up to when points are compacted, how far that is behind, and how much has
    come late since.
    """
    rows: list[tuple[str, ...]] = [("shard", "sealed to", "behind", "merged to", "late items")]
    marks, shards = Marks(stored), Tenancies(stored, lambda: now).of(tenant).sharding
    for shard in shards.all(now - DAY_MS, now + 1):
        mark = marks.read(Place(tenant, shard))
        if mark is None:
            rows.append((str(shard), "-", "-", "-", "-"))
            continue
        late = stored.query_all(Query(keys.lates(tenant, shard), consistent=True))
        behind = f"{max(now - mark.sealed, 0) // MINUTE_MS} min"
        merged = datetime.fromtimestamp(mark.merged / 1000, UTC).date().isoformat()
        rows.append((str(shard), _time(mark.sealed), behind, merged, str(sum(1 for _ in late))))
    return rows


def show(home: Home, api: Api, now: int) -> Iterable[str]:
    """The whole status, line by line."""
    yield from table(running(home))
    if processes.running(home, "aws") and stack.is_deployed(home):
        yield ""
        yield from table(metrics(api, now))
        yield ""
        yield from table(alerts(api))
        yield ""
        tenant = api.ask("GET", "/api/me")["tenant"]
        name = login.read(home)["table_name"]
        stored = DynamoTable(cloud.client(home, "dynamodb"), name)
        yield from table(compaction(stored, tenant, now))


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as lines with aligned columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _latest(series: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """The last value of the first series, and its time."""
    for each in series:
        pairs = zip(each["timestamps"], each["values"], strict=True)
        known = [(at, value) for at, value in pairs if value is not None]
        if known:
            at, value = known[-1]
            return f"{value:,.2f}", _time(at)
    return "-", "-"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S UTC")
