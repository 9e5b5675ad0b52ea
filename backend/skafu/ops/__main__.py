"""Operators' commands: python -m skafu.ops <command> --help"""

import argparse
import sys
from collections.abc import Callable, Sequence

from skafu.ops import (
    alerts,
    api_keys,
    audit,
    bootstrap,
    compact,
    concurrency,
    configuration,
    data_model,
    openapi,
    probe,
    replay,
    tenant,
    working_hours,
)
from skafu.ops.architecture import command as architecture
from skafu.ops.artefact import build, deploy
from skafu.ops.console import command as console
from skafu.ops.cost import command as cost
from skafu.ops.cost import generating as cost_tables
from skafu.ops.flags import catalogue as flag_catalogue
from skafu.ops.flags import command as flags
from skafu.ops.naming import command as names
from skafu.ops.pipeline import addresses, announce, comment, identity, profile, provenance
from skafu.ops.smoke import command as smoke
from skafu.ops.promotion import (
    assessing,
    fetching,
    load,
    promote,
    recording,
    reviewing,
    tested,
)
from skafu.ops.promotion import listing as gates
from skafu.ops.quality import command as quality
from skafu.ops.recovery import backup, drill, failover, restore, switch
from skafu.ops.release import diff, listing, resume, status, versions
from skafu.ops.rollback import command as rollback
from skafu.ops.scan import command as scan
from skafu.ops.security import command as security_doc
from skafu.ops.stacks import command as stacks

type Main = Callable[[Sequence[str]], int]

COMMANDS: dict[str, Main] = {
    "addresses": addresses.main,
    "alerts": alerts.main,
    "announce": announce.main,
    "api-keys": api_keys.main,
    "audit": audit.main,
    "backup": backup.main,
    "bootstrap": bootstrap.main,
    "build": build.main,
    "comment": comment.main,
    "compact": compact.main,
    "concurrency": concurrency.main,
    "console": console.main,
    "cost": cost.main,
    "cost-tables": cost_tables.main,
    "data-model": data_model.main,
    "deploy": deploy.main,
    "diff": diff.main,
    "drill": drill.main,
    "environments": configuration.main,
    "flag-catalogue": flag_catalogue.main,
    "flags": flags.main,
    "identity": identity.main,
    "names": names.main,
    "openapi": openapi.main,
    "probe": probe.main,
    "profile": profile.main,
    "provenance": provenance.main,
    "quality": quality.main,
    "replay": replay.main,
    "restore": restore.main,
    "scan": scan.main,
    "security-doc": security_doc.main,
    "smoke": smoke.main,
    "rollback": rollback.main,
    "releases": listing.main,
    "resume": resume.main,
    "stacks": stacks.main,
    "status": status.main,
    "switch": switch.main,
    "tenant": tenant.main,
    "architecture": architecture.main,
    "assess": assessing.main,
    "evidence": recording.main,
    "failover": failover.main,
    "fetch": fetching.main,
    "gates": gates.main,
    "load": load.main,
    "promote": promote.main,
    "review": reviewing.main,
    "tested": tested.main,
    "versions": versions.main,
    "working-hours": working_hours.main,
}
"""Each reads its own arguments and returns the exit code."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops", description="Operate Skafu.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="see <command> --help")
    parsed = parser.parse_args(arguments)
    return COMMANDS[parsed.command](parsed.arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
