"""Listening to the one logger: its lines as the objects that CloudWatch gets."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skafu.shared.observability import SERVICE, logger


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@contextmanager
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """The lines that are logged inside the block."""
    collector = _Collector()
    collector.setFormatter(logger.registered_formatter)
    # Powertools' Logger wraps the standard logger of the service's name.
    standard = logging.getLogger(SERVICE)
    standard.addHandler(collector)
    try:
        yield collector.lines
    finally:
        standard.removeHandler(collector)
