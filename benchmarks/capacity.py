"""What requests to DynamoDB cost, by AWS's published rules, on the requests that are really sent.

Sizes: "DynamoDB item sizes and formats" in the Amazon DynamoDB developer guide. Names and texts
count their UTF-8 bytes, numbers about one byte for two significant digits and one more, binaries
their length, a boolean one. A write costs a unit for each started KB of its item, the storage of an
item 100 bytes more than its size.
"""

import math
from collections.abc import Mapping
from typing import Any

STORAGE_OVERHEAD = 100
WRITE_UNIT = 1024

type Attributes = Mapping[str, Mapping[str, Any]]


def item_bytes(item: Attributes) -> int:
    """The size of an item as the API takes it."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(item: Attributes) -> int:
    """What one write of this item costs outside of a transaction."""
    return max(1, math.ceil(item_bytes(item) / WRITE_UNIT))


def _value_bytes(attribute: Mapping[str, Any]) -> int:
    match dict(attribute):
        case {"S": str() as text}:
            return len(text.encode())
        case {"B": bytes() as raw}:
            return len(raw)
        case {"BOOL": _}:
            return 1
        case {"N": str() as number}:
            digits = number.lstrip("-").strip("0") or "0"
            return math.ceil(len(digits) / 2) + 1 + number.startswith("-")
    raise ValueError(f"attributes of type {', '.join(attribute)} are not used")


class MeteredClient:
    """In the place of a botocore client of DynamoDB: keeps what is put, and what that costs."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Attributes] = {}
        self.calls: list[str] = []
        self.puts: list[Attributes] = []

    def put_item(self, **request: Any) -> dict[str, Any]:
        self.calls.append("put_item")
        item = request["Item"]
        self.puts.append(item)
        self.items[_key(item)] = item
        return {}

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.calls.append("get_item")
        item = self.items.get(_key(request["Key"]))
        return {} if item is None else {"Item": item}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        self.calls.append("batch_get_item")
        ((name, wanted),) = request["RequestItems"].items()
        found = (self.items.get(_key(key)) for key in wanted["Keys"])
        return {"Responses": {name: [item for item in found if item is not None]}}

    def forget(self) -> None:
        """Begin counting anew; what was put stays."""
        self.calls.clear()
        self.puts.clear()

    @property
    def units(self) -> int:
        """Write units since counting began."""
        return sum(write_units(item) for item in self.puts)


def _key(item: Attributes) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
