"""Which differences between two OpenAPI documents break a client of the old one, as sentences.

A client breaks when something it may call, send or rely on is gone or has become narrower: a
removed path, method, parameter or field, a new demand, another type, fewer accepted words, a field
that is no longer certain to be answered. New fields, parameters, problems and words in answers
break nobody: the API's description says that they may come.
"""

from collections.abc import Iterator, Mapping
from typing import Any

type Json = Any
type Document = Mapping[str, Json]

SUCCESS = "2"
# Deeper than any model nests; a model that contains itself has been compared by then.
DEPTH = 12


def breaking_changes(old: Document, new: Document) -> list[str]:
    """One sentence for each; empty when every client of `old` can live with `new`."""
    return sorted(set(_of_paths(old, new)))


def _of_paths(old: Document, new: Document) -> Iterator[str]:
    for path, operations in old["paths"].items():
        for method, before in operations.items():
            name = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{name} is gone"
                continue
            yield from _of_parameters(name, before, after)
            yield from _of_scopes(name, before, after)
            yield from _of_requests(name, old, before, new, after)
            yield from _of_responses(name, old, before, new, after)


def _of_parameters(name: str, before: Document, after: Document) -> Iterator[str]:
    def by_name(operation: Document) -> dict[tuple[str, str], Document]:
        return {(each["in"], each["name"]): each for each in operation.get("parameters", ())}

    known, offered = by_name(before), by_name(after)
    for place, gone in known.keys() - offered.keys():
        yield f"{name}: the {place} parameter {gone} is gone"
    for (place, asked), parameter in offered.items():
        was_required = known.get((place, asked), {}).get("required", False)
        if parameter.get("required", False) and not was_required:
            yield f"{name}: the {place} parameter {asked} is required now"


def _of_scopes(name: str, before: Document, after: Document) -> Iterator[str]:
    def scopes(operation: Document) -> set[str]:
        return {
            scope
            for requirement in operation.get("security", ())
            for each in requirement.values()
            for scope in each
        }

    known, accepted = scopes(before), scopes(after)
    if accepted:
        yield from (f"{name}: the scope {scope} no longer enters" for scope in known - accepted)
        if not known:
            yield f"{name}: needs a token now"


def _content(part: Document | None) -> Json:
    return (part or {}).get("content", {}).get("application/json", {}).get("schema")


def _of_requests(
    name: str, old: Document, before: Document, new: Document, after: Document
) -> Iterator[str]:
    known, wanted = _content(before.get("requestBody")), _content(after.get("requestBody"))
    if wanted is not None and known is None:
        yield f"{name}: needs a body now"
    elif known is not None and wanted is not None:
        where = f"{name}: request"
        yield from _narrowed(where, _Schema(old, known), _Schema(new, wanted), DEPTH)


def _of_responses(
    name: str, old: Document, before: Document, new: Document, after: Document
) -> Iterator[str]:
    for status, known in before["responses"].items():
        if not status.startswith(SUCCESS):
            continue
        offered = after["responses"].get(status)
        if offered is None:
            yield f"{name}: no longer answers {status}"
            continue
        promised, given = _content(known), _content(offered)
        if promised is None:
            continue
        if given is None:
            yield f"{name}: {status} has no body any more"
            continue
        # What a client reads may become narrower, never wider: the same question, asked the other
        # way round.
        where = f"{name}: answer"
        yield from _widened(where, _Schema(old, promised), _Schema(new, given), DEPTH)


class _Schema:
    """A schema together with the document in which its references are looked up."""

    def __init__(self, document: Document, schema: Json) -> None:
        while isinstance(schema, Mapping) and "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        self.document = document
        self.schema: Mapping[str, Json] = schema if isinstance(schema, Mapping) else {}

    def field(self, name: str) -> "_Schema":
        """The schema of a property."""
        return _Schema(self.document, self.schema["properties"][name])

    def items(self) -> "_Schema":
        """The schema of a list's items."""
        return _Schema(self.document, self.schema.get("items", {}))

    @property
    def fields(self) -> set[str]:
        """Names of the properties."""
        return set(self.schema.get("properties", ()))

    @property
    def required(self) -> set[str]:
        """Names of the properties that must be there."""
        return set(self.schema.get("required", ()))

    @property
    def types(self) -> set[str]:
        """JSON types that the schema allows; empty where it names none."""
        found = set()
        for each in (self.schema, *self.schema.get("anyOf", ())):
            inner = _Schema(self.document, each).schema
            kind = inner.get("type", ())
            found |= {kind} if isinstance(kind, str) else set(kind)
        # Every integer is a number.
        return found | ({"integer"} if "number" in found else set())

    @property
    def words(self) -> set[str]:
        """Values of an enumeration; empty when any value goes."""
        constant = [self.schema["const"]] if "const" in self.schema else []
        return {str(each) for each in (*self.schema.get("enum", ()), *constant)}


def _narrowed(where: str, old: _Schema, new: _Schema, depth: int) -> Iterator[str]:
    """What could be sent before and cannot any more."""
    if depth == 0:
        return
    for name in sorted(old.fields - new.fields):
        yield f"{where}: the field {name} is gone"
    for name in sorted(new.required - old.required):
        yield f"{where}: the field {name} is required now"
    if old.types and new.types and not old.types <= new.types:
        lost = ", ".join(sorted(old.types - new.types))
        yield f"{where}: is no longer {lost}"
    if new.words and not old.words:
        yield f"{where}: takes only {', '.join(sorted(new.words))} now"
    elif new.words and not old.words <= new.words:
        yield f"{where}: no longer takes {', '.join(sorted(old.words - new.words))}"
    for name in sorted(old.fields & new.fields):
        yield from _narrowed(f"{where}.{name}", old.field(name), new.field(name), depth - 1)
    if "array" in old.types & new.types:
        yield from _narrowed(f"{where}[]", old.items(), new.items(), depth - 1)


def _widened(where: str, old: _Schema, new: _Schema, depth: int) -> Iterator[str]:
    """What could be relied on in an answer before and cannot any more."""
    if depth == 0:
        return
    for name in sorted(old.fields - new.fields):
        yield f"{where}: the field {name} is gone"
    for name in sorted((old.required - new.required) & new.fields):
        yield f"{where}: the field {name} may be missing now"
    if old.types and new.types and not new.types <= old.types:
        more = ", ".join(sorted(new.types - old.types))
        yield f"{where}: may be {more} now"
    for name in sorted(old.fields & new.fields):
        yield from _widened(f"{where}.{name}", old.field(name), new.field(name), depth - 1)
    if "array" in old.types & new.types:
        yield from _widened(f"{where}[]", old.items(), new.items(), depth - 1)
