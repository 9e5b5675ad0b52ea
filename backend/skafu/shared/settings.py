"""Configuration: read once from the environment into frozen values, every missing name reported
together.

A field is an environment variable of the same name in capitals. A field without a default must be
set, to something that is not empty. Functions with needs of their own have a class of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self

BOOLEANS = {"true": True, "false": False}
_READ: dict[object, Callable[[str], Any]] = {bool: BOOLEANS.__getitem__, int: int}


class SettingsError(RuntimeError):
    """The environment lacks variables or holds values that cannot be read; the message names all of
    them.
    """


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every function needs: the table's name and the environment's (local, dev, staging,
    prod).

    `home_region` is set where the table is in two regions: the one whose stack has made it, and
    which acts when nothing else was said (fence.py). `aws_region` is set by Lambda.
    """

    table_name: str
    environment: str
    home_region: str = ""
    aws_region: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the fields of this class. Raises SettingsError naming every variable at fault."""
        values: dict[str, Any] = {}
        wrong = []
        for each in fields(cls):
            name = each.name.upper()
            text = env.get(name, "")
            if not text:
                if each.default is MISSING:
                    wrong.append(f"{name} is missing")
            elif each.type is bool and text not in BOOLEANS:
                wrong.append(f"{name} is neither true nor false")
            elif each.type is int and not text.isdecimal():
                wrong.append(f"{name} is no number")
            else:
                values[each.name] = _READ.get(each.type, str)(text)
        if wrong:
            raise SettingsError(f"environment variables: {', '.join(wrong)}")
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class ApiSettings(Settings):
    """Functions behind the gateway.

    `aws_sam_local` is set by `sam local` alone, where nothing verifies tokens before the function:
    then, and only then, `user_pool_id` and `aws_endpoint_url` say against
    what the function verifies them itself. `metric_retention_days` is told to the metrics function
    alone; 0 is to others.
    """

    cors_origin: str
    aws_sam_local: bool = False
    user_pool_id: str = ""
    aws_endpoint_url: str = ""
    metric_retention_days: int = 0


@dataclass(frozen=True, kw_only=True)
class WorkspaceSettings(ApiSettings):
    """The workspace API also makes people and machine clients in the pool. `token_url` is where
    machines fetch their tokens.
    """

    # A field of its own, because ApiSettings has a default for it.
    user_pool_id: str = field()
    token_url: str


@dataclass(frozen=True, kw_only=True)
class AlertsApiSettings(ApiSettings):
    """The alerts API also knows which channels may be made, and the notifier's queue.
    `allow_loopback_webhooks` is true only in local; `flags` is where feature flags are (flags.py).
    """

    alerts_topic_arn: str
    channels_topic_arn: str
    deliveries_queue_url: str
    allow_loopback_webhooks: bool = False
    flags: str = ""


@dataclass(frozen=True, kw_only=True)
class CompactorSettings(Settings):
    """Every five minutes. Rollups live for `metric_retention_days`, or as much shorter as their
    tenant wants; `flags` is where feature flags are (flags.py).
    """

    metric_retention_days: int
    flags: str = ""


@dataclass(frozen=True, kw_only=True)
class EvaluatorSettings(Settings):
    """The consumer of the stream."""

    deliveries_queue_url: str
    wakeups_queue_url: str
    parked_queue_url: str


@dataclass(frozen=True, kw_only=True)
class SweeperSettings(Settings):
    """Every minute, and at the wakeups that were asked for. `dead_man`: somebody outside is told
    that this environment is alive.
    """

    deliveries_queue_url: str
    wakeups_queue_url: str
    dead_man: bool = False


@dataclass(frozen=True, kw_only=True)
class NotifierSettings(Settings):
    """Hands notifications over. `cors_origin` is the console's address, which messages link to;
    `allow_loopback_webhooks` is true only in local. `dead_man_url` and `dead_man_topic_arn` are
    outside, and told every minute that this environment is alive; empty: nobody is.
    """

    deliveries_queue_url: str
    alerts_topic_arn: str
    channels_topic_arn: str
    cors_origin: str
    allow_loopback_webhooks: bool = False
    dead_man_url: str = ""
    dead_man_topic_arn: str = ""
