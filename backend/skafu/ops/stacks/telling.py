"""What `stacks` prints."""

from collections.abc import Collection, Iterable, Iterator

from skafu.ops.release.changes import Change, sections
from skafu.ops.release.observed import Stack
from skafu.ops.stacks.book import Book
from skafu.ops.stacks.values import Found


def everything(book: Book) -> Iterator[str]:
    """Every stack with its accounts, regions and needs, in order."""
    yield f"{'stack':<14} {'accounts':<44} {'regions':<14} needs"
    for name in book.ordered(book.stacks):
        stack = book.stacks[name]
        accounts, regions = ", ".join(stack.accounts), ", ".join(stack.regions)
        yield f"{name:<14} {accounts:<44} {regions:<14} {', '.join(stack.needs) or '-'}"


def state(name: str, region: str, stack: Stack | None) -> str:
    """One stack as it is."""
    return f"{name:<14} {region:<11} {stack.status if stack else 'not there'}"


def parameters(found: Found, given: Collection[str]) -> Iterator[str]:
    """Values that were found and those that were not. Of a given one its name: it may be secret."""
    for name, value in found.values.items():
        if name not in given:
            yield f"    {name} = {value}"
    for name in given:
        yield f"    {name} is given"
    for name, why in {**found.open, **found.demanded}.items():
        if name not in given:
            yield f"    {name} is left as it is: {why}"


def changed(changes: Iterable[Change]) -> Iterator[str]:
    """What a change set would do, gravest first."""
    shown = [each for each in sections(changes) if each.lines]
    if not shown:
        yield "    outputs, tags or descriptions alone"
    for each in shown:
        yield f"    {each.title}"
        yield from (f"      {line}" for line in each.lines)
