"""Groups and pages as they are kept in items.

Alerts stand once for all notifications that name them, and what is long is deflated: a group of a
thousand instances has a tenth of an item's 400 KB.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from skafu.alerts.codec import alert_from, notification_of
from skafu.alerts.model import Alert, Notification
from skafu.alerts.paging.group import (
    Fate,
    Group,
    Member,
    Reason,
    Said,
    Telling,
    Verdict,
    Who,
    Withheld,
)
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.alerts.routing.store import route_from

DEFLATED_ABOVE = 4_000  # bytes: shorter ones stay readable for people

type Raw = dict[str, Any]


class _Alerts:
    """Alerts that notifications name by their place in a list."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], int] = {}
        self.listed: list[Alert] = []

    def of(self, notification: Notification) -> Raw:
        """The notification, its alert replaced by the place."""
        alert = notification.alert
        place = self._places.setdefault((alert.id, alert.version), len(self.listed))
        if place == len(self.listed):
            self.listed.append(alert)
        return {**vars(notification), "alert": place}


def _packed(raw: Raw) -> str | bytes:
    text = orjson.dumps(raw)
    return zlib.compress(text, 1) if len(text) > DEFLATED_ABOVE else text.decode()


def _unpacked(body: str | bytes) -> Any:
    return orjson.loads(zlib.decompress(body) if isinstance(body, bytes) else body)


def _alerts(raw: Raw) -> list[Alert]:
    return [alert_from(orjson.dumps(each)) for each in raw["alerts"]]


def _notification(raw: Raw, alerts: list[Alert]) -> Notification:
    return notification_of(raw, alerts[raw["alert"]])


# --- groups ---------------------------------------------------------------------------------------


def group_body(group: Group) -> str | bytes:
    """A group but for its version, which is the item's; `group_from` reads it back."""
    alerts = _Alerts()
    members = [
        {**vars(each), "notification": alerts.of(each.notification)}
        for each in group.members.values()
    ]
    raw = {name: x for name, x in vars(group).items() if name not in ("version", "size")}
    return _packed({**raw, "members": members, "alerts": alerts.listed})


def group_from(body: str | bytes, version: int) -> Group:
    """`size` is that of the body."""
    raw = _unpacked(body)
    alerts = _alerts(raw)
    del raw["alerts"]
    members = [_member(each, alerts) for each in raw["members"]]
    return Group(
        **{
            **raw,
            "route": route_from(raw["route"]),
            "members": {each.who: each for each in members},
            "reached": tuple(raw["reached"]),
            "version": version,
            "size": len(body),
        }
    )


def _member(raw: Raw, alerts: list[Alert]) -> Member:
    said = raw["said"]
    return Member(
        **{
            **raw,
            "notification": _notification(raw["notification"], alerts),
            "told": Told(raw["told"]),
            "said": None if said is None else Said(**{**said, "told": Told(said["told"])}),
            "withheld": _withheld(raw["withheld"]),
        }
    )


def _withheld(raw: Raw | None) -> Withheld | None:
    return None if raw is None else Withheld(**{**raw, "why": Reason(raw["why"])})


# --- pages ----------------------------------------------------------------------------------------


def telling_body(telling: Telling) -> str | bytes:
    """A page with everything that is needed to tell it again exactly as it was."""
    alerts = _Alerts()
    page = telling.page
    items = [{**vars(each), "notification": alerts.of(each.notification)} for each in page.items]
    return _packed(
        {
            "page": {**vars(page), "items": items, "omitted": _counts(page.omitted)},
            "alerts": alerts.listed,
            "channels": telling.channels,
            "previous": telling.previous,
            "about": [list(each) for each in telling.about],
        }
    )


def _counts(omitted: Mapping[Told, int]) -> dict[str, int]:
    return {told.value: number for told, number in omitted.items()}


def telling_from(body: str | bytes) -> Telling:
    raw = _unpacked(body)
    alerts = _alerts(raw)
    page = raw["page"]
    items = tuple(
        PageItem(
            **{
                **each,
                "notification": _notification(each["notification"], alerts),
                "told": Told(each["told"]),
            }
        )
        for each in page["items"]
    )
    return Telling(
        page=Page(
            **{
                **page,
                "cause": PageCause(page["cause"]),
                "items": items,
                "omitted": {Told(told): number for told, number in page["omitted"].items()},
            }
        ),
        channels=tuple(raw["channels"]),
        previous=raw["previous"],
        about=tuple(Who(*each) for each in raw["about"]),
    )


# --- what became of transitions -------------------------------------------------------------------


def fates_body(fates: Iterable[Fate]) -> str:
    return orjson.dumps([asdict(each) for each in fates]).decode()


def fates_from(text: str | bytes) -> tuple[Fate, ...]:
    return tuple(
        Fate(
            **{
                **each,
                "verdict": Verdict(each["verdict"]),
                "withheld": _withheld(each["withheld"]),
            }
        )
        for each in orjson.loads(text)
    )


def withheld_body(withheld: Iterable[tuple[Who, Withheld]]) -> str | bytes:
    """Who was withheld from one moment on."""
    return _packed({"withheld": [[list(who), asdict(each)] for who, each in withheld]})


def withheld_from(body: str | bytes) -> dict[Who, Withheld]:
    return {
        Who(*who): Withheld(**{**each, "why": Reason(each["why"])})
        for who, each in _unpacked(body)["withheld"]
    }


# --- where an instance is -------------------------------------------------------------------------


@dataclass(frozen=True)
class Whereabouts:
    """The groups that an instance is in, and the newest of its transitions that they know.
    `version` is the item's, 0 before it is stored.
    """

    groups: tuple[str, ...] = ()
    bucket: int = -1
    revision: int = -1
    version: int = 0

    @property
    def position(self) -> tuple[int, int]:
        return self.bucket, self.revision

    def after(self, groups: Iterable[str], position: tuple[int, int]) -> "Whereabouts":
        """The same at its next version."""
        bucket, revision = position
        moved = replace(self, groups=tuple(groups), bucket=bucket, revision=revision)
        return replace(moved, version=self.version + 1)
