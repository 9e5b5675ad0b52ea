"""How releases are told to people: moments, who, short names, tables."""

from collections.abc import Sequence
from datetime import UTC, datetime

SHORT = 12


def moment(at: int) -> str:
    """Epoch ms in UTC."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def who(by: str) -> str:
    """The end of an ARN, which tells a user, or a role and its session."""
    return by.rpartition(":")[2].removeprefix("assumed-role/").removeprefix("user/")


def short(digest: str) -> str:
    """The beginning of a hash, as long as it takes to tell it from others."""
    return digest[:SHORT]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what is in them."""
    lines = [head, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
