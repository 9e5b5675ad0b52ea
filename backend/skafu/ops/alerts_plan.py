"""What a file would change, alert by alert: its fields, and the pages of the last days."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from skafu.ops.alerts_client import Client, Trouble
from skafu.shared.clock import Clock
from skafu.shared.keys import DAY_MS

# Fields that decide nothing: a change of these alone changes no page's number.
WORDS = frozenset({"name", "description", "runbook_url", "channels"})
SIGNS = {"created": "+", "changed": "~", "deleted": "-", "failed": "!", "left": "…"}

type Json = Mapping[str, Any]


@dataclass(frozen=True)
class Backtest:
    """Pages and seconds in alarm of the last days, before and after; `error`: why nobody knows."""

    pages: tuple[int, int] = (0, 0)
    seconds: tuple[int, int] = (0, 0)
    error: str | None = None


@dataclass(frozen=True)
class Planned:
    """One alert of the plan; no backtest where nothing is decided otherwise, or none was asked."""

    alert: Json
    backtest: Backtest | None

    @property
    def outcome(self) -> str:
        """As the API calls it."""
        return str(self.alert["outcome"])


@dataclass(frozen=True)
class Plan:
    """What the API says, with backtests over `days`."""

    answer: Json
    alerts: tuple[Planned, ...]
    days: int

    @property
    def is_news(self) -> bool:
        """Whether anything would change."""
        routes = self.answer["routes"]
        changes = any(each.outcome != "unchanged" for each in self.alerts)
        return changes or (routes is not None and routes["outcome"] != "unchanged")

    @property
    def pages(self) -> tuple[int, int]:
        """Of all alerts that change, before and after."""
        known = [each.backtest.pages for each in self.alerts if each.backtest is not None]
        return sum(before for before, _ in known), sum(after for _, after in known)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the alerts whose pages nobody knows."""
        return tuple(
            str(each.alert["name"])
            for each in self.alerts
            if each.backtest is not None and each.backtest.error is not None
        )


def plan(client: Client, answer: Json, days: int, clock: Clock, backtests: bool = True) -> Plan:
    """Try every change of a dry run on the last days."""
    end = clock()
    trial = _Trial(client, end - days * DAY_MS, end)
    alerts = [
        Planned(each, trial.run(each) if backtests and _decides_otherwise(each) else None)
        for each in answer["alerts"]
    ]
    return Plan(answer, tuple(alerts), days)


class _Trial:
    """Asks for backtests of one range."""

    def __init__(self, client: Client, start: int, end: int) -> None:
        self._client = client
        self._range = {"start": start, "end": end}

    def run(self, alert: Json) -> Backtest:
        """Before and after: without the alert there are no pages."""
        stored = f"/api/alerts/{quote(str(alert['id']), safe='')}/backtest"
        draft = {**self._range, "alert": alert["alert"]}
        try:
            match alert["outcome"]:
                case "created":
                    found = self._client.json("POST", "/api/alerts/backtest", draft)
                    return Backtest((0, found["pages"]), (0, found["seconds_in_alarm"]))
                case "deleted":
                    found = self._client.json("POST", stored, self._range)
                    return Backtest((found["pages"], 0), (found["seconds_in_alarm"], 0))
                case _:
                    found = self._client.json("POST", stored, draft)["difference"]
                    return Backtest(tuple(found["pages"]), tuple(found["seconds_in_alarm"]))
        except Trouble as trouble:
            return Backtest(error="; ".join((str(trouble), *trouble.details)))


def _decides_otherwise(alert: Json) -> bool:
    if alert["outcome"] == "changed":
        return any(
            each["field"].partition(".")[0] not in WORDS | {"labels"} for each in alert["changes"]
        )
    return alert["outcome"] in ("created", "deleted")


# --- for people and for machines ------------------------------------------------------------------


def document(found: Plan) -> dict[str, Any]:
    """The plan as JSON: the API's answer, each alert with its backtest."""
    before, after = found.pages
    return {
        **found.answer,
        "days": found.days,
        "pages": {"before": before, "after": after},
        "alerts": [{**each.alert, "backtest": _numbers(each.backtest)} for each in found.alerts],
    }


def _numbers(backtest: Backtest | None) -> dict[str, Any] | None:
    if backtest is None:
        return None
    if backtest.error is not None:
        return {"error": backtest.error}
    return {"pages": list(backtest.pages), "seconds_in_alarm": list(backtest.seconds)}


def told(found: Plan) -> Iterator[str]:
    """The plan in lines: what is made (+), changed (~) and removed (-)."""
    for each in found.alerts:
        if each.outcome != "unchanged":
            yield from _alert(each, found.days)
    yield from routes_told(found.answer["routes"])
    yield summary(found.answer["counts"])
    if any(each.backtest is not None for each in found.alerts):
        before, after = found.pages
        yield f"Last {_count(found.days, 'day')}, all of these: {before} -> {_count(after, 'page')}"
    if found.unknown:
        yield f"Not known of: {', '.join(found.unknown)}"


def _alert(planned: Planned, days: int) -> Iterator[str]:
    alert = planned.alert
    yield f"{SIGNS[planned.outcome]} {alert['name']}"
    yield from (f"    {line}" for line in changes_told(alert["changes"]))
    backtest = planned.backtest
    if backtest is None:
        return
    if backtest.error is not None:
        yield f"    last {_count(days, 'day')}: not known: {backtest.error}"
        return
    pages, seconds = backtest.pages, backtest.seconds
    yield (
        f"    last {_count(days, 'day')}: {pages[0]} -> {_count(pages[1], 'page')}, "
        f"{_duration(seconds[0])} -> {_duration(seconds[1])} in alarm"
    )


def changes_told(changes: Sequence[Json]) -> Iterator[str]:
    """Fields with what they were and will be."""
    for each in changes:
        field, before, after = each["field"], each["before"], each["after"]
        if before is None:
            yield f"{field}: {_shown(after)}"
        else:
            yield f"{field}: {_shown(before)} -> {_shown(after)}"


def routes_told(routes: Json | None) -> Iterator[str]:
    """What becomes of the routes, if anything does."""
    if routes is None or routes["outcome"] == "unchanged":
        return
    for each in routes["routes"]:
        if each["outcome"] != "unchanged":
            yield f"{SIGNS[each['outcome']]} route {each['name']}"
            yield from (f"    {line}" for line in changes_told(each["changes"]))
    if routes["moved"]:
        yield "~ routes are tried in another order"


def summary(counts: Json) -> str:
    """How much, in a sentence."""
    words = [f"{counts[name]} {name}" for name in counts if counts[name]]
    return f"Alerts: {', '.join(words) or 'none'}"


def _shown(value: Any) -> str:
    if value is None:
        return "(default)"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) and "\n" not in value else json.dumps(value)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _duration(seconds: int) -> str:
    """Roughly: the two greatest units."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes = rest // 60
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (rest % 60, "s"))
    words = [f"{number} {unit}" for number, unit in units if number]
    return " ".join(words[:2]) or "0 s"
