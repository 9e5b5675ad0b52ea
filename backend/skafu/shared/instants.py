"""Times as clients write them."""

import re
from datetime import UTC, datetime, timedelta

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

HELP = "must be epoch milliseconds or an RFC 3339 time with its offset"


def instant_from(value: object) -> int:
    """Epoch milliseconds of a time in a request: an integer of them, or an RFC 3339 text, finer
    parts of a second cut off. Raises ValueError with a sentence that helps.
    """
    if type(value) is int:  # pylint: disable=unidiomatic-typecheck # True is no time
        return value
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError(HELP)
    try:
        at = datetime.fromisoformat(value.upper())
        return (at - _EPOCH) // _MILLISECOND
    except ValueError as error:
        raise ValueError(f"{HELP}; there is no such date or time") from error
