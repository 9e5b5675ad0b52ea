"""What a deployment would change, or what is different between two releases.

With --artefact CloudFormation is asked: it makes a change set, which is read and deleted again.
What cannot be undone comes first. With two releases, what was recorded of them is compared;
`current` is the one that runs.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.artefact import frontend
from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.build import TEMPLATE
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import located, opened
from skafu.ops.release import changes, comparing
from skafu.ops.release.before import refuse_held, refuse_unreadable
from skafu.ops.release.changes import Means, Package, packaged_by_sam
from skafu.ops.release.deploying import marked, parameters_of
from skafu.ops.release.journal import Journal
from skafu.ops.release.place import Place, add_arguments, place_of
from skafu.ops.release.record import Release
from skafu.ops.release.sections import Section, as_markdown, as_text
from skafu.ops.release.words import short
from skafu.ops.stacks.application import beside
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock

CURRENT = "current"


def of_artefact(
    place: Place, folder: Path, environment: str, told: Sequence[str], means: Means
) -> Iterator[Section]:
    """What a deployment of an artefact would change, to be read before it is deployed.

    Raises Refused when CloudFormation would not deploy it.
    """
    manifest = manifests.read(folder)
    text = (folder / TEMPLATE).read_text(encoding="utf-8")
    others = beside(place.account, environment, place.settings.region, told)
    parameters = parameters_of(place.settings, manifest, told, others)
    template = marked(located(text, manifest, place.account.bucket()), parameters)
    found = changes.changes(place, template, parameters, means)
    current = place.journal.current()
    yield Section("It would be refused", list(_refusals(place.journal, manifest)), is_grave=True)
    yield from changes.sections(found)
    if current is not None:
        was = place.journal.template(current)
        yield Section(f"Compared with {current.id}", list(_compared(current, manifest)))
        yield Section("Other code", comparing.recoded(was, template))


def _refusals(journal: Journal, manifest: Manifest) -> Iterator[str]:
    """Why a deployment would not even begin."""
    try:
        refuse_held(journal)
    except Refused as refusal:
        yield str(refusal)
    try:
        refuse_unreadable(journal, manifest.data_format)
    except Refused as refusal:
        yield str(refusal)


def _compared(current: Release, manifest: Manifest) -> Iterator[str]:
    if current.artefact.identity == manifest.identity:
        yield "the same sources"
    if current.artefact.commit != manifest.commit:
        yield f"commit: {short(current.artefact.commit)} -> {short(manifest.commit)}"
    console = manifest.parts[frontend.NAME].sha256
    if current.console != console:
        yield f"console: {short(current.console)} -> {short(console)}"
    yield from comparing.formats(current.data_format, manifest.data_format)


def of_releases(place: Place, old: str, new: str) -> Iterator[Section]:
    """What is different between two releases. Raises Refused when there is none of an id."""
    journal = place.journal
    first, second = (_release(journal, each) for each in (old, new))
    texts = (journal.template(each) for each in (first, second))
    return comparing.between(first, second, *texts)


def _release(journal: Journal, name: str) -> Release:
    found = journal.current() if name == CURRENT else journal.read(name)
    if found is None:
        raise Refused(f"No release of {journal.stack} was recorded.")
    return found


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    clock: Clock = system_clock,
    package: Package = packaged_by_sam,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.artefact is None) != (len(options.releases) == 2):
        parser.error("name an artefact (--artefact), or two releases")
    try:
        title, found = _found(options, make, Means(f"skafu-diff-{clock()}", package))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if not any(each.lines for each in found):
        found = [Section("Nothing is different.", ["The same template, parameters and code."])]
    if options.markdown:
        print(as_markdown(title, found))
    else:
        print(as_text(found, coloured=sys.stdout.isatty()))
    return 0


def _found(
    options: argparse.Namespace, make: deployment.Make, means: Means
) -> tuple[str, list[Section]]:
    """A title, and all that is different."""
    if options.artefact is None:
        place = place_of(options, make)
        title = f"From {options.releases[0]} to {options.releases[1]} ({place.name})"
        return title, list(of_releases(place, *options.releases))
    with opened(options.artefact) as folder:
        place = place_of(options, make, folder)
        found = list(of_artefact(place, folder, options.environment, options.parameter, means))
    return f"What a deployment would change in {options.environment} ({place.name})", found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops diff",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.add_argument("releases", nargs="*", metavar="RELEASE", help="two ids, or `current`")
    parser.add_argument("--artefact", type=Path, metavar="PATH", help="its folder or its .zip")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--markdown", action="store_true", help="for a pull request's comment")
    return parser
