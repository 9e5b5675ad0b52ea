"""What reads and writes cost in DynamoDB's units, by AWS's published rules.

Sources, all of the Amazon DynamoDB developer guide:

* "DynamoDB item sizes and formats": names and texts count their UTF-8 bytes, numbers about a byte
  for two significant digits and one more, binaries their length, a boolean one.
* "DynamoDB on-demand capacity mode": a write unit is a KB of an item, a read unit 4 KB read
  consistently; both are rounded up. In a transaction they cost twice, read eventually consistently
  half.
* "DynamoDB read and write operations": GetItem and each item of BatchGetItem are rounded up by
  themselves, a Query by the sum of its page; what finds nothing costs the minimum. A put or an
  update costs the larger of the item before and after it, a deletion the item that it removes, and
  a failed condition the item that it failed on.
* "Using Global Secondary Indexes": an index that holds the whole item costs a write of its own
  where its entry is made, changed or removed, and two where its key changes.
"""

import math

from skafu.shared.table import Item, Value

WRITE_BYTES = 1024
READ_BYTES = 4096
STORAGE_OVERHEAD = 100
"""Bytes that an item takes at rest beyond its size."""


def item_size(item: Item) -> int:
    """The size of an item in bytes, names of its attributes included."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """The size of one value in bytes."""
    match value:
        case bool():
            return 1
        case str():
            return len(value) if value.isascii() else len(value.encode())
        case bytes():
            return len(value)
    digits = str(abs(value)).strip("0") or "0"
    return (len(digits) + 1) // 2 + 1 + (value < 0)


def write_units(size: int, transactional: bool = False) -> int:
    """What writing an item of so many bytes costs."""
    return max(1, math.ceil(size / WRITE_BYTES)) * (2 if transactional else 1)


def read_units(size: int, consistent: bool) -> float:
    """What reading so many bytes in one go costs: an item, or a query's page."""
    return max(1, math.ceil(size / READ_BYTES)) * (1.0 if consistent else 0.5)
