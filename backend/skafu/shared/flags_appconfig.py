"""Flags from AWS AppConfig, read through Powertools.

What can go wrong outside stays outside. While AppConfig is away, or hands out what cannot be read,
the last document that could holds, and defaults where there has been none; a value that a flag does
not accept is its default. Each is counted, and logged once by a process.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from skafu.shared.clock import Clock
from skafu.shared.flag_catalogue import SHARE, TENANT, Flag, Number, Switch, share_of
from skafu.shared.observability import Count, count, logger

if TYPE_CHECKING:
    from skafu.shared.flags_document import Document, Source

MAX_AGE_MS = 60_000


class AppConfigFlags:
    """`address` is `application/environment/profile`; `make` makes a client of appconfigdata.

    Nothing is read, or even imported, before the first flag is asked for: most requests need none.
    Then at most once in `max_age_ms`, also when it fails.
    """

    def __init__(
        self, address: str, clock: Clock, make: Callable[[], Any], max_age_ms: int = MAX_AGE_MS
    ) -> None:
        application, environment, profile = address.split("/")
        self._address = (application, environment, profile)
        self._clock = clock
        self._make = make
        self._max_age_ms = max_age_ms
        self._source: Source | None = None
        self._document: Document | None = None
        self._read_at: int | None = None
        self._told: set[str] = set()

    def number(self, flag: Number) -> int:
        """Its value; always one that the flag accepts."""
        return int(self._value(flag, {}))

    def is_on(self, flag: Switch, tenant: str) -> bool:
        """Whether it is on for a tenant."""
        return bool(self._value(flag, {TENANT: tenant, SHARE: share_of(flag, tenant)}))

    def _value(self, flag: Flag, context: Mapping[str, object]) -> int:
        self._refresh()
        if self._document is None:
            return flag.default
        found = self._document.value(flag.name, context, flag.default)
        if flag.accepts(found):
            return int(found)
        count(Count.UNREADABLE_FLAGS)
        if self._is_news(flag.name):
            # The value itself is not logged: nobody knows what it is.
            logger.warning("a flag has a value that it cannot have", flag=flag.name)
        return flag.default

    def _refresh(self) -> None:
        now = self._clock()
        if self._read_at is not None and 0 <= now - self._read_at < self._max_age_ms:
            return
        self._read_at = now
        # pylint: disable=import-outside-toplevel # Powertools' flags cost 50 ms of a cold start
        from skafu.shared.flags_document import Source, Unreadable

        if self._source is None:
            self._source = Source(*self._address, self._make)
        try:
            self._document = self._source.read()
        except Unreadable as error:
            count(Count.UNREADABLE_FLAGS)
            if self._is_news("all"):
                logger.warning("flags cannot be read", reason=str(error))

    def _is_news(self, about: str) -> bool:
        """Whether this process has not told of it yet."""
        is_news = about not in self._told
        self._told.add(about)
        return is_news
