"""CPU of a warm POST of points, as a ratio to parsing its JSON and sending one signed request.

Both are measured in turns (warm.py) in one fresh interpreter with the deployed bytecode and
libraries; the table is a sink in another process.
"""

import json
import subprocess  # nosec B404 # the programs are this package's own
import sys
from collections.abc import Iterator

from benchmarks.artifacts import INTERPRETER, ROOT, build
from benchmarks.rows import Row

BUDGETS = {1000: 7.0}


def rows() -> Iterator[Row]:
    """A ratio for each size of a batch; the budget is for the largest."""
    for size, (post, least) in _measured().items():
        yield Row(
            f"CPU of POST of {size:,} points",
            post / least,
            "x of JSON parse + one signed request",
            BUDGETS.get(size),
            1,
            f"{post:.2f} ms over {least:.2f} ms here",
        )


def _measured() -> dict[int, tuple[float, float]]:
    environment = build().environment(ROOT)
    with subprocess.Popen(  # nosec B603
        [sys.executable, "-m", "benchmarks.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as sink:
        try:
            port = sink.stdout.readline().strip() if sink.stdout else ""
            said = subprocess.run(  # nosec B603
                [INTERPRETER, "-m", "benchmarks.warm", port],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        finally:
            sink.terminate()
    found = json.loads(said.splitlines()[-1])
    return {int(size): (post, least) for size, (post, least) in found.items()}
