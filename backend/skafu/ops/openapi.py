"""docs/openapi.json: the API as its routes and models say it.

`python -m skafu.ops openapi` writes it, and refuses where a client of the committed file would
break; `--break` is for the day when that is meant. `--check` writes nothing, and fails when the
file is stale.
"""

import argparse
import importlib
import json
from collections.abc import Sequence
from typing import Any

from skafu.ops.generated import ROOT, Generated, write_or_check
from skafu.ops.openapi_changes import breaking_changes
from skafu.ops.openapi_document import Domain, Json, document

PATH = "docs/openapi.json"
# Each has an `api` module with ROUTES and a `schemas` module with the models that the routes name.
DOMAINS = ("metrics", "alerts", "workspace")
# Models that are in a module of their own.
FURTHER = {
    "alerts": (
        "skafu.alerts.backtest.schemas",
        "skafu.alerts.channels_api.schemas",
        "skafu.alerts.code.schemas",
        "skafu.alerts.drills.schemas",
        "skafu.alerts.explain.schemas",
        "skafu.alerts.noise.schemas",
        "skafu.alerts.engagement.schemas",
        "skafu.alerts.routing.schemas",
        "skafu.alerts.silences.schemas",
        "skafu.alerts.summary.schemas",
        "skafu.alerts.versions.schemas",
    ),
    "metrics": (
        "skafu.metrics.account.schemas",
        "skafu.metrics.catalogue.schemas",
        "skafu.metrics.query.schemas",
    ),
    "workspace": (
        "skafu.workspace.clients.schemas",
        "skafu.workspace.dashboards.schemas",
        "skafu.workspace.members.schemas",
    ),
}


def domains() -> tuple[Domain, ...]:
    """All domains, in the order of DOMAINS."""
    return tuple(
        Domain(
            name,
            tuple(importlib.import_module(f"skafu.{name}.api").ROUTES),
            importlib.import_module(f"skafu.{name}.schemas"),
            tuple(importlib.import_module(module) for module in FURTHER.get(name, ())),
        )
        for name in DOMAINS
    )


def generated() -> Generated:
    """docs/openapi.json as it should be."""
    text = json.dumps(document(domains()), indent=2, ensure_ascii=False)
    return Generated(PATH, text + "\n")


def committed() -> dict[str, Json]:
    """docs/openapi.json as it is; an empty document when there is none."""
    path = ROOT / PATH
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {"paths": {}}
    return found


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: stale, or a client would break."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--break", action="store_true", dest="allowed", help="break clients")
    options = parser.parse_args(arguments)
    wanted = generated()
    broken = breaking_changes(committed(), json.loads(wanted.content))
    for sentence in broken:
        print(f"a client would break: {sentence}")
    if broken and not (options.allowed and not options.check):
        return 1
    return write_or_check([wanted], ROOT, check=options.check, command="openapi")
