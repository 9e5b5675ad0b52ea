"""Switch a stack over to another table, see that all functions use it, and write it down."""

from collections.abc import Callable
from dataclasses import dataclass

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import restoring, switching
from skafu.ops.recovery.place import Place
from skafu.ops.recovery.waiting import Pause
from skafu.ops.release.record import Kind
from skafu.ops.release.recording import Deployed, record
from skafu.shared.clock import Clock


@dataclass(frozen=True)
class Means:
    """What a switch-over is carried out with."""

    tell: Callable[[str], None]
    clock: Clock
    wait: Pause


def to_table(place: Place, table: str, means: Means) -> None:
    """Have the stack use a restored table. Raises Refused when it cannot, or does not wholly."""
    found = restoring.describe(place.client("dynamodb"), table)
    if found is None or found["TableStatus"] != "ACTIVE":
        raise Refused(f"There is no table {table} that could be used.")
    stream = (found.get("StreamSpecification") or {}).get("StreamViewType")
    if stream != restoring.STREAM:
        raise Refused(f"{table} has no stream {restoring.STREAM}: restore it by `restore`.")
    _switch(place, table, str(found["LatestStreamArn"]), means)


def to_own(place: Place, means: Means) -> None:
    """Have the stack use the table that it has made itself. Raises Refused."""
    _switch(place, "", "", means)


def _switch(place: Place, table: str, stream: str, means: Means) -> None:
    clients = switching.Means(
        place.client("cloudformation"), place.client("lambda"), means.tell, means.wait
    )
    stack = switching.look(clients.cloudformation, place.stack)
    changed = switching.switch(stack, table, stream, clients, means.clock())
    used = table or place.own_table()
    if odd := list(switching.strays(clients, place.stack, used)):
        raise Refused(f"{place.stack} does not use {used} everywhere: {'; '.join(odd)}.")
    means.tell(f"{place.stack} uses {used}{'' if changed else ' already'}")
    write_down(place, means)


def write_down(place: Place, means: Means, parameter: str = switching.NAME) -> None:
    """Keep a release of it: one that was recorded before has another value of this parameter
    (another table, and nobody may go back there by a rollback). Where releases are not recorded (a
    local stack), there is none.
    """
    account = Account(place.make, place.where)
    try:
        journal = account.journal(place.stack)
    except Refused:
        means.tell("Releases are not recorded here: none is written down")
        return
    current = journal.current()
    if current is None:
        means.tell("No release is recorded yet: none is written down")
        return
    told = switching.look(place.client("cloudformation"), place.stack).parameters
    if told[parameter] == current.parameters.get(parameter, ""):
        return  # written down by the run that this one goes on with
    again = Deployed.again(current, journal.template(current), means.clock())
    made = record(account, journal, again, Kind.DEPLOY, evidence=current.evidence)
    means.tell(f"Release {made.id}")
