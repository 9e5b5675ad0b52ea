"""A tenant's routes in the table: one item, replaced as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from skafu.alerts.channels import present
from skafu.alerts.paging.model import Matchers, Policy, Route, Step
from skafu.alerts.store import UnknownChannels
from skafu.metrics.model import Operator, TagFilter
from skafu.shared import keys
from skafu.shared.conflicts import Conflicts
from skafu.shared.table import (
    Absent,
    Check,
    Condition,
    ConditionFailed,
    Equals,
    Present,
    Put,
    Table,
    Write,
)


class PolicyStore:
    """The present routes of each tenant."""

    def __init__(self, table: Table, conflicts: Conflicts | None = None) -> None:
        self._table = table
        self._conflicts = conflicts or Conflicts()

    def get(self, tenant: str) -> Policy:
        """The routes as they are now (read consistently); without any, version 0."""
        item = self._table.get(keys.policy(tenant), consistent=True)
        return Policy() if item is None else policy_from(str(item["body"]))

    def replace(self, tenant: str, policy: Policy, also: Sequence[Write] = ()) -> None:
        """Store the routes at their next version, `policy.version`, and whatever belongs to the
        change.

        Raises UnknownChannels, and ConditionFailed when the routes are at another version than the
        one before.
        """
        item = {
            **keys.policy(tenant)._asdict(),
            "k": "policy",
            "version": policy.version,
            "body": orjson.dumps(policy).decode(),
        }
        needed = present(tenant, tuple(channels_of(policy.routes)))
        checks = [Check(key, Present()) for _, key in needed]
        everything = [Put(item, _at(policy.version - 1)), *also, *checks]
        try:
            self._conflicts.outlive(lambda: self._table.transact(everything))
        except ConditionFailed as failure:
            first = len(everything) - len(checks)
            missing = [needed[i - first][0] for i in failure.failed if i >= first]
            if len(missing) == len(failure.failed):
                raise UnknownChannels(missing) from failure
            raise


def unchanged(tenant: str, policy: Policy) -> Check:
    """For a transaction that must fail when the routes are others than these by then: the removal
    of a channel that no route names.
    """
    return Check(keys.policy(tenant), _at(policy.version))


def routes_naming(policy: Policy, channel: str) -> tuple[str, ...]:
    """The names of the routes that tell a channel, at once or in one of their steps."""
    return tuple(each.name for each in policy.routes if channel in channels_of([each]))


def channels_of(routes: Iterable[Route]) -> Iterable[str]:
    """Every channel that routes name, each once."""
    named: dict[str, None] = {}
    for route in routes:
        named |= dict.fromkeys(route.channels)
        for step in route.steps:
            named |= dict.fromkeys(step.channels)
    return named


def _at(version: int) -> Condition:
    return Equals("version", version) if version else Absent()


# --- JSON -----------------------------------------------------------------------------------------


def policy_from(text: str | bytes) -> Policy:
    """The reverse of orjson.dumps(policy)."""
    raw = orjson.loads(text)
    routes = tuple(route_from(each) for each in raw["routes"])
    return Policy(version=raw["version"], routes=routes, edited_at=raw["edited_at"])


def route_from(raw: Mapping[str, Any]) -> Route:
    """A route as orjson has written it, loaded."""
    group_by = raw["group_by"]
    return Route(
        **{
            **raw,
            "matchers": matchers_from(raw["matchers"]),
            "channels": tuple(raw["channels"]),
            "group_by": None if group_by is None else tuple(group_by),
            "steps": tuple(Step(each["after"], tuple(each["channels"])) for each in raw["steps"]),
        }
    )


def matchers_from(raw: Iterable[Mapping[str, Any]]) -> Matchers:
    """Matchers as orjson has written them."""
    return tuple(
        TagFilter(each["tag"], Operator(each["op"]), _value(each["value"])) for each in raw
    )


def _value(raw: Any) -> str | tuple[str, ...] | bool:
    if isinstance(raw, list):
        return tuple(str(each) for each in raw)
    return raw if isinstance(raw, bool) else str(raw)
