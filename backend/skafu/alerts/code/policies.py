"""Routes as they stand in a file: the fields of `PUT /api/routing`, with names of channels in place
of ids and without what is the default.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skafu.alerts.code.entries import Wrong, tidy
from skafu.alerts.code.names import Names, ids_of
from skafu.alerts.paging.model import Route
from skafu.alerts.routing.views import route_view
from skafu.shared.differences import Difference, differences
from skafu.shared.errors import FieldError, Unprocessable


@dataclass(frozen=True)
class RouteChange:
    """What becomes of one route, which its name tells."""

    name: str
    outcome: str
    changes: tuple[Difference, ...]


@dataclass(frozen=True)
class PolicyPlan:
    """The routes that are wanted, and what that changes; `moved`: their order changes too."""

    routes: tuple[Route, ...]
    changes: tuple[RouteChange, ...]
    moved: bool

    @property
    def is_news(self) -> bool:
        """Whether anything changes at all."""
        return self.moved or any(each.outcome != "unchanged" for each in self.changes)


def written(routes: Sequence[Route], channels: Names) -> list[dict[str, Any]]:
    """Routes in their order, which is the order in which they are tried."""
    # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
    from skafu.alerts.routing.schemas import NotificationRoute

    fields = NotificationRoute.model_fields
    usual = {name: tidy(each.default) for name, each in fields.items() if not each.is_required()}
    found = []
    for route in routes:
        shown = {name: tidy(value) for name, value in route_view(route).items()}
        entry = {
            name: value
            for name, value in shown.items()
            if value is not None and (name not in usual or value != usual[name])
        }
        found.append(_with_channels(entry, channels.name_of))
    return found


def asked(raw: Any, channels: Names) -> tuple[Route, ...]:
    """What a file's routes ask for. Raises Wrong with paths that begin with `routes`."""
    # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
    from skafu.alerts.routing.schemas import PolicyIn

    # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
    from skafu.shared.validation import validate

    errors: list[FieldError] = []
    entries = raw
    if isinstance(raw, list):
        entries = [_resolved(f"routes.{i}", each, channels, errors) for i, each in enumerate(raw)]
    try:
        routes = validate(PolicyIn, {"routes": entries}).values()
    except Unprocessable as refusal:
        raise Wrong([*errors, *refusal.errors]) from refusal
    if errors:
        raise Wrong(errors)
    return routes


def planned(before: Sequence[Route], after: tuple[Route, ...], channels: Names) -> PolicyPlan:
    """What it means to replace routes by others."""
    old = {each["name"]: each for each in written(before, channels)}
    new = {each["name"]: each for each in written(after, channels)}
    changes = []
    for name in [*new, *(each for each in old if each not in new)]:
        news = tuple(differences(old.get(name), new.get(name)))
        if name not in old:
            outcome = "created"
        elif name not in new:
            outcome = "deleted"
        else:
            outcome = "changed" if news else "unchanged"
        changes.append(RouteChange(name, outcome, news if name in new else ()))
    common = [each for each in new if each in old]
    moved = common != [each for each in old if each in new]
    return PolicyPlan(after, tuple(changes), moved)


def _with_channels(entry: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    """A sound route with its channels, and those of its steps, called otherwise."""
    changed = {**entry, "channels": [rename(each) for each in entry["channels"]]}
    if "steps" in entry:
        changed["steps"] = [
            {**step, "channels": [rename(each) for each in step["channels"]]}
            for step in entry["steps"]
        ]
    return changed


def _resolved(path: str, entry: Any, channels: Names, errors: list[FieldError]) -> Any:
    """Whatever somebody wrote, with ids for the names of channels where it has any."""
    if not isinstance(entry, dict):
        return entry
    changed = dict(entry)
    if isinstance(named := entry.get("channels"), list):
        changed["channels"] = ids_of(f"{path}.channels", named, channels, errors)
    if isinstance(steps := entry.get("steps"), list):
        changed["steps"] = [
            _resolved(f"{path}.steps.{i}", step, channels, errors) for i, step in enumerate(steps)
        ]
    return changed
