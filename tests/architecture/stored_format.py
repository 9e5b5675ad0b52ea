"""What the functions store, as far as source tells: versions of codecs, kinds of items and their
attributes, how keys are asked for, and the values that are kept as JSON.

`python -m tests.architecture.stored_format` records it beside the data format that it belongs to,
once backend/skafu/data_format.json tells a new one, or with --readable WHY when the release before
this one reads all the same what this one writes.
"""

import argparse
import ast
import dataclasses
import json
import sys
import typing
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from skafu.alerts import channels
from skafu.alerts import model as alerts
from skafu.alerts.drills.model import Drill
from skafu.alerts.engagement.store import Remark
from skafu.alerts.paging import group, model
from skafu.metrics.compaction.merging import Progress
from skafu.metrics.tenancy import Quotas
from skafu.shared.access_patterns import ACCESS_PATTERNS
from skafu.shared.audit import Change
from skafu.workspace.dashboards import model as dashboards
from tests.architecture.source import BACKEND, Module, deployed

RECORDED = Path(__file__).with_name("stored_format.json")
FORMAT = BACKEND / "skafu" / "data_format.json"
VERSIONS = ("VERSION", "WITH_KINDS")
BODIES = (
    alerts.Alert,
    alerts.Decision,
    alerts.InstanceState,
    alerts.Notification,
    channels.Channel,
    group.Fate,
    group.Group,
    group.Withheld,
    model.Engagement,
    model.Page,
    model.PageItem,
    model.Policy,
    model.Silence,
    Change,
    Drill,
    Quotas,
    Remark,
    Progress,
    dashboards.Head,
    dashboards.Version,
)
"""Values that are kept as JSON in an attribute of an item; what they consist of is followed."""


@cache
def stored() -> dict[str, Any]:
    """All of it, in an order of its own."""
    patterns: dict[str, list[str]] = {}
    for each in ACCESS_PATTERNS:
        patterns.setdefault(each.kind, []).append(f"{each.index}: {each.condition}")
    items: dict[str, set[str]] = {}
    for kind, attributes in (found for module in deployed() for found in _items(module)):
        items.setdefault(kind, set()).update(attributes)
    bodies: dict[str, Any] = {}
    for kept in BODIES:
        _follow(kept, bodies)
    return {
        "versions": dict(sorted(found for module in deployed() for found in _versions(module))),
        "keys": {kind: sorted(asked) for kind, asked in sorted(patterns.items())},
        "items": {kind: sorted(attributes) for kind, attributes in sorted(items.items())},
        "bodies": dict(sorted(bodies.items())),
    }


def _versions(module: Module) -> Iterator[tuple[str, int]]:
    """The numbers that payloads begin with."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [each.id for each in node.targets if isinstance(each, ast.Name)]
            if isinstance(node.value.value, int) and set(names) & set(VERSIONS):
                yield f"{module.name}.{names[0]}", node.value.value


def _items(module: Module) -> Iterator[tuple[str, set[str]]]:
    """Items as they are written out: their kind, and the attributes that are named beside it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Dict):
            known = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
            if "k" in known:
                yield ast.unparse(known["k"]).replace("'", ""), known.keys() - {"k"}


def _follow(kept: Any, found: dict[str, Any]) -> None:
    """Fields of a class and of all that it consists of; the values of enumerations."""
    for each in typing.get_args(kept):
        _follow(each, found)
    if isinstance(kept, typing.TypeAliasType):
        _follow(kept.__value__, found)
    if not isinstance(kept, type):
        return
    name = f"{kept.__module__}.{kept.__qualname__}"
    if name in found or not kept.__module__.startswith("skafu."):
        return
    if issubclass(kept, Enum):
        found[name] = [each.value for each in kept]
        return
    hints = typing.get_type_hints(kept)
    names = (
        [each.name for each in dataclasses.fields(kept)]
        if dataclasses.is_dataclass(kept)
        else list(hints)
    )
    found[name] = {each: _said(hints[each]) for each in names}
    for each in names:
        _follow(hints[each], found)


def _said(hint: Any) -> str:
    return hint.__qualname__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where two records differ, in words."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from differences(old.get(name), new.get(name), f"{place} > {name}".strip(" >"))
    elif old != new:
        yield f"{place}: {old} -> {new}"


def main(arguments: Sequence[str], place: Path = RECORDED, told: Path = FORMAT) -> int:
    """Record at `place` what is stored now; 1 when nobody has said what that means for older
    releases, in the file `told` or by a reason.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readable", metavar="WHY")
    options = parser.parse_args(arguments)
    recorded = json.loads(place.read_text("utf-8")) if place.exists() else {}
    data_format, now = json.loads(told.read_text("utf-8")), stored()
    changed = list(differences(recorded.get("stored", now), now))
    is_raised = data_format["writes"] != recorded.get("writes")
    if changed and not is_raised and options.readable is None:
        print("\n".join([*changed, f"Raise `writes` in {told.name}, or say --readable WHY."]))
        return 1
    readable = [] if is_raised else recorded.get("readable", [])
    if options.readable:
        readable = [*readable, options.readable]
    record = {"writes": data_format["writes"], "readable": readable, "stored": now}
    place.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
