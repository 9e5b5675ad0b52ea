"""What makes a dashboard sound beyond its single fields. Each sentence says what would be right."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skafu.metrics.query.parsing import ExpressionError, parse, references
from skafu.shared.errors import FieldError
from skafu.workspace.dashboards.limits import COLUMNS
from skafu.workspace.dashboards.model import Document
from skafu.workspace.dashboards.variables import variable_in

ALERTS, TEXT = "alerts", "text"

type Part = Mapping[str, Any]


def problems(document: Document) -> list[FieldError]:
    """What is wrong, field by field; an empty list when all is well."""
    variables = [each["name"] for each in document["variables"]]
    return [
        *_repeated("variables", "name", document["variables"]),
        *_repeated("panels", "id", document["panels"]),
        *(
            problem
            for i, panel in enumerate(document["panels"])
            for problem in _panel(f"panels.{i}", panel, variables)
        ),
    ]


def _repeated(path: str, field: str, parts: Sequence[Part]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for i, each in enumerate(parts):
        if each[field] in seen:
            yield FieldError(f"{path}.{i}.{field}", f"{each[field]} stands for another already")
        seen.add(each[field])


def _panel(path: str, panel: Part, variables: Sequence[str]) -> Iterator[FieldError]:
    if panel["x"] + panel["w"] > COLUMNS:
        yield FieldError(
            f"{path}.w", f"the panel ends beyond the {COLUMNS} columns: x + w is at most {COLUMNS}"
        )
    yield from _belongs(path, panel)
    queries = panel["queries"]
    yield from _repeated(f"{path}.queries", "id", queries)
    for i, query in enumerate(queries):
        where = f"{path}.queries.{i}"
        if "expression" in query:
            yield from _expression(where, query, {each["id"] for each in queries})
        for j, condition in enumerate(query.get("filters", ())):
            yield from _filter(f"{where}.filters.{j}", condition, variables)


def _belongs(path: str, panel: Part) -> Iterator[FieldError]:
    """Whether a panel has what its type needs, and nothing that belongs to another."""
    kind, queries = panel["type"], panel["queries"]
    if kind in (ALERTS, TEXT):
        if queries:
            yield FieldError(f"{path}.queries", f"a panel of type {kind} has no queries")
    elif all(each.get("hidden") for each in queries):
        yield FieldError(
            f"{path}.queries", f"a panel of type {kind} needs a query that is not hidden"
        )
    if kind == TEXT and "text" not in panel:
        yield FieldError(f"{path}.text", "is required for a panel of type text")
    for field in (ALERTS, TEXT):
        if field in panel and kind != field:
            yield FieldError(f"{path}.{field}", f"is for panels of type {field} only")


def _expression(path: str, query: Part, known: set[str]) -> Iterator[FieldError]:
    try:
        named = set(references(parse(query["expression"])))
    except ExpressionError as error:
        yield FieldError(f"{path}.expression", str(error))
        return
    for each in sorted(named - known):
        yield FieldError(f"{path}.expression", f"this panel has no query with the id {each}")
    if query["id"] in named:
        yield FieldError(f"{path}.expression", "must not name itself")


def _filter(path: str, condition: Part, variables: Sequence[str]) -> Iterator[FieldError]:
    value = condition["value"]
    texts = value if isinstance(value, list) else [value]
    named = [name for each in texts if isinstance(each, str) and (name := variable_in(each))]
    for each in named:
        if each not in variables:
            known = ", ".join(variables) or "none"
            yield FieldError(f"{path}.value", f"there is no variable {each}; there are: {known}")
