"""Which release may take over from which, as far as stored data are concerned (expand/contract).

Data do not roll back. So a release takes over only from those whose data it reads; and a deployment
asks for the reverse too: while it shifts, and after a rollback, the release before it reads what
this one has written. A new format is therefore read by one release before a later one writes it.
"""

from collections.abc import Callable, Iterable, Sequence

from skafu.ops.artefact.manifest import DataFormat
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.record import Release


def may_take_over(successor: DataFormat, predecessor: DataFormat) -> bool:
    """Whether one can run where the other ran: it reads what the other has written."""
    return predecessor.writes in successor.reads


def unread(successor: DataFormat, before: Iterable[Release]) -> tuple[Release, ...]:
    """Those of the releases that ran before it whose data it does not read."""
    return tuple(each for each in before if not may_take_over(successor, each.data_format))


def lately(ids: Sequence[str], read: Callable[[str], Release]) -> list[Release]:
    """The releases whose data are young, newest first: the last one, and where that is a rollback
    all since the release that it went back to, which may have written something newer. `ids` are
    all of a stack, newest first.
    """
    found: list[Release] = []
    oldest = ids[0] if ids else ""
    for each in ids:
        if each < oldest:
            break
        found.append(read(each))
        oldest = min(oldest, found[-1].of or oldest)
    return found


def admit_format(wanted: DataFormat, recent: Sequence[Release]) -> None:
    """Pass, or raise Refused: what is about to be deployed and what has run `lately` (newest first)
    understand each other.
    """
    if strange := unread(wanted, recent):
        formats = sorted({each.data_format.writes for each in strange})
        raise Refused(
            f"It does not read data format {_list(formats)}, which {strange[0].id} has written. "
            "Deploy one that still does."
        )
    if recent and not may_take_over(recent[0].data_format, wanted):
        current = recent[0]
        raise Refused(
            f"It writes data format {wanted.writes}, which {current.id} does not read (it reads "
            f"{_list(current.data_format.reads)}): there would be no way back. First deploy a "
            f"release that reads {wanted.writes} and still writes {current.data_format.writes}."
        )


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(str(each) for each in numbers)
