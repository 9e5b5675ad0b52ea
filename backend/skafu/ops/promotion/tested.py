"""Let an artefact go on: remember that the one that is deployed in an environment was tested there.

Refused unless it is the one that was deployed there last and the environment's gates are passed, or
waived by somebody (`python -m skafu.ops gates` lists them).
"""

import sys
from collections.abc import Sequence

from skafu.ops import deployment
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.accounts import Account, account_of
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import opened
from skafu.ops.promotion.admission import confirm
from skafu.ops.promotion.commands import parser_of
from skafu.ops.promotion.evidence import EvidenceStore
from skafu.ops.promotion.gates import STEPS
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = parser_of("tested", str(__doc__), STEPS).parse_args(arguments)
    try:
        with opened(options.artefact) as folder:
            manifest = manifests.read(folder)
            account = account_of(folder, options.environment, make)
            remember(manifest, options.environment, account, clock())
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"{manifest.identity} was tested in {options.environment}")
    return 0


def remember(manifest: Manifest, environment: str, account: Account, at: int) -> None:
    """Write the mark that the environment above looks for. Raises Refused."""
    records = account.records()
    confirm(manifest, environment, records)
    step = STEPS[environment]
    found = EvidenceStore.of(account, environment, manifest.identity).found(
        gate.name for gate in step.reports
    )
    if lacking := step.lacking(found):
        raise Refused(
            f"This artefact has not passed all gates of {environment}; it lacks "
            f"{', '.join(lacking)}: see `gates`."
        )
    records.keep_tested(environment, Mark.of(manifest, at))
