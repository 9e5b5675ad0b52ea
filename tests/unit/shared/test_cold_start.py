import subprocess
import sys
from pathlib import Path

import skafu

PROGRAM = """
import gc
from skafu.shared import cold_start
assert not gc.isenabled()
cold_start.over()
assert gc.isenabled()
assert gc.get_freeze_count() > 0
"""


def test_the_collector_rests_while_a_function_loads_and_works_afterwards() -> None:
    # In an interpreter of its own: the collector is everybody's.
    subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(Path(skafu.__file__).parents[1])},
        check=True,
    )
