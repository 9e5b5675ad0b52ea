"""Sizes of what is uploaded."""

from collections.abc import Iterator

from benchmarks.artifacts import build, zipped
from benchmarks.rows import Row

KB = 1024
MB = 1024 * KB


def rows() -> Iterator[Row]:
    """The metrics function's archive and the layer's, for this machine's architecture."""
    made = build()
    yield Row("zip of the metrics function", zipped(made.function) / KB, "KB", 100)
    yield Row("zip of the layer", zipped(made.layer.parent) / MB, "MB", 6)
