"""Runs every benchmark, prints their rows as a table and writes them to .local/bench.json.

Each module of this package that has a function `rows` is a benchmark; its name may be given on the
command line to run it alone: `python -m benchmarks.report metrics_storage`.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import benchmarks
from benchmarks.rows import Row

ROOT = Path(__file__).parents[1]
NO_BENCHMARKS = ("__main__", "report", "typical")
"""Modules that do something when they are imported."""

REPORT = ROOT / ".local" / "bench.json"


def measured(names: Sequence[str] = ()) -> Iterator[Row]:
    """The rows of the benchmarks of these names, or of all."""
    found = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)}
    if unknown := set(names) - found:
        raise SystemExit(f"there is no benchmark called {', '.join(sorted(unknown))}")
    for name in sorted(names or found):
        if name in NO_BENCHMARKS:
            continue
        rows = getattr(importlib.import_module(f"benchmarks.{name}"), "rows", None)
        if callable(rows):
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            yield from rows()


HEAD = """\
| measure | value | budget | limit | unit | |
| --- | --- | --- | --- | --- | --- |"""


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown, which docs/benchmarks.md can take as it is."""
    return "\n".join([HEAD, *map(line, rows)])


def line(row: Row) -> str:
    """One of its lines."""
    verdict = {True: "kept", False: "OVER", None: ""}[row.within]
    remark = "; ".join(part for part in (verdict, row.note) if part)
    cells = [row.name, _number(row.value), _number(row.budget), _number(row.limit), row.unit]
    return f"| {' | '.join([*cells, remark])} |"


def document(rows: Sequence[Row]) -> dict[str, dict[str, object]]:
    """The rows as `.local/bench.json` holds them."""
    return {
        row.name: {
            "value": row.value,
            "budget": row.budget,
            "limit": row.limit,
            "unit": row.unit,
        }
        for row in rows
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def main(names: Sequence[str]) -> None:
    """Measure, print what is known as soon as it is, write."""
    rows = []
    print(HEAD)
    for row in measured(names):
        print(line(row), flush=True)
        rows.append(row)
    REPORT.parent.mkdir(exist_ok=True)
    kept = json.loads(REPORT.read_text()) if names and REPORT.exists() else {}
    REPORT.write_text(json.dumps(kept | document(rows), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
