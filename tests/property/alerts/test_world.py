"""The engine in a faulty world, and its guards switched off one by one.

SKAFU_TRIALS=200 runs more worlds than usual; SKAFU_MUTANT_TRIALS=40 tries every mutant in so many,
where usually a few of them are tried.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.property.alerts.mutants import MUTANTS, Mutant, breed, edited
from tests.property.alerts.trial import trial

ROOT = Path(__file__).parents[3]
TRIALS = int(os.environ.get("SKAFU_TRIALS", "12"))
MUTANT_TRIALS = int(os.environ.get("SKAFU_MUTANT_TRIALS", "0"))
# These show in the very first worlds.
QUICK = {
    "state, log and outbox are written one after another",
    "late data count",
    "a walk starts from the present state",
    "a notification has another id each time",
}
TRIED = [mutant for mutant in MUTANTS if MUTANT_TRIALS or mutant.name in QUICK]


@pytest.mark.parametrize("seed", range(TRIALS))
def test_in_chaos_every_promise_holds(seed: int) -> None:
    assert not trial(seed, calm=False)


@pytest.mark.parametrize("seed", range(TRIALS // 2))
def test_in_calm_nothing_has_to_be_corrected(seed: int) -> None:
    assert not trial(seed, calm=True)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_guard_is_where_the_mutants_look_for_it(mutant: Mutant) -> None:
    assert edited(mutant)


@pytest.mark.parametrize("mutant", TRIED, ids=lambda mutant: mutant.name)
def test_a_guard_that_is_switched_off_is_missed(mutant: Mutant, tmp_path: Path) -> None:
    kind = {None: "both", True: "calm", False: "chaos"}[mutant.calm]
    program = [sys.executable, "-m", "tests.property.alerts.trial"]
    found = subprocess.run(
        [*program, "0", str(MUTANT_TRIALS or 4), kind],
        cwd=ROOT,
        env={"PYTHONPATH": f"{breed(mutant, tmp_path)}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stderr) == (1, ""), found.stdout
