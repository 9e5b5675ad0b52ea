"""What requests to DynamoDB cost, by AWS's published rules (skafu.shared.capacity), on the requests
that are really sent.
"""

from collections.abc import Mapping
from typing import Any

from skafu.shared import capacity
from skafu.shared.capacity import STORAGE_OVERHEAD
from skafu.shared.wire import deserialize

__all__ = ["STORAGE_OVERHEAD", "MeteredClient", "item_bytes", "write_units"]

type Attributes = Mapping[str, Mapping[str, Any]]


def item_bytes(item: Attributes) -> int:
    """The size of an item as the API takes it."""
    return capacity.item_size(deserialize(item))


def write_units(item: Attributes) -> int:
    """What one write of this item costs outside of a transaction."""
    return capacity.write_units(item_bytes(item))


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
