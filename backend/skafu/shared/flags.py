"""Feature flags, as functions ask for them. What flags there are says flag_catalogue.py.

Asking never fails and never takes long: whoever cannot know a flag's value has its default, and
every default is what Skafu does without flags.
"""

from collections.abc import Callable
from typing import Any, Protocol

from skafu.shared.aws import client
from skafu.shared.clock import Clock
from skafu.shared.errors import Forbidden
from skafu.shared.flag_catalogue import Number, Switch
from skafu.shared.flags_appconfig import AppConfigFlags

# AppConfig answers within some milliseconds. Two calls that hang cost 4 s, once a minute.
TIMEOUT_S = 1


class Flags(Protocol):
    """What flags are set to, at most a minute behind."""

    def number(self, flag: Number) -> int:
        """Its value; always one that the flag accepts."""

    def is_on(self, flag: Switch, tenant: str) -> bool:
        """Whether it is on for a tenant: the same answer as long as nobody changes the flag."""


class Defaults:
    """Where there is no AppConfig."""

    def number(self, flag: Number) -> int:
        """Its default."""
        return flag.default

    def is_on(self, flag: Switch, tenant: str) -> bool:
        """Its default, whoever asks."""
        del tenant
        return flag.default


class SwitchedOff(Forbidden):
    """Not the caller's fault, and no failure either: nobody is woken by it, nothing rolled back."""

    slug = "switched-off"

    def __init__(self, flag: Switch) -> None:
        super().__init__(f"{flag.what} switched off by the operators for now; {flag.still}")


def require(flags: Flags, flag: Switch, tenant: str) -> None:
    """Pass, or raise SwitchedOff."""
    if not flags.is_on(flag, tenant):
        raise SwitchedOff(flag)


def new_client() -> Any:
    """A client that does not wait long, and does not try again before the next minute."""
    return client("appconfigdata", read_timeout_s=TIMEOUT_S, attempts=1)


def open_flags(address: str, clock: Clock, make: Callable[[], Any] = new_client) -> Flags:
    """The flags at an address, `application/environment/profile` by AppConfig's ids; no address,
    defaults. `make` makes a client of appconfigdata, when the first flag is asked for.

    Raises ValueError when the address is something else.
    """
    if not address:
        return Defaults()
    return AppConfigFlags(address, clock, make)
