"""The deployed system as its users see it, and the embedded AWS behind it."""

import json
import time
import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pycognito.aws_srp import AWSSRP

from local import cloud, login, stack
from local.api import Answer, Api, fetch
from local.home import Home


@dataclass(frozen=True)
class System:
    """One running system; `stack` is its stack.json."""

    home: Home
    stack: Mapping[str, Any]

    def __hash__(self) -> int:
        return hash(self.home)

    @cache  # pylint: disable=method-cache-max-size-none # one system in a run
    def outputs(self) -> Mapping[str, str]:
        """Of the deployed stack."""
        return stack.outputs(self.home)

    def aws(self, service: str) -> Any:
        """A client of one service, as root."""
        return cloud.client(self.home, service)

    def sign_in(self, name: str) -> Mapping[str, str]:
        """A person's tokens by SRP: AccessToken, IdToken, RefreshToken. `name`: admin, viewer..."""
        [user] = [u for u in self.stack["users"] if u["username"].startswith(f"{name}@")]
        return self.srp(user["username"], user["password"])

    def srp(
        self, username: str, password: str, client_id: str = "", pool_id: str = ""
    ) -> Mapping[str, str]:
        """What a sign-in with this password brings, through the console's client or another."""
        session = AWSSRP(
            username=username,
            password=password,
            pool_id=pool_id or self.stack["user_pool_id"],
            client_id=client_id or self.stack["user_pool_client_id"],
            client=self.aws("cognito-idp"),
        )
        with warnings.catch_warnings():
            # pycognito still asks for utcnow(); what it says is right.
            warnings.filterwarnings("ignore", "datetime.datetime.utcnow", DeprecationWarning)
            answer: Mapping[str, Any] = session.authenticate_user()
        return dict(answer["AuthenticationResult"])

    def person(self, name: str) -> Api:
        """The API as a person."""
        token = self.sign_in(name)["AccessToken"]
        return self.bearer(token)

    def bearer(self, token: str) -> Api:
        """The API with any token."""
        return Api(self.stack["api_url"], lambda: token)

    def machine(self) -> Api:
        """The API as the machine client of the first tenant."""
        return login.machine_api(self.home)

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request with just these headers (underscores for dashes)."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return fetch(method, self.stack["api_url"] + path, body, named)


def now_ms() -> int:
    """The machine's time."""
    return time.time_ns() // 1_000_000


def unique(prefix: str) -> str:
    """A metric name that nothing else uses."""
    return f"{prefix}.{uuid.uuid4().hex[:12]}"


def point(name: str, value: float, at: int, **tags: str) -> dict[str, Any]:
    """A point as clients send it."""
    return {"name": name, "value": value, "timestamp": at, "tags": tags}


def send(api: Api, *points: Mapping[str, Any], key: str | None = None) -> Any:
    """Send points that all have to be accepted."""
    answer = api.call("POST", "/api/metrics", {"metrics": list(points)}, key=key)
    assert answer.status == 202, answer
    said = answer.json()
    assert (said["accepted"], said["rejected"]) == (len(points), []), json.dumps(said)
    return said


@dataclass
class Feed:
    """Sends values of one metric, stamped now, and remembers them: (timestamp, value)."""

    api: Api
    metric: str
    sent: list[tuple[int, float]] = field(default_factory=list)

    def __call__(self, value: float) -> None:
        at = now_ms()
        send(self.api, point(self.metric, value, at))
        self.sent.append((at, value))


@dataclass(frozen=True)
class Watched:
    """An alert through the API."""

    api: Api
    id: str

    @property
    def state(self) -> str:
        """Of its one instance; empty when it has none."""
        instances = self.api.ask("GET", f"/api/alerts/{self.id}")["instances"]
        return str(instances[0]["state"]) if instances else ""

    @property
    def transitions(self) -> list[tuple[int, str, str, str]]:
        """Bucket end, from, to and cause, oldest first."""
        events = self.api.ask("GET", f"/api/alerts/{self.id}/history")["events"]
        told = [(each["at"], each["from"], each["to"], each["cause"]) for each in events]
        return sorted(told)


def watch(api: Api, metric: str, **more: Any) -> Watched:
    """Create an alert "avg of a second > 5"; `more` changes it."""
    alert = {
        "name": f"{metric} is high",
        "metric": metric,
        "statistic": "avg",
        "period": 1,
        "comparison": ">",
        "threshold": 5,
        "evaluation_periods": 1,
        **more,
    }
    return Watched(api, str(api.ask("POST", "/api/alerts", alert)["id"]))
