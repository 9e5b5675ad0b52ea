"""How values, conditions and updates are spelled for DynamoDB: attribute values and expressions
with placeholders.
"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from skafu.shared.table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Equals,
    Item,
    Missing,
    Present,
    Update,
    Value,
)

type AttributeValue = dict[str, Any]


def encode(value: Value) -> AttributeValue:
    """One value as DynamoDB's API takes it. Raises TypeError for a type that the port does not
    have.
    """
    # bool is a subclass of int and must be looked at first.
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
    raise TypeError(f"{type(value).__name__} cannot be stored in the table")


def decode(attribute: Mapping[str, Any]) -> Value:
    """The reverse. Bytes come as bytes from the API and as base64 text in a stream's event.

    Raises ValueError for what `encode` never writes.
    """
    match dict(attribute):
        case {"S": str() as text}:
            return text
        case {"N": str() as number}:
            return int(number)
        case {"BOOL": bool() as flag}:
            return flag
        case {"B": bytes() as raw}:
            return raw
        case {"B": str() as text}:
            return b64decode(text, validate=True)
    raise ValueError(f"an attribute of type {', '.join(attribute)} is not one of the table's")


def serialize(item: Item) -> dict[str, AttributeValue]:
    """A whole item as DynamoDB's API takes it."""
    return {name: encode(value) for name, value in item.items()}


def deserialize(image: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    """A whole item as the API or a stream's record shows it. Raises ValueError for foreign
    types.
    """
    return {name: decode(attribute) for name, attribute in image.items()}


class Expressions:
    """Collects placeholders while expressions are written, so that no attribute name meets a
    reserved word.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    def parameters(self) -> dict[str, Any]:
        """The placeholders that were handed out; an empty map is left out, as DynamoDB demands."""
        found: dict[str, Any] = {}
        if self._names:
            found["ExpressionAttributeNames"] = {p: name for name, p in self._names.items()}
        if self._values:
            found["ExpressionAttributeValues"] = self._values
        return found

    def name(self, attribute: str) -> str:
        return self._names.setdefault(attribute, f"#n{len(self._names)}")

    def value(self, value: Value) -> str:
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = encode(value)
        return placeholder

    def condition(self, condition: Condition) -> str:
        """A condition. Raises ValueError for an empty AllOf or AnyOf: nobody means that."""
        match condition:
            case Absent():
                return f"attribute_not_exists({self.name('pk')})"
            case Present():
                return f"attribute_exists({self.name('pk')})"
            case Missing(attribute):
                return f"attribute_not_exists({self.name(attribute)})"
            case Equals(attribute, value):
                return f"{self.name(attribute)} = {self.value(value)}"
            case Below(attribute, value):
                return f"{self.name(attribute)} < {self.value(value)}"
            case AllOf(conditions) | AnyOf(conditions):
                if not conditions:
                    raise ValueError("a condition over nothing")
                word = " AND " if isinstance(condition, AllOf) else " OR "
                return word.join(f"({self.condition(each)})" for each in conditions)

    def update(self, update: Update) -> str:
        """An update's expression."""
        clauses = {
            "SET": [f"{self.name(name)} = {self.value(v)}" for name, v in update.set.items()],
            "ADD": [f"{self.name(name)} {self.value(n)}" for name, n in update.add.items()],
            "REMOVE": [self.name(name) for name in update.remove],
        }
        return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses.items() if parts)
