"""Let a stack that is held after a rollback take deployments again.

Do it when what was wrong is mended, or was never deployed: the next promotion goes through.
"""

import argparse
import sys
from collections.abc import Sequence

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.before import oddities, told
from skafu.ops.release.place import add_arguments, place_of
from skafu.ops.terminal import Ask, ask
from skafu.shared import aws


def main(arguments: Sequence[str], make: deployment.Make = aws.client, answer: Ask = ask) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops resume",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    options = parser.parse_args(arguments)
    try:
        place = place_of(options, make)
        journal = place.journal
        hold = journal.held()
        if hold is None:
            print(f"{place.name} is not held.")
            return 0
        print(f"{place.name} is {told(hold)}; it went back to {hold.release}.")
        for oddity in oddities(place.account, journal):
            print(f"What runs differs from the recorded release: {oddity}.")
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if not options.yes and not answer(f"Let {place.name} take deployments again?"):
        return 1
    journal.lift()
    print(f"{place.name} takes deployments again.")
    return 0
