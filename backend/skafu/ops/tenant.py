"""A tenant's own record: what it may use, and how its points are spread.

Without further arguments the record is shown. Quotas hold within a minute. Shards and the length of
buckets decide where a point's item is, so a change of these is a step: it begins with an hour that
is behind everything that can be written by now, at least three hours ahead, and replaces what was
planned for then or later.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from skafu.metrics.tenancy import (
    MAX_SHARDS,
    Bucketing,
    Quotas,
    Sharding,
    Steps,
    Tenancy,
    change,
    tenancy_from,
    with_step,
)
from skafu.ops import deployment
from skafu.ops.compact import shown
from skafu.shared import aws, keys
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.keys import BUCKET_MS, MINUTE_MS
from skafu.shared.quotas import MACHINE_CLIENTS
from skafu.shared.table import ConditionFailed, Table, Value

MINUTES = {"5": 5, "15": 15, "auto": None}
QUOTAS = ("active_series", "points_a_minute", "batch_points", "retention_days")


def changed(before: Tenancy, options: Mapping[str, Any], now: int) -> Tenancy:
    """The record with what the options name; what is None stays. A length of buckets that somebody
    chose stays until they say auto.
    """
    quotas = {name: options[name] for name in QUOTAS if options[name] is not None}
    shards, chosen = options["shards"], options["bucket_minutes"]
    sharding, bucketing, paced = before.sharding, before.bucketing, before.paced
    if shards is not None:
        sharding = Sharding(with_step(sharding.steps, shards, now, default=1))
    if chosen is not None:
        paced = MINUTES[chosen] is None
    if chosen is not None and (minutes := MINUTES[chosen]) is not None:
        steps = with_step(bucketing.steps, minutes * MINUTE_MS, now, default=BUCKET_MS)
        bucketing = Bucketing(steps)
    clients = options["machine_clients"]
    return Tenancy(
        replace(before.quotas, **quotas),
        sharding,
        bucketing,
        paced,
        before.machine_clients if clients is None else clients,
    )


def told(tenancy: Tenancy) -> list[str]:
    """The record for people; a quota that is as for everybody says so."""
    usual = vars(Quotas())
    lines = []
    for name, value in vars(tenancy.quotas).items():
        text = "as the environment" if value is None else f"{value:,}"
        note = "  (the default)" if value == usual[name] else ""
        lines.append(f"{name.replace('_', ' '):16}  {text}{note}")
    note = "  (the default)" if tenancy.machine_clients == MACHINE_CLIENTS else ""
    lines.append(f"{'machine clients':16}  {tenancy.machine_clients}{note}")
    lines += _steps("shards", tenancy.sharding.steps, 1, 1)
    lines += _steps("bucket minutes", tenancy.bucketing.steps, BUCKET_MS, MINUTE_MS)
    if not tenancy.paced:
        lines.append(f"{'':16}  chosen by hand: --bucket-minutes auto leaves it to the compactor")
    return lines


def _steps(title: str, steps: Steps, first: int, unit: int) -> list[str]:
    lines = [f"{title:16}  {first // unit}"]
    return lines + [f"{'':16}  {value // unit} from {shown(at)}" for at, value in steps]


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    found = deployment.find(options, make, ["TableName"])
    table = DynamoTable(found.client("dynamodb"), found.outputs["TableName"])
    return run(table, options, clock())


def run(table: Table, options: argparse.Namespace, now: int) -> int:
    """Change the record if the options say so, and show it."""
    item = table.get(keys.tenant_settings(options.tenant), consistent=True)
    if item is None:
        print(f"there is no tenant {options.tenant}", file=sys.stderr)
        return 1
    before = tenancy_from(item)
    after = changed(before, vars(options), now)
    if after != before and not _written(table, options.tenant, item, after):
        print("somebody else has just changed this record: look at it, try again", file=sys.stderr)
        return 1
    print("\n".join(told(after)))
    return 0


def _written(table: Table, tenant: str, item: Mapping[str, Value], after: Tenancy) -> bool:
    try:
        table.write(change(tenant, item, after))
    except ConditionFailed:
        return False
    return True


def _positive(text: str) -> int:
    found = int(text)
    if found < 1:
        raise ValueError
    return found


def _count(text: str) -> int:
    found = int(text)
    if found < 0:
        raise ValueError
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops tenant",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--tenant", required=True, help="its id, as GET /api/me tells it")
    for name in QUOTAS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=_positive, metavar="N")
    parser.add_argument("--machine-clients", type=_count, metavar="N")
    parser.add_argument(
        "--shards", type=int, choices=range(1, MAX_SHARDS + 1), metavar=f"1..{MAX_SHARDS}"
    )
    parser.add_argument("--bucket-minutes", choices=MINUTES)
    return parser
