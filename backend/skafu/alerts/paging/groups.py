"""Groups in the table: one item each, changed only from the version that was read.

A group that is closed stays for a while as an item without members, out of the index: its pages
are numbered on when it opens again, and a page of before does not overtake one of after.
"""

import hashlib
from collections.abc import Iterable, Mapping

import orjson

from skafu.alerts.paging.codec import (
    Whereabouts,
    group_body,
    group_from,
    withheld_body,
    withheld_from,
)
from skafu.alerts.paging.group import Group, Looked, Who, Withheld
from skafu.alerts.routing.choosing import FALLBACK, OWN, Choice
from skafu.shared import keys
from skafu.shared.table import (
    Absent,
    Condition,
    Equals,
    Item,
    Put,
    Query,
    Table,
    Value,
)

CLOSED_KEEP_S = 30 * 86_400
"""Longer than a page can lie parked before an operator sends it again: 14 days."""

KEEP_S = 90 * 86_400
"""How long it can be looked at where an instance was, and what was withheld of it."""

MOST_MEMBERS = 1_000
FULL_BYTES = 120_000
"""With so many instances or bytes, packed, a group takes no more: others go into its next part."""


def identity_of(choice: Choice, who: Who) -> str:
    """Whose group it is: the alert's own, a route's by its name, or nobody's."""
    if choice.route.name == OWN:
        return f"{OWN}:{who.alert}"
    return FALLBACK if choice.route.name == FALLBACK else f"route:{choice.route.name}"


def group_id(choice: Choice, who: Who) -> str:
    """The first part of the group that a choice puts an instance into: 24 hexadecimal digits."""
    labels: object = sorted(choice.group_labels.items())
    if choice.route.group_by is None:
        labels = list(who)
    text = orjson.dumps([identity_of(choice, who), choice.route.group_by is None, labels])
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def part(group: str, number: int) -> str:
    """The id of a group's part: 1 is the group itself."""
    return group if number == 1 else f"{first_part(group)}.{number}"


def first_part(group: str) -> str:
    """The group that a part belongs to."""
    return group.partition(".")[0]


def is_full(group: Group | None) -> bool:
    """Whether a group takes no further instances; None has not been opened yet."""
    return group is not None and (len(group.members) >= MOST_MEMBERS or group.size > FULL_BYTES)


def opened(group: str, choice: Choice, who: Who, now: int, before: Group | None) -> Group:
    """A group that opens, its pages numbered on from `before`, when it was closed last."""
    number, last, version = (before.number, before.last, before.version) if before else (0, None, 0)
    return Group(
        id=group,
        identity=identity_of(choice, who),
        route=choice.route,
        labels=choice.group_labels,
        opened=now,
        number=number,
        last=last,
        version=version,
    )


class GroupStore:
    """Reads groups and where instances are, all consistently but for the index."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get_many(self, tenant: str, ids: Iterable[str]) -> dict[str, Group]:
        """Those that there are, closed ones too, by id."""
        wanted = [keys.page_group(tenant, each) for each in ids]
        if not wanted:
            return {}
        found = self._table.get_many(wanted, consistent=True)
        return {key.sk: group_of(item) for key, item in found.items()}

    def open_ids(self, tenant: str) -> list[str]:
        """All groups that are open, by the index, which lags behind the table."""
        query = Query(keys.timers(tenant), index="GSI1")
        return [str(item["sk"]) for item in self._table.query_all(query)]

    def withheld(
        self, tenant: str, group: str, start: int, end: int
    ) -> list[tuple[int, dict[Who, Withheld]]]:
        """Who was withheld from which moments of [start, end) on."""
        query = Query(keys.withheld(tenant, group), between=keys.withheld_range(start, end))
        return [(int(x["at"]), withheld_from(_body(x))) for x in self._table.query_all(query)]


def group_of(item: Item) -> Group:
    """A group from its item."""
    return group_from(_body(item), int(item["version"]))


def whereabouts_of(item: Mapping[str, Value] | None) -> Whereabouts:
    """Where an instance is, from its item."""
    if item is None:
        return Whereabouts()
    groups = tuple(orjson.loads(str(item["groups"])))
    return Whereabouts(groups, int(item["bucket"]), int(item["revision"]), int(item["version"]))


# --- writes, which belong into one transaction ----------------------------------------------------


def stored(tenant: str, group: Group, now: int) -> Put:
    """The group at its next version, if it is still at the one that was read."""
    key = keys.page_group(tenant, group.id)
    item: dict[str, Value] = {
        **key._asdict(),
        "k": "group",
        "version": group.version + 1,
        "due": group.due,
        "body": group_body(group),
    }
    if group.members:
        item |= keys.timer_index(tenant, group.due, group.id)._asdict()
    else:
        item["ttl"] = now // 1000 + CLOSED_KEEP_S
    return Put(item, _at(group.version))


def located(tenant: str, who: Who, known: Whereabouts, now: int) -> Put:
    """Where an instance is, if that was at the version before."""
    item: dict[str, Value] = {
        **keys.whereabouts(tenant, *who)._asdict(),
        "k": "whereabouts",
        "version": known.version,
        "groups": orjson.dumps(known.groups).decode(),
        "bucket": known.bucket,
        "revision": known.revision,
    }
    if not known.groups:
        item["ttl"] = now // 1000 + KEEP_S
    return Put(item, _at(known.version - 1))


def kept_back(tenant: str, looked: Looked, now: int) -> list[Put]:
    """That something is not told from now on, if there is any such thing."""
    if not looked.withheld:
        return []
    group = looked.group
    item: dict[str, Value] = {
        **keys.withheld_at(tenant, group.id, now, group.version)._asdict(),
        "k": "withheld",
        "at": now,
        "ttl": now // 1000 + KEEP_S,
        "body": withheld_body(looked.withheld),
    }
    return [Put(item)]


def _at(version: int) -> Condition:
    return Equals("version", version) if version else Absent()


def _body(item: Item) -> str | bytes:
    body = item["body"]
    return body if isinstance(body, bytes) else str(body)
