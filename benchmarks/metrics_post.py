"""CPU of a warm POST of points, as a ratio to parsing its JSON and sending one signed request.

Both are measured in turns (warm.py) in one fresh interpreter with the deployed bytecode and
libraries; the table is a sink in another process.
"""

import json
import subprocess  # nosec B404 # the programs are this package's own
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from benchmarks.artifacts import INTERPRETER, ROOT, build
from benchmarks.rows import Row

BUDGETS = {1000: 7.0}
UNIT = "x of JSON parse + one signed request"


@dataclass(frozen=True)
class Posting:
    """Milliseconds of CPU by size of the batch: ours, the least there is, the same points
    as columns of a known layout, and a typical handler; and of one request to the table."""

    ours: dict[int, float]
    least: dict[int, float]
    call: float
    columnar: dict[int, float]
    typical: dict[int, float]


def rows() -> Iterator[Row]:
    """A ratio for each size of a batch."""
    found = measured()
    for size, post in found.ours.items():
        least = found.least[size]
        yield Row(
            f"CPU of POST of {size:,} points",
            post / least,
            UNIT,
            BUDGETS.get(size),
            1,
            f"{post:.2f} ms over {least:.2f} ms here",
        )
    for size, post in found.columnar.items():
        least = found.least[size]
        yield Row(
            f"CPU of POST of {size:,} points by columns",
            post / least,
            UNIT,
            note=f"{post:.2f} ms; the reference parses the long form",
        )
    for size, post in found.typical.items():
        least = found.least[size]
        yield Row(
            f"CPU of POST of {size:,} points, typical handler, an item each",
            post / least,
            UNIT,
            note=f"{post:.1f} ms over {least:.2f} ms here",
        )


@cache
def measured() -> Posting:
    """Measures once in a run; what costs dollars is computed from it too."""
    environment = build().environment(ROOT)
    with subprocess.Popen(  # nosec B603: a fixed program
        [sys.executable, "-m", "benchmarks.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as sink:
        try:
            port = sink.stdout.readline().strip() if sink.stdout else ""
            said = subprocess.run(  # nosec B603: a fixed program
                [INTERPRETER, "-m", "benchmarks.warm", port],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        finally:
            sink.terminate()
    found = json.loads(said.splitlines()[-1])
    return Posting(
        ours={int(size): post for size, (post, _) in found["ours"].items()},
        least={int(size): least for size, (_, least) in found["ours"].items()},
        call=found["call"],
        columnar={int(size): post for size, post in found["columnar"].items()},
        typical={int(size): post for size, post in found["typical"].items()},
    )
