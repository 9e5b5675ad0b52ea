"""From a file and the alerts that there are to what has to be done: pure.

An entry is the alert whose id it gives; without one, the alert with its name. What is no alert yet
is made. With `prune`, alerts that no entry is are removed, those alone that have the labels of the
scope.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from skafu.alerts.code import entries, ordering, policies
from skafu.alerts.code.claims import ALERTS, Claim, Faults, claims_of
from skafu.alerts.code.entries import Entry, Wrong
from skafu.alerts.code.names import Names, names
from skafu.alerts.code.policies import PolicyPlan
from skafu.alerts.code.reading import Document
from skafu.alerts.definitions import problems
from skafu.alerts.model import Alert, Draft
from skafu.alerts.paging.model import Route
from skafu.shared.differences import Difference, differences
from skafu.shared.errors import FieldError

MAX_ALERTS = 1_000
ROUTES = "routes"

type Scope = Mapping[str, str]
"""Labels that an alert has to have."""


class Act(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"


@dataclass(frozen=True)
class Step:
    """One alert: what happens to it. `line` is where its entry begins, None without one; `body` is
    what `POST /api/alerts` would take, None where nothing is asked. `present` is None for an alert
    that is made.
    """

    act: Act
    id: str
    name: str
    line: int | None
    present: Alert | None
    draft: Draft | None
    body: Entry | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Present:
    """What there is: alerts (without the stand-ins of drills) by id, routes, names of channels."""

    alerts: Mapping[str, Alert]
    channels: Names
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Plan:
    """`steps` in the order in which they are done, routes after them (None: the file has none)."""

    steps: tuple[Step, ...]
    policy: PolicyPlan | None


class Refused(Exception):
    """A file that cannot be applied: every field at fault, as `alerts.3.threshold`."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("the file cannot be applied")
        self.errors = tuple(errors)


def in_scope(alert: Alert, scope: Scope) -> bool:
    """Whether an alert has all labels of a scope."""
    return all(alert.labels.get(name) == value for name, value in scope.items())


def plan(
    document: Document, present: Present, new_id: Callable[[], str], prune: bool, scope: Scope
) -> Plan:
    """What has to be done, in an order in which it can be: an alert that others name comes before
    them, what is removed comes last. Raises Refused.
    """
    return _Planning(document, present, new_id).plan(prune, scope)


class _Planning:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self, document: Document, present: Present, new_id: Callable[[], str]) -> None:
        self._document = document
        self._present = present
        self._new_id = new_id
        self._faults = Faults(document)

    def plan(self, prune: bool, scope: Scope) -> Plan:
        claims = claims_of(self._entries(), self._present.alerts, self._new_id, self._faults)
        claimed = {each.id for each in claims}
        others = [x for x in self._present.alerts.values() if x.id not in claimed]
        gone = [x for x in others if prune and in_scope(x, scope)]
        removed = {x.id for x in gone}
        stay = {x.id: x.name for x in others if x.id not in removed}
        after = names("alert", {**stay, **{x.id: str(x.entry["name"]) for x in claims}}.items())
        made = [step for step in (self._step(each, after) for each in claims) if step]
        ordered = self._ordered(made, {each.id: each.index for each in claims})
        policy = self._policy()
        if self._faults.errors:
            raise Refused(self._faults.errors)
        return Plan((*ordered, *self._removals(gone)), policy)

    # --- entries ---

    def _entries(self) -> list[Any]:
        found = self._document.value
        if not isinstance(found, dict) or not isinstance(found.get(ALERTS), list):
            raise Refused([FieldError(ALERTS, "is required: a list of alerts")])
        for name in found.keys() - {ALERTS, ROUTES}:
            self._faults.add((name,), "is unknown; known are alerts and routes")
        if len(found[ALERTS]) > MAX_ALERTS:
            raise Refused([FieldError(ALERTS, f"has more than {MAX_ALERTS:,} alerts")])
        return list(found[ALERTS])

    # --- steps ---

    def _step(self, claim: Claim, after: Names) -> Step | None:
        path = (ALERTS, claim.index)
        try:
            body, draft = entries.asked(claim.entry, after, self._present.channels)
        except Wrong as wrong:
            self._faults.all(path, wrong.errors)
            return None
        unsound = problems(draft.definition)
        if unsound:
            self._faults.all(path, unsound)
            return None
        present, line = claim.present, self._document.line(path)
        if present is None:
            made = Alert(**vars(draft), id=claim.id, version=1, created_at=0, edited_at=0)
            news = differences(None, self._written(made, after))
            return Step(Act.CREATED, claim.id, draft.name, line, None, draft, body, tuple(news))
        changed = replace(present, **vars(draft))
        act = Act.UNCHANGED if changed == present else Act.CHANGED
        news = differences(self._written(present, after), self._written(changed, after))
        return Step(act, claim.id, draft.name, line, present, draft, body, tuple(news))

    def _written(self, alert: Alert, alerts: Names) -> Entry:
        entry = entries.written(alert, alerts, self._present.channels)
        return {name: value for name, value in entry.items() if name != "id"}

    def _ordered(self, steps: list[Step], indices: Mapping[str, int]) -> list[Step]:
        """What is named comes before what names it; otherwise as in the file."""
        by_id = {step.id: step for step in steps}
        try:
            order = ordering.named_first({x.id: _named(x.body or {}) for x in steps})
        except ordering.Circle as circle:
            ring = " -> ".join(by_id[each].name for each in circle.ring)
            path = (ALERTS, indices[circle.ring[0]], entries.NAMES_ALERTS)
            self._faults.add(path, f"these would depend on themselves: {ring}")
            return steps
        return [by_id[each] for each in order]

    def _removals(self, gone: Iterable[Alert]) -> Iterator[Step]:
        """Composites go first: what an alert names cannot be removed before it."""
        by_id = {alert.id: alert for alert in gone}
        nobody = names("alert", ())
        shown = {
            alert.id: _named(entries.written(alert, nobody, self._present.channels))
            for alert in by_id.values()
        }
        for each in reversed(ordering.named_first(shown)):
            alert = by_id[each]
            yield Step(Act.DELETED, each, alert.name, None, alert, None, None, ())

    def _policy(self) -> PolicyPlan | None:
        if ROUTES not in self._document.value:
            return None
        try:
            wanted = policies.asked(self._document.value[ROUTES], self._present.channels)
        except Wrong as wrong:
            self._faults.all((), wrong.errors)
            return None
        return policies.planned(self._present.routes, wanted, self._present.channels)


def _named(entry: Entry) -> set[str]:
    return entries.alerts_in(entry.get(entries.NAMES_ALERTS))
