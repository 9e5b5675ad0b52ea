"""The night itself: who is told what, what people do about it, and what is recorded of it all."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skafu.shared.clock import Clock

from local.api import Api
from local.night import recordings
from local.night.ears import Ears, Heard, listening
from local.night.recordings import MACHINES, METRIC, Feed, Machine

type Tell = Callable[[str], None]

PERIOD_S = 5
SILENCED_S = 75
LEAD_AFTER_S = 60
PATIENCE_S = 60
"""So long after the last value what is still missing is waited for."""

CPU = {"metric": METRIC, "statistic": "avg", "period": PERIOD_S, "group_by": ["host"]}
TWO_OF_THREE = {"evaluation_periods": 3, "datapoints_to_alarm": 2}
ALERTS: tuple[dict[str, Any], ...] = (
    {
        **CPU,
        **TWO_OF_THREE,
        "name": "cpu is high",
        "filters": [{"tag": "host", "op": "!=", "value": "web-1"}],
        "comparison": ">",
        "threshold": 60,
        "recovery": 50,
        "severity": "high",
        "levels": [{"severity": "critical", "threshold": 95}],
        "missing_data": "ignore",
    },
    {
        **CPU,
        **TWO_OF_THREE,
        "name": "site has no load",
        "filters": [{"tag": "host", "op": "prefix", "value": "web-"}],
        "comparison": "<",
        "threshold": 50,
        "severity": "high",
        "description": "The web server idles: the way to it is broken, mostly.",
        "runbook_url": "https://wiki.example/runbooks/no-load",
    },
    {
        **CPU,
        "name": "database is busy",
        "filters": [{"tag": "host", "op": "=", "value": "db-1"}],
        "comparison": ">",
        "threshold": 12,
        "evaluation_periods": 3,
        "severity": "medium",
        "keep_firing": 20,
    },
    {
        "type": "heartbeat",
        "name": "agent is silent",
        "metric": METRIC,
        "group_by": ["host"],
        "no_data_for": 20,
        "severity": "medium",
    },
)
PREFIX = "night: "
SEVERE = ["critical", "high"]


@dataclass
class Night:
    """One night, as the admin `api` plays it. `played_at` is when the recordings began, in epoch
    milliseconds; `checks` are what should have come about, and whether it has.
    """

    api: Api
    tell: Tell
    clock: Clock
    began: float = 0.0
    played_at: int = 0
    alerts: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    checks: list[tuple[str, bool]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """A line, with the second of the night."""
        self.tell(f"{time.monotonic() - self.began:6.1f} s  {text}")

    def heard(self, heard: Heard) -> None:
        """What somebody was told."""
        firing = ", ".join(f"{what} {status}" for what, status in heard.hosts.items())
        self.say(f"{heard.who:>5} hears: {firing.replace(PREFIX, '')}")

    # --- before the night ---

    def prepare(self, ears: Ears) -> None:
        """Channels, routes, alerts, and a silence for the nightly batch."""
        for who in ("pager", "lead", "chat"):
            wanted = {"name": PREFIX + who, "type": "webhook", "url": ears.url(who)}
            self.channels[who] = self.api.ask("POST", "/api/channels", wanted)["id"]
        for wanted in ALERTS:
            self._alert(wanted)
        both = [{"alert": self.alerts[x]} for x in ("site has no load", "database is busy")]
        self._alert(
            {
                "type": "composite",
                "name": "site is down",
                "condition": {"all": both},
                "severity": "critical",
            }
        )
        self.say(f"{len(self.alerts)} alerts watch {METRIC}")

    def _alert(self, wanted: Mapping[str, Any]) -> None:
        named = {**wanted, "name": PREFIX + wanted["name"], "labels": {"team": "night"}}
        self.alerts[wanted["name"]] = self.api.ask("POST", "/api/alerts", named)["id"]

    def routes(self) -> list[dict[str, Any]]:
        """Severe ones page together, and wake the lead after a minute; the rest is for the chat."""
        mine = {"label": "team", "op": "=", "value": "night"}
        return [
            {
                "name": "night pages",
                "matchers": [mine, {"label": "severity", "op": "in", "value": SEVERE}],
                "channels": [self.channels["pager"]],
                "group_by": ["alertname"],
                "wait": 3,
                "interval": 10,
                "steps": [{"after": LEAD_AFTER_S, "channels": [self.channels["lead"]]}],
            },
            {"name": "night chat", "matchers": [mine], "channels": [self.channels["chat"]]},
        ]

    @contextmanager
    def routed(self) -> Iterator[None]:
        """The night's routes stand before the tenant's own as long as the block lasts."""
        before = self.api.ask("GET", "/api/routing")
        routes = [*self.routes(), *before["routes"]]
        self.api.ask("PUT", "/api/routing", {"routes": routes}, version=before["version"])
        try:
            yield
        finally:
            now = self.api.ask("GET", "/api/routing")
            kept = [each for each in now["routes"] if not each["name"].startswith("night ")]
            self.api.ask("PUT", "/api/routing", {"routes": kept}, version=now["version"])

    def silence(self) -> str:
        """The nightly batch may use all the CPU it wants, for a while."""
        wanted = {
            "matchers": [{"label": "host", "op": "prefix", "value": "batch-"}],
            "ends_at": self.clock() + SILENCED_S * 1000,
            "comment": "the nightly batch is allowed to",
        }
        made = self.api.ask("POST", "/api/silences", wanted)
        self.say(f"batch-* is silenced for {SILENCED_S} s")
        return str(made["id"])

    # --- the night ---

    def watch(self, ears: Ears, feed: Feed) -> None:
        """Until all values are sent, and what has to come has come: acknowledge once the lead was
        woken.
        """
        acknowledged = False
        deadline = time.monotonic() + feed.seconds + PATIENCE_S
        while time.monotonic() < deadline and not (self.over(ears) and not feed.is_alive()):
            if feed.trouble is not None:
                raise feed.trouble
            woken = ears.said("lead", f"{PREFIX}site has no load/web-1", "firing")
            if woken and not acknowledged:
                acknowledged = True
                self.acknowledge("site has no load")
            time.sleep(0.2)  # a bounded poll: people look now and then, too

    def acknowledge(self, name: str) -> None:
        """The lead is awake."""
        body = {"comment": "I am on it: the load balancer again"}
        answer = self.api.call("POST", f"/api/alerts/{self.alerts[name]}/acknowledge", body)
        # On a slow machine it may be over by now; the answer says so.
        outcome = "" if answer.status < 300 else f": {answer.json()['detail']}"
        self.say(f"the lead acknowledges {name}{outcome}")

    def over(self, ears: Ears) -> bool:
        """Whether everything has come that this night brings."""
        return all(met for _, met in self.judged(ears))

    def judged(self, ears: Ears) -> Sequence[tuple[str, bool]]:
        """What should have come about by the end, and whether it has."""

        def said(who: str, what: str, status: str = "firing") -> bool:
            return ears.said(who, PREFIX + what, status)

        # A page may come twice, but what has the same id is the same page.
        pages = {(each.who, each.id, json.dumps(each.document)) for each in ears.heard}
        ids = {(who, page) for who, page, _ in pages}
        return (
            ("the pager heard of the site", said("pager", "site has no load/web-1")),
            ("the lead was woken, as nobody acknowledged", said("lead", "site has no load/web-1")),
            ("the composite paged", said("pager", "site is down/-")),
            ("the batch was told of when its silence ended", said("pager", "cpu is high/batch-1")),
            ("the chat heard of the database", said("chat", "database is busy/db-1")),
            ("the chat heard of the silent agent", said("chat", "agent is silent/db-2")),
            ("the site resolved", said("pager", "site has no load/web-1", "resolved")),
            ("the composite resolved", said("pager", "site is down/-", "resolved")),
            ("two values of db-2 woke nobody", not said("pager", "cpu is high/db-2")),
            ("no page came as another one", len(ids) == len(pages)),
        )

    # --- the morning ---

    def clear(self) -> None:
        """Remove what was made, composites first."""
        for name in reversed(self.alerts):
            self.api.call("DELETE", f"/api/alerts/{self.alerts[name]}")
        for channel in self.channels.values():
            self.api.call("DELETE", f"/api/channels/{channel}")


def play(
    admin: Api,
    machine: Api,
    folder: Path,
    clock: Clock,
    tell: Tell = print,
    report: Callable[[Night, str], None] = lambda night, silence: None,
    machines: Sequence[Machine] = MACHINES,
) -> bool:
    """Play the night; whether all came about. `report` is called before everything is removed.

    Raises Refused when a recording is missing, ApiError when the API says no.
    """
    values = recordings.read(folder, machines)
    night = Night(admin, tell, clock, began=time.monotonic())
    with listening(night.heard) as ears:
        try:
            night.prepare(ears)
            with night.routed():
                silence = night.silence()
                feed = Feed(machine, values, clock)
                night.played_at = clock()
                feed.start()
                try:
                    night.watch(ears, feed)
                finally:
                    feed.over.set()
                    feed.join()
                night.checks = list(night.judged(ears))
                report(night, silence)
        finally:
            night.clear()
    return all(met for _, met in night.checks)
