"""Two teams in one environment, both with everything that a team can have, and the three functions
of the API over one table: what attacks on the isolation of tenants are tried on.

Whatever the first team says is marked with SECRET. Its ids may be known to an attacker, and are;
the mark never is, so an answer that has it in it came out of the first team's data.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

from skafu.alerts.api import ROUTES as ALERT_ROUTES
from skafu.alerts.api import build as build_alerts
from skafu.metrics.api import ROUTES as METRIC_ROUTES
from skafu.metrics.api import build as build_metrics
from skafu.metrics.compaction.compactor import Compactor
from skafu.shared.identity import Kind, random_id
from skafu.shared.keys import DAY_MS, HOUR_MS, Key
from skafu.shared.membership import Members, Profile
from skafu.shared.routes import Route
from skafu.shared.settings import AlertsApiSettings, ApiSettings, WorkspaceSettings
from skafu.shared.table import Delete, Put
from skafu.workspace.api import ROUTES as WORKSPACE_ROUTES
from skafu.workspace.api import build as build_workspace
from tests.support.alerting import ALARM, Storyteller
from tests.support.alerts_api import CHANNELS_ARN, CONSOLE, TOPIC_ARN
from tests.support.claims import person_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.dashboards import dashboard
from tests.support.definitions import alert as plain_alert
from tests.support.events import answer_json, api_event, lambda_context
from tests.support.flags import SetFlags
from tests.support.memory_table import InMemoryTable
from tests.support.queues import MemoryQueue
from tests.support.sns import FakeSns
from tests.support.user_pool import create_pool
from tests.support.workspace_api import client

type Json = dict[str, Any]

SECRET, OWN = "zanzibar", "vermont"
ANN, BOB = "11111111-aaaa-4000-8000-000000000001", "22222222-bbbb-4000-8000-000000000002"
METRIC, OLD_METRIC = "vault.level", "vault.old"
VERSION = "1"
UNKNOWN: Mapping[str, str] = {
    "alert": "0123456789abcdef0123",
    "story": "0123456789abcdef0123",
    "channel": "0123456789abcdef0123",
    "mail": "0123456789abcdef0123",
    "silence": "0123456789abcdef0123",
    "drill": "0123456789abcdef0123",
    "dashboard": "0123456789abcdef0123",
    "client": "0123456789abcdef0123",
    "member": "33333333-cccc-4000-8000-000000000003",
    "invited": "33333333-cccc-4000-8000-000000000003",
    "metric": "vault.nothing",
    "deletion": "vault.nothing",
}
"""For every kind of thing an id that nobody has, of the shape of those that somebody has."""

PLAIN: Mapping[str, Any] = {
    "metric": METRIC,
    "statistic": "avg",
    "period": 60,
    "group_by": ["room"],
    "comparison": ">",
    "threshold": 80,
    "severity": "high",
}
TABLE: Mapping[str, Any] = {
    "table_name": "skafu-test",
    "environment": "local",
    "cors_origin": CONSOLE,
}


@dataclass(frozen=True)
class Answer:
    """What a function answered; `text` is all that the caller got, headers included."""

    status: int
    body: Any
    text: str

    def without(self, identifier: str) -> "tuple[int, str]":
        """The answer as it is for whatever id was asked for."""
        return self.status, self.text.replace(identifier, "<id>")


@dataclass(frozen=True)
class Team:
    """A team: its admin, its tenant, and the ids of what it has, by kind (see UNKNOWN)."""

    admin: str
    tenant: str
    mark: str
    ids: Mapping[str, str]


class Neighbours:
    """Made inside of `mock_aws`, which keeps the user pool."""

    def __init__(self) -> None:
        self.table = InMemoryTable()
        self.clock = FakeClock()
        self.sns = FakeSns()
        self.deliveries = MemoryQueue()
        self.cognito = client("cognito-idp")
        self.pool = create_pool(self.cognito)
        self.members = Members(self.table, self.clock, random_id)
        self.untouched: Any = None
        self._pool: Any = None
        self._functions = self._built()
        self.ann = self._settled(ANN, SECRET)
        self.bob = self._settled(BOB, OWN)

    # --- asking ---

    def ask(self, method: str, path: str, body: object = None, **how: Any) -> Answer:
        """One request, as the second team's admin if nothing else is said.

        `claims` or `who` (a person's subject); `query`; `headers`; `version` goes into If-Match.
        """
        headers = dict(how.pop("headers", {}))
        if "version" in how:
            headers["If-Match"] = f'"{how.pop("version")}"'
        claims = how.pop("claims", None) or person_claims(how.pop("who", BOB))
        event = api_event(method, path, claims=claims, body=body, headers=headers, **how)
        if claims["sub"] != ANN or self.untouched is None:
            return self.send(event)
        self.check()
        answer = self.send(event)
        self.watch()
        return answer

    def send(self, event: Json) -> Answer:
        """A whole event, to the function that the gateway would give it to."""
        domain = _domain(event["path"])
        if domain == "workspace":
            self._pool = None  # nobody else reaches the user pool: it is read anew
        answer = self._functions[domain](deepcopy(event), lambda_context())
        headers = answer["multiValueHeaders"]
        read = answer_json(answer) if "json" in str(headers.get("Content-Type")) else None
        text = json.dumps([headers, answer["body"]])
        return Answer(answer["statusCode"], read, text)

    def as_new(self) -> None:
        """The functions begin anew: nothing is remembered of anybody."""
        self._functions = self._built()

    def keep(self) -> Callable[[], None]:
        """Remember what is in the table and what was sent; the answer brings it back."""
        kept = {key: dict(item) for key, item in self.table.items.items()}
        sent, now = list(self.deliveries.sent), self.clock.now
        subscribed = deepcopy(self.sns.subscriptions)

        def back() -> None:
            old = dict(self.table.items)
            self.table.write_many([Delete(key) for key in old if key not in kept])
            self.table.write_many([Put(i) for key, i in kept.items() if old.get(key) != i])
            self.deliveries.sent, self.clock.now = list(sent), now
            self.sns.subscriptions = deepcopy(subscribed)
            self.as_new()

        return back

    # --- what there is ---

    def watch(self) -> None:
        """From now on only the first team itself may change what it has."""
        self.untouched = self.belongings(self.ann)

    def check(self) -> None:
        """Raises AssertionError where somebody else has."""
        assert self.belongings(self.ann) == self.untouched, "something of the first team's changed"

    def belongings(self, team: Team) -> Any:
        """Everything that is a team's: items, accounts, machine clients' credentials, what is
        subscribed for it and what is on its way to people.
        """
        if self._pool is None:
            people = self.cognito.list_users(UserPoolId=self.pool)["Users"]
            apps = self.cognito.list_user_pool_clients(UserPoolId=self.pool, MaxResults=60)
            self._pool = people, apps["UserPoolClients"]
        people, apps = self._pool
        return (
            {key: dict(item) for key, item in self.items(team).items()},
            [each for each in people if team.mark in str(each)],
            [each for each in apps if each["ClientName"].startswith(team.tenant)],
            [dict(x) for x in self.sns.subscriptions.values() if team.mark in str(x)],
            [x for x in self.deliveries.messages if team.tenant in str(x)],
        )

    def items(self, team: Team) -> Mapping[Key, Any]:
        """The items of a tenant."""
        return {
            key: item
            for key, item in self.table.items.items()
            if key.pk.startswith(f"{team.tenant}#") or item.get("tenant") == team.tenant
        }

    # --- making it ---

    def _built(self) -> Mapping[str, Any]:
        alerts = AlertsApiSettings(
            **TABLE,
            alerts_topic_arn=TOPIC_ARN,
            channels_topic_arn=CHANNELS_ARN,
            deliveries_queue_url="https://sqs.example/deliveries",
        )
        workspace = WorkspaceSettings(
            **TABLE, user_pool_id=self.pool, token_url="https://skafu.example/oauth2/token"
        )
        table, clock = self.table, self.clock
        return {
            "metrics": build_metrics(ApiSettings(**TABLE), table, clock),
            "alerts": build_alerts(
                alerts, table, self.sns, self.deliveries, clock, flags=SetFlags()
            ),
            "workspace": build_workspace(workspace, table, clock, client),
        }

    def _settled(self, admin: str, mark: str) -> Team:
        who = self.members.create_tenant(admin, Kind.PERSON, Profile(f"{mark}@example.com", mark))
        do = partial(self._done, admin)
        hook = {"name": mark, "type": "webhook", "url": f"https://93.184.216.34/{mark}"}
        channel = do("POST", "/api/channels", hook)["id"]
        mail = {"name": mark, "type": "email", "address": f"duty@{mark}.example.com"}
        ids = {"channel": channel, "mail": do("POST", "/api/channels", mail)["id"]}
        ids |= self._alerting(do, mark, channel)
        ids["story"] = self._fired(who.tenant, mark)
        do("POST", f"/api/alerts/{ids['story']}/acknowledge", {"comment": mark})
        ids |= self._workspace(do, mark)
        ids |= self._metrics(do, who.tenant, mark)
        return Team(admin, who.tenant, mark, ids)

    def _done(self, who: str, method: str, path: str, body: object, **how: Any) -> Any:
        answer = self.ask(method, path, body, who=who, **how)
        assert answer.status in (200, 201, 202), (method, path, answer)
        return answer.body

    @staticmethod
    def _alerting(do: Any, mark: str, channel: str) -> dict[str, str]:
        alert = {**PLAIN, "name": mark, "labels": {"team": mark}, "channels": [channel]}
        alert_id = do("POST", "/api/alerts", alert)["id"]
        do("PUT", f"/api/alerts/{alert_id}", {**alert, "description": mark}, version=1)
        both = {"name": f"both {mark}", "type": "composite", "condition": {"alert": alert_id}}
        do("POST", "/api/alerts", both)
        silence = {
            "matchers": [{"label": "team", "op": "=", "value": mark}],
            "ends_at": NOON + DAY_MS,
            "comment": mark,
        }
        route = {"name": mark, "channels": [channel]}
        do("PUT", "/api/routing", {"routes": [route]}, version=0)
        do("POST", f"/api/alerts/{alert_id}/comments", {"comment": mark})
        drill = do("POST", f"/api/alerts/{alert_id}/drill", {"tags": {"room": mark}})
        return {
            "alert": alert_id,
            "silence": do("POST", "/api/silences", silence)["id"],
            "drill": drill["id"],
        }

    def _fired(self, tenant: str, mark: str) -> str:
        """The id of an alert of which an instance fires."""
        story = Storyteller(self.table, plain_alert(random_id()), tenant)
        story.publish(name=f"fires {mark}")
        story.happens(ALARM, -30, (("room", mark),))
        return story.alert.id

    @staticmethod
    def _workspace(do: Any, mark: str) -> dict[str, str]:
        board = do("POST", "/api/dashboards", dashboard(name=mark, description=mark))["id"]
        changed = dashboard(name=f"{mark} again")
        do("PUT", f"/api/dashboards/{board}", changed, version=1)
        person = {"email": f"cleo@{mark}.example.com", "name": mark, "role": "editor"}
        scopes = ["skafu/metrics.write", "skafu/metrics.read", "skafu/alerts.read"]
        machine = do("POST", "/api/clients", {"name": mark, "role": "editor", "scopes": scopes})
        return {
            "dashboard": board,
            "invited": do("POST", "/api/members", person)["id"],
            "client": machine["id"],
            "credentials": machine["client_id"],
        }

    def _metrics(self, do: Any, tenant: str, mark: str) -> dict[str, str]:
        """Points of yesterday, merged, and of now; a metric that is deleted."""
        yesterday = NOON // DAY_MS * DAY_MS - DAY_MS
        self.clock.now = yesterday + HOUR_MS
        _send(do, METRIC, mark, self.clock.now)
        _send(do, f"secret.{mark}", mark, self.clock.now)
        self.clock.now = NOON
        assert Compactor(self.table, self.clock, retention_ms=400 * DAY_MS).merge(
            tenant, 0, yesterday
        )
        _send(do, METRIC, mark, NOON)
        _send(do, f"secret.{mark}", mark, NOON)
        _send(do, f"late.{mark}", mark, NOON - 3 * HOUR_MS)
        _send(do, OLD_METRIC, mark, NOON)
        do("DELETE", f"/api/metrics/{OLD_METRIC}", None)
        return {"metric": METRIC, "deletion": OLD_METRIC}


def _send(do: Any, metric: str, mark: str, at: int) -> None:
    point = {"name": metric, "value": 4711.5, "timestamp": at, "tags": {"room": mark}}
    headers = {"Idempotency-Key": f"{metric} at {at}"}
    do("POST", "/api/metrics", {"metrics": [point]}, headers=headers)


def _domain(path: str) -> str:
    first = path.split("/")[2]
    if first == "metrics":
        return "metrics"
    alerting = {"alerts", "channels", "silences", "routing", "drills"}
    return "alerts" if first in alerting else "workspace"


ROUTES: tuple[Route, ...] = (*METRIC_ROUTES, *ALERT_ROUTES, *WORKSPACE_ROUTES)
"""All of the API."""
