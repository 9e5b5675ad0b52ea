"""The releases of a stack, newest first: when, by whom, of what, and which can be had again.

`restorable` says that `rollback --to` would find what it needs of it: each function's version is
there, and the release reads what was written since. Whether data and template allow it in full,
`rollback --dry-run` tells.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from skafu.ops import deployment
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.data_format import unread
from skafu.ops.release.place import Place, add_arguments, place_of
from skafu.ops.release.record import Release
from skafu.ops.release.versions import versions_of
from skafu.ops.release.words import moment, short, table, who
from skafu.shared import aws

LISTED = 20
HEAD = ("release", "when", "who", "kind", "commit", "artefact", "evidence", "")


def listed(place: Place, count: int) -> Iterator[tuple[Release, str]]:
    """The newest releases, each with what is to be said of it: that it is current, can be had again
    or why not.
    """
    journal = place.journal
    current = journal.current_id()
    releases = [journal.read(each) for each in journal.ids()[:count]]
    there = _there(place.account, releases)
    for number, release in enumerate(releases):
        if release.id == current:
            yield release, "current"
        else:
            yield release, hindrance(release, releases[:number], there) or "restorable"


def hindrance(
    release: Release, since: Iterable[Release], there: Mapping[str, Iterable[int]]
) -> str | None:
    """Why a release cannot be had again; `there` are the versions of functions by their names."""
    wanted = release.functions.values()
    gone = [each for each in wanted if int(each.version) not in there.get(each.name, ())]
    if gone:
        return f"versions of {len(gone)} functions are gone"
    if strange := unread(release.data_format, since):
        return f"does not read data format {strange[0].data_format.writes}"
    return None


def _there(account: Account, releases: Iterable[Release]) -> dict[str, Iterable[int]]:
    client = account.client("lambda")
    names = {each.name for release in releases for each in release.functions.values()}
    return {name: versions_of(client, name) for name in names}


def _row(release: Release, mark: str) -> tuple[str, ...]:
    kind = release.kind if release.of is None else f"{release.kind} to {release.of}"
    commit = short(release.artefact.commit) + ("-dirty" if release.artefact.dirty else "")
    evidence = str(len(release.evidence)) if release.evidence else "-"
    told = (moment(release.at), who(release.by), kind, commit, short(release.artefact.identity))
    return (release.id, *told, evidence, mark)


def _json(release: Release, mark: str) -> dict[str, Any]:
    return {**release.model_dump(mode="json"), "mark": mark}


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops releases",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("--count", type=int, default=LISTED, help="how many (%(default)s)")
    parser.add_argument("--json", action="store_true", help="everything of each, for programs")
    options = parser.parse_args(arguments)
    try:
        place = place_of(options, make)
        found = list(listed(place, options.count))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps([_json(*each) for each in found], indent=2))
    elif found:
        print(table(HEAD, [_row(*each) for each in found]))
    else:
        print(f"No release of {place.name} was recorded.")
    return 0
