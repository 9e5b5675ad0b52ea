"""What people do about firings, in the table: how each firing stands, and what was done and said.

An engagement is of one firing. Where `began` is not that of the firing at hand it tells of an
earlier one, and nobody has looked at this one yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson

from skafu.alerts.paging.model import Engagement
from skafu.shared import keys
from skafu.shared.conflicts import Conflicts
from skafu.shared.table import Absent, Condition, Equals, Put, Query, Table, Value, Write

KEEP_S = 400 * 86_400
"""As long as the log of changes."""

type Named = tuple[str, str]
"""An alert's id and an instance's."""


class Action(StrEnum):
    """What somebody did."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    ASSIGN = "assign"
    COMMENT = "comment"


@dataclass(frozen=True)
class Remark:
    """Something that was done or said about an instance, or about an alert as a whole: then
    `instance` is WHOLE. `began` tells the firing that it is about (None: about none). `by` is an
    identity's subject, and so is `assignee`, which counts for the action ASSIGN alone.
    """

    id: str
    alert: str
    instance: str
    at: int
    by: str
    action: Action
    began: int | None = None
    text: str = ""
    assignee: str | None = None


WHOLE = "whole"
"""In place of an instance's id: what is said about all of an alert. No instance's id is like it."""


@dataclass(frozen=True)
class Stored:
    """An engagement with the revision that it was read at (0: there is none yet)."""

    engagement: Engagement | None = None
    revision: int = 0


class EngagementStore:
    """Engagements of instances, and the remarks about them."""

    def __init__(self, table: Table, conflicts: Conflicts | None = None) -> None:
        self._table = table
        self._conflicts = conflicts or Conflicts()

    def of_many(self, tenant: str, instances: Iterable[Named]) -> dict[Named, Engagement]:
        """The last engagement of each instance that has one (read consistently). Whether it is of
        the present firing, `began` tells.
        """
        found = self.stored(tenant, instances)
        return {x: each.engagement for x, each in found.items() if each.engagement is not None}

    def stored(self, tenant: str, instances: Iterable[Named]) -> dict[Named, Stored]:
        """The same for all of them, with revisions, to be changed."""
        wanted = {keys.engagement(tenant, *each): each for each in instances}
        found = self._table.get_many(wanted, consistent=True)
        return {
            each: _stored(found[key]) if key in found else Stored() for key, each in wanted.items()
        }

    def change(
        self,
        tenant: str,
        changed: Sequence[tuple[Engagement, int]],
        remarks: Sequence[Remark],
        also: Sequence[Write] = (),
    ) -> None:
        """Store engagements, each read at a revision, with the remarks that tell of it, all or
        nothing; at most 100 items.

        Raises ConditionFailed when one of them has changed since it was read.
        """
        writes: list[Write] = [_engagement(tenant, *each) for each in changed]
        writes += [_remark(tenant, each) for each in remarks]
        everything = [*writes, *also]
        self._conflicts.outlive(lambda: self._table.transact(everything))

    def remarks(
        self,
        tenant: str,
        alert: str,
        instance: str,
        limit: int,
        after: Mapping[str, str] | None = None,
    ) -> tuple[list[Remark], Mapping[str, str] | None]:
        """What was done and said about an instance, newest first, and the position after it."""
        query = Query(
            keys.comments(tenant, alert, instance), ascending=False, limit=limit, after=after
        )
        page = self._table.query(query)
        return [remark_from(str(item["body"])) for item in page.items], page.after


def _engagement(tenant: str, engagement: Engagement, revision: int) -> Put:
    item: dict[str, Value] = {
        **keys.engagement(tenant, engagement.alert, engagement.instance)._asdict(),
        "k": "engagement",
        "began": engagement.began,
        "revision": revision + 1,
        "body": orjson.dumps(engagement).decode(),
        "ttl": max(engagement.began, engagement.acknowledged_at or 0) // 1000 + KEEP_S,
    }
    condition: Condition = Equals("revision", revision) if revision else Absent()
    return Put(item, condition)


def _remark(tenant: str, remark: Remark) -> Put:
    key = keys.comment(tenant, remark.alert, remark.instance, remark.at, remark.id)
    return Put(
        {
            **key._asdict(),
            "k": "comment",
            "body": orjson.dumps(remark).decode(),
            "ttl": remark.at // 1000 + KEEP_S,
        },
        Absent(),
    )


def _stored(item: Mapping[str, Value]) -> Stored:
    return Stored(Engagement(**orjson.loads(str(item["body"]))), int(item["revision"]))


def remark_from(text: str | bytes) -> Remark:
    """The reverse of orjson.dumps(remark)."""
    raw = orjson.loads(text)
    return Remark(**{**raw, "action": Action(raw["action"])})
