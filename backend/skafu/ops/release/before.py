"""What is looked at before a deployment: whether the stack is held, whether the data forbid it, and
whether what runs is what was recorded.
"""

from collections.abc import Iterator

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import DataFormat
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.data_format import admit_format, lately
from skafu.ops.release.drift import drift
from skafu.ops.release.journal import Journal
from skafu.ops.release.observed import aliases_of, stack_of
from skafu.ops.release.record import Hold
from skafu.ops.release.words import moment


def refuse_held(journal: Journal) -> None:
    """Pass, or raise Refused: nothing is deployed to a stack that is held."""
    hold = journal.held()
    if hold is not None:
        raise Refused(f"{journal.stack} is {told(hold)}. Nothing is deployed until `resume`.")


def told(hold: Hold) -> str:
    """Since when, by whom and why a stack is held."""
    return f"held since {moment(hold.at)} by {hold.by} ({hold.reason.rstrip('.')})"


def refuse_unreadable(journal: Journal, wanted: DataFormat) -> None:
    """Pass, or raise Refused: what is about to be deployed and what runs understand each other's
    data. A stack that was never recorded takes any.
    """
    admit_format(wanted, lately(journal.ids(), journal.read))


def oddities(account: Account, journal: Journal) -> Iterator[str]:
    """What runs otherwise than recorded; nothing for a stack that was never recorded."""
    current = journal.current()
    if current is None:
        return
    if stack_of(account, journal.stack) is None:
        yield f"{current.id} was recorded, and the stack {journal.stack} is not there"
        return
    yield from drift(current.functions, aliases_of(account, journal.stack))
