"""Whether one could go back, found out before anything new is deployed.

What matters before a promotion is the way back to what runs now: its versions, its template and its
console have to be there, and it has to understand what the new artefact will have written.
"""

from pathlib import Path
from typing import Any

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.build import TEMPLATE
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.upload import located
from skafu.ops.release.observed import aliases_of, stack_of
from skafu.ops.release.record import Release, release_id
from skafu.ops.rollback import differences, telling
from skafu.ops.rollback.choosing import Choice
from skafu.ops.rollback.looking import kept, where_is, provisioned
from skafu.ops.rollback.plan import Kept, Plan, Seen, plan

NOTHING = (
    "There is no such stack yet: the first deployment has nothing to go back to and nobody who "
    "uses it. When it fails, it is mended or deleted."
)
UNRECORDED = (
    "What runs was deployed before releases were recorded, so that nobody could go back to it: "
    "deploy its artefact once more."
)


def way_back(
    account: Account, environment: str, stack: str, folder: Path, manifest: Manifest, at: int
) -> dict[str, Any]:
    """The report on going back to what runs now, once the artefact in `folder` is deployed; `at` in
    epoch ms.

    The first deployment of a stack passes, and the report says so. Raises Refused when the account
    has no artefact bucket.
    """
    journal = account.journal(stack)
    current = journal.current()
    about = {"environment": environment, "stack": stack, "artefact": manifest.identity, "at": at}
    if current is None:
        is_first = stack_of(account, stack) is None
        told = {"note": NOTHING} if is_first else {}
        problems = [] if is_first else [UNRECORDED]
        found: dict[str, Any] = {"passed": is_first, "release": None, "target": None, "steps": []}
        return found | about | told | {"problems": problems}
    held = journal.held()
    made = telling.report(_plan(account, stack, current, folder, manifest, at), at)
    problems = [*made["problems"], *([f"The stack is held: {held.reason}"] if held else ())]
    return made | about | {"problems": problems, "passed": not problems}


def _plan(
    account: Account, stack: str, current: Release, folder: Path, manifest: Manifest, at: int
) -> Plan:
    there = stack_of(account, stack)
    aliases = aliases_of(account, stack) if there else {}
    coming = current.model_copy(
        update={
            "id": release_id(at, manifest.identity),
            "at": at,
            "artefact": Mark.of(manifest, at),
            "data_format": manifest.data_format,
        }
    )
    seen = Seen(
        where=where_is(account, current.environment, stack),
        status=there.status if there else "no stack",
        current=coming,
        held=None,
        aliases=aliases,
        provisioned=provisioned(account, aliases),
        since=(),
    )
    why = f"It is what runs now, before {manifest.identity[:12]} takes its place."
    left = kept(account, current, current, current.parameters)
    changes = _changes(account, current, folder, manifest) if left.differences else None
    left = Kept(left.versions, changes, left.missing)
    return plan(seen, current, left, Choice(current.id, why), ())


def _changes(
    account: Account, current: Release, folder: Path, manifest: Manifest
) -> differences.Differences:
    text = (folder / TEMPLATE).read_text(encoding="utf-8")
    new = located(text, manifest, account.bucket())
    old = account.journal(current.stack).template(current)
    return differences.between(new, old, current.parameters, current.parameters)
