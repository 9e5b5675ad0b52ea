"""Move aliases, all at once.

Each is read and written with the revision that was read: whoever moves one meanwhile is noticed,
and the move is tried again from what is there then.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.observed import ALIAS, aliases_of, resources_of
from skafu.ops.rollback.choosing import is_at
from skafu.ops.rollback.plan import Move

VERSION = "AWS::Lambda::Version"
TRIES = 5
PAUSE_S = 0.5
AGAIN = ("PreconditionFailedException", "ResourceConflictException", "TooManyRequestsException")
"""Somebody else changes it, or Lambda is still busy with the last change (warm instances)."""

type Pause = Callable[[float], None]
"""Waits for some seconds."""


def astray(account: Account, stack: str) -> list[Move]:
    """The moves to where the stack believes its aliases to be.

    A template that is deployed a second time moves none, and CodeDeploy refuses to move an alias
    that is elsewhere.
    """
    resources = resources_of(account, stack).values()
    arns = [name for kind, name in resources if kind == VERSION]
    # arn:aws:lambda:<region>:<account>:function:<name>:<version>
    versions = {arn.split(":")[6]: arn.split(":")[7] for arn in arns}
    return [
        Move(name, alias.function, alias.version, alias.shares, versions[alias.function])
        for name, alias in aliases_of(account, stack).items()
        if alias.function in versions and not is_at(alias, versions[alias.function])
    ]


def move_all(client: Any, moves: Sequence[Move], pause: Pause) -> None:
    """Let all calls go to the new versions; `client` is a botocore client of lambda.

    One that fails keeps no other from being moved. Raises Refused, once all were tried, when some
    could not be.
    """
    if not moves:
        return
    with ThreadPoolExecutor(len(moves)) as pool:
        errors = list(pool.map(lambda move: _moved(client, move, pause), moves))
    failed = [f"{move.function}: {error}" for move, error in zip(moves, errors) if error]
    if failed:
        raise Refused(
            f"{len(failed)} of {len(moves)} aliases were not moved, the others were. "
            + " ".join(failed)
        )


def _moved(client: Any, move: Move, pause: Pause) -> BotoCoreError | ClientError | None:
    """What kept an alias from being moved; nothing when it was."""
    last: ClientError | None = None
    for tried in range(TRIES):
        if tried:
            pause(PAUSE_S * 2**tried)
        try:
            _move(client, move)
        except BotoCoreError as error:
            return error
        except ClientError as error:
            if code_of(error) not in AGAIN:
                return error
            last = error
        else:
            return None
    return last


def _move(client: Any, move: Move) -> None:
    found = client.get_alias(FunctionName=move.name, Name=ALIAS)
    client.update_alias(
        FunctionName=move.name,
        Name=ALIAS,
        FunctionVersion=move.new,
        RoutingConfig={"AdditionalVersionWeights": {}},
        RevisionId=found["RevisionId"],
    )


def code_of(error: ClientError) -> str:
    """What AWS calls an error."""
    return str(error.response.get("Error", {}).get("Code", ""))
