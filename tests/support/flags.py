"""Feature flags for tests: set directly, or handed out by an AppConfig in memory."""

import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from skafu.ops.flags.settings import Setting, Staged
from skafu.shared.flag_catalogue import Number, Switch, share_of

ADDRESS = "app1234/env1234/pro1234"


@dataclass
class SetFlags:
    """Flags that are what `settings` says, by their names; what it does not mention has its
    default.
    """

    settings: Mapping[str, Setting] = field(default_factory=dict)

    def number(self, flag: Number) -> int:
        found = self.settings.get(flag.name, flag.default)
        assert isinstance(found, int)
        return found if flag.accepts(found) else flag.default

    def is_on(self, flag: Switch, tenant: str) -> bool:
        found = self.settings.get(flag.name, flag.default)
        if isinstance(found, Staged):
            listed = tenant in found.always or share_of(flag, tenant) < found.percent_of_tenants
            return listed and tenant not in found.never
        return found if isinstance(found, bool) else flag.default


class AppConfigData:
    """Answers as AppConfig's data plane does: a token is good for one call, and who has a document
    already gets none.
    """

    def __init__(self, document: str | None = None) -> None:
        self.document = document
        self.away = False
        self.calls: list[str] = []
        self._tokens: dict[str, str | None] = {}
        self.meta = SimpleNamespace(events=SimpleNamespace(register=lambda *_: None))

    def start_configuration_session(self, **said: str) -> dict[str, Any]:
        self._begin("start")
        assert list(said.values()) == ["pro1234", "app1234", "env1234"]
        return {"InitialConfigurationToken": self._token(None)}

    def get_latest_configuration(self, *, ConfigurationToken: str) -> dict[str, Any]:
        self._begin("get")
        if ConfigurationToken not in self._tokens:
            error = {"Error": {"Code": "BadRequestException", "Message": "token"}}
            raise ClientError(error, "GetLatestConfiguration")  # type: ignore[arg-type] # enough
        had = self._tokens.pop(ConfigurationToken)
        news = self.document if self.document != had else None
        return {
            "Configuration": io.BytesIO((news or "").encode()),
            "NextPollConfigurationToken": self._token(self.document),
        }

    def forget_sessions(self) -> None:
        """As when a token has expired."""
        self._tokens.clear()

    def _begin(self, call: str) -> None:
        self.calls.append(call)
        if self.away:
            raise ReadTimeoutError(endpoint_url="https://appconfigdata.example")

    def _token(self, had: str | None) -> str:
        token = uuid.uuid4().hex
        self._tokens[token] = had
        return token
