"""Alerts in the table: the current version of each, every earlier one, and the number that tells
evaluators that any of them changed.

Every change of any alert counts that number up by one, on the condition that nobody else has since
it was read. So what was read of other alerts after it still holds when the change is written: that
those that a composite alert names are there, and that none of them depends on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import batched

from skafu.alerts.changes import change_item
from skafu.alerts.channels import present
from skafu.alerts.codec import alert_from, to_json
from skafu.alerts.composites.namings import Namings
from skafu.alerts.model import Alert
from skafu.shared import keys
from skafu.shared.clock import Clock, system_clock
from skafu.shared.conflicts import Conflicts
from skafu.shared.errors import SkafuError
from skafu.shared.keys import Key
from skafu.shared.table import (
    Absent,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Present,
    Put,
    Query,
    Table,
    TransactionConflict,
    Update,
    Value,
    Write,
)

TOGETHER = 99
"""Items removed in one transaction, which has room for a hundred writes."""


class UnknownChannels(SkafuError):
    """An alert names channels that do not exist (any more)."""

    def __init__(self, channels: Sequence[str]) -> None:
        super().__init__("an alert names a channel that does not exist")
        self.channels = tuple(channels)


@dataclass(frozen=True)
class _Step:
    """A change: its writes, the first of which holds its condition, and the alert after it, None
    where it is removed.
    """

    alert_id: str
    writes: Sequence[Write]
    after: Alert | None
    also: Sequence[Write]


class AlertStore:
    """Definitions of alerts. Each change is one transaction with a new version of the rules."""

    def __init__(
        self,
        table: Table,
        conflicts: Conflicts | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self._table = table
        self._conflicts = conflicts or Conflicts()
        self._clock = clock
        self._namings = Namings(table)

    # --- reads ---

    def get(self, tenant: str, alert_id: str) -> Alert | None:
        """An alert as it is now (read consistently)."""
        item = self._table.get(keys.alert(tenant, alert_id), consistent=True)
        return None if item is None else _alert(item)

    def get_many(self, tenant: str, alert_ids: Iterable[str]) -> dict[str, Alert]:
        """Those that exist, by id."""
        found = self._table.get_many(keys.alert(tenant, each) for each in alert_ids)
        return {key.sk: _alert(item) for key, item in found.items()}

    def page(
        self, tenant: str, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[Alert], Mapping[str, str] | None]:
        """Alerts in the order of their ids, and the position after them."""
        page = self._table.query(Query(keys.alerts(tenant), limit=limit, after=after))
        return [_alert(item) for item in page.items], page.after

    def all(self, tenant: str) -> Iterator[Alert]:
        """Every alert of a tenant (read consistently)."""
        for item in self._table.query_all(Query(keys.alerts(tenant), consistent=True)):
            yield _alert(item)

    def rules_version(self, tenant: str) -> int:
        """How often the tenant's alerts have changed (read consistently); 0 before the first."""
        item = self._table.get(keys.rules_version(tenant), consistent=True)
        return 0 if item is None else int(item["version"])

    def last_version(self, tenant: str, alert_id: str) -> int:
        """The greatest version an alert ever had, deleted ones included; 0 when it had none."""
        query = Query(
            keys.alert_parts(tenant, alert_id),
            begins="version",
            ascending=False,
            limit=1,
            consistent=True,
        )
        return max((int(item["version"]) for item in self._table.query_all(query)), default=0)

    # --- writes ---

    # `also` are further writes of the same transaction: entries of the audit, mostly.

    def create(
        self, tenant: str, alert: Alert, also: Sequence[Write] = (), last: int | None = None
    ) -> Alert:
        """Store a new alert, or one that was deleted before: version numbers are never used twice.

        `last` is the greatest version it ever had, for who has looked already. Raises
        UnknownChannels, Unprocessable where a composite names what it cannot, and ConditionFailed
        when there is an alert with this id, or was since then.
        """
        if last is None:
            last = self.last_version(tenant, alert.id)
        alert = replace(alert, version=last + 1)
        if last:
            self._forget(tenant, alert.id)
        self._change(tenant, _Step(alert.id, _put(tenant, alert, Absent()), alert, also))
        return alert

    def replace(self, tenant: str, alert: Alert, version: int, also: Sequence[Write] = ()) -> Alert:
        """Store the next version of an alert that is at `version`.

        Raises UnknownChannels, Unprocessable where a composite names what it cannot, and
        ConditionFailed when the alert is gone or at another version.
        """
        alert = replace(alert, version=version + 1)
        writes = _put(tenant, alert, Equals("version", version))
        self._change(tenant, _Step(alert.id, writes, alert, also))
        return alert

    def delete(
        self, tenant: str, alert_id: str, version: int | None, also: Sequence[Write] = ()
    ) -> None:
        """Remove an alert, if given only at this version; its versions and its history stay.

        From here on no decision about it can be written. Its instances are removed afterwards;
        until then, and if that is cut short, they are of an alert that no reader finds.
        Raises NamedByComposites, and ConditionFailed when it is gone or at another version.
        """
        condition: Condition = Present() if version is None else Equals("version", version)
        writes = [Delete(keys.alert(tenant, alert_id), condition)]
        self._change(tenant, _Step(alert_id, writes, None, also))
        self._forget(tenant, alert_id)

    def _change(self, tenant: str, step: _Step) -> None:
        needed = present(tenant, step.after.channels if step.after else ())
        checks = [Check(key, Present()) for _, key in needed]

        def attempt() -> None:
            version = self.rules_version(tenant)  # before anything that it vouches for
            body = None if step.after is None else to_json(step.after)
            writes = [
                *checks,
                _counted(tenant, version),
                *step.writes,
                *step.also,
                *self._namings.changed(tenant, step.alert_id, step.after),
                change_item(tenant, version + 1, step.alert_id, body, self._clock()),
            ]
            try:
                self._table.transact(writes)
            except ConditionFailed as failure:
                if failure.failed == (len(checks),):
                    raise TransactionConflict from failure  # another change was quicker
                raise

        try:
            self._conflicts.outlive(attempt)
        except ConditionFailed as failure:
            missing = [needed[i][0] for i in failure.failed if i < len(needed)]
            if missing and max(failure.failed) <= len(needed):
                raise UnknownChannels(missing) from failure
            raise

    def _forget(self, tenant: str, alert_id: str) -> None:
        """Remove the instances of an alert that is gone; those of one that is there stay."""
        parts = keys.alert_parts(tenant, alert_id)
        mine = self._table.query_all(Query(parts, begins="instance", consistent=True))
        gone = [Key(str(item["pk"]), str(item["sk"])) for item in mine]
        # It may be made again at this very moment, and what is decided about it then is not ours.
        absent = Check(keys.alert(tenant, alert_id), Absent())
        for some in batched([*gone, keys.mark(tenant, alert_id)], TOGETHER):
            writes: list[Write | Check] = [absent, *map(Delete, some)]
            try:
                self._conflicts.outlive(partial(self._table.transact, writes))
            except ConditionFailed:
                return


def _counted(tenant: str, version: int) -> Write:
    """The next version of the rules, if nobody has made it since `version` was read."""
    same: Condition = Equals("version", version) if version else Absent()
    return Update(keys.rules_version(tenant), {"k": "rules", "version": version + 1}, when=same)


def _put(tenant: str, alert: Alert, condition: Condition) -> list[Write]:
    """The alert as its current version, and as one that is never overwritten."""
    body = to_json(alert)
    head = keys.alert(tenant, alert.id)
    version = keys.alert_version(tenant, alert.id, alert.version)
    shared: dict[str, Value] = {"version": alert.version, "body": body}
    return [
        Put({"pk": head.pk, "sk": head.sk, "k": "alert", **shared}, condition),
        Put({"pk": version.pk, "sk": version.sk, "k": "version", **shared}, Absent()),
    ]


def _alert(item: Mapping[str, Value]) -> Alert:
    return alert_from(str(item["body"]))
