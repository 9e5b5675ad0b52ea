"""Accounts, data flows and stacks as Mermaid, which GitHub draws and people can read as text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from skafu.ops.architecture.flows import STORES, Arrow, Kind, Reader
from skafu.ops.environments import Environment
from skafu.ops.stacks.book import APPLICATION, OTHERS, Book, Source
from skafu.ops.stacks.values import Place, place_of

SHAPES = {"table": '[("{}")]', "queue": '[["{}"]]', "topic": '(["{}"])', "bucket": '[("{}")]'}
ARROWS = {Kind.WAKES: "==>", Kind.WRITES: "-->", Kind.READS: "-.->"}
HIDDEN = "DeadLetters"
"""Everything that may fail writes to such a queue, which would hide all else."""


def _drawn(lines: Iterable[str], direction: str = "LR") -> str:
    body = "".join(f"  {line}\n" for line in lines)
    return f"\n```mermaid\nflowchart {direction}\n{body}```\n\n"


def _id(*parts: str) -> str:
    return "_".join(parts).replace("-", "_")


def accounts(book: Book, environments: Sequence[Environment]) -> str:
    """Every account with its stacks, region by region."""
    places = [place_of(book, each) for each in OTHERS]
    places += [place_of(book, "environment", each) for each in environments]
    return _drawn(line for place in places for line in _account(book, place))


def _account(book: Book, place: Place) -> Iterator[str]:
    yield f'subgraph {_id(place.name)}["{place.name}"]'
    found: dict[str, list[str]] = {}
    if place.environment:
        found[place.home] = [f"<b>{place.environment.stack_name}</b>"]
        if place.replica:
            found[place.replica] = [f"{place.environment.stack_name}, standing by"]
    for name in book.ordered(book.stacks):
        for region in place.regions(book.stacks[name]):
            found.setdefault(region, []).append(name)
    for region, names in found.items():
        yield f'  {_id(place.name, region)}["{region}<br>{"<br>".join(names)}"]'
    yield "end"


def needs(book: Book) -> str:
    """What is deployed before what, and whose outputs become whose parameters (dotted)."""
    lines = [f'{_id(name)}["{name}"]' for name in book.ordered(book.stacks)]
    lines.append(f'{APPLICATION}["<b>the application</b>"]')
    for name, stack in book.stacks.items():
        told = _told(stack.parameters) - {name}
        lines += [f"{_id(each)} --> {_id(name)}" for each in stack.needs]
        lines += [f"{_id(each)} -.-> {_id(name)}" for each in sorted(told - set(stack.needs))]
    lines += [f"{_id(x)} -.-> {APPLICATION}" for x in sorted(_told(book.application.parameters))]
    return _drawn(lines)


def _told(parameters: Mapping[str, Source]) -> set[str]:
    return {each.output.split(".")[0] for each in parameters.values() if each.output}


def flows(resources: Mapping[str, Any]) -> str:
    """Data on their way through the application."""
    reader = Reader(resources)
    shown = [x for x in reader.arrows() if not x.source.endswith(HIDDEN) and not _is_hidden(x)]
    names = dict.fromkeys(name for each in shown for name in (each.source, each.target))
    lines = [_node(reader, name) for name in names]
    lines += [f"{each.source} {ARROWS[each.kind]} {each.target}" for each in shown]
    return _drawn(lines)


def _is_hidden(arrow: Arrow) -> bool:
    return arrow.target.endswith(HIDDEN)


def _node(reader: Reader, name: str) -> str:
    if name not in reader.resources:
        return f'{name}(("{name}"))'
    shape = SHAPES.get(STORES.get(reader.kind_of(name), ""), '["{}"]')
    return name + shape.format(name)


def stacks(book: Book, purposes: Mapping[str, str]) -> str:
    """The table of docs/infrastructure.md. `purposes`: templates' descriptions."""
    head = "| stack | what it is | accounts | regions | needs | on the embedded AWS |\n"
    rows = [head, "|---|---|---|---|---|---|\n"]
    for name in book.ordered(book.stacks):
        stack = book.stacks[name]
        where = ", ".join(stack.regions) + (f" (where `{stack.when}` is set)" if stack.when else "")
        emulated = "deployed" if stack.emulated is True else f"no: {stack.emulated}"
        cells = (
            f"[{name}](../infrastructure/{name}.yaml)",
            purposes[name].removeprefix("Skafu - "),
            ", ".join(stack.accounts),
            where,
            ", ".join(stack.needs) or "-",
            emulated,
        )
        rows.append(f"| {' | '.join(cells)} |\n")
    return "\n" + "".join(rows) + "\n"


def parameters(book: Book) -> str:
    """Where each parameter of each stack comes from."""
    rows = ["| stack | parameter | from |\n", "|---|---|---|\n"]
    told = {name: book.stacks[name].parameters for name in book.ordered(book.stacks)}
    for name, found in (told | {"the application": book.application.parameters}).items():
        rows += [f"| {name} | `{key}` | {_from(source)} |\n" for key, source in found.items()]
    return "\n" + "".join(rows) + "\n"


def _from(source: Source) -> str:
    if source.output:
        where = [source.account and f"{source.account} account", source.region]
        place = ", ".join(each for each in where if each)
        found = f"output `{source.output}`" + (f" ({place})" if place else "")
        found += f" and `{source.suffix}`" if source.suffix else ""
    elif source.environment:
        found = f"`{source.environment}` of the environment's file"
    elif source.operator:
        found = f"`--parameter`: {source.operator}"
    else:
        found = f"the command: {source.told}" if source.told else f"always `{source.value}`"
    found += f", in {source.only} alone" if source.only else ""
    found += f", where `{source.when}` is set" if source.when else ""
    return found + (", demanded" if source.demanded else "")
