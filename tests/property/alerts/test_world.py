"""The engine in a faulty world, and its guards switched off one by one.

SKAFU_TRIALS=200 runs more worlds than usual. A mutant is tried in the worlds that are known to show
it and, because any change of the engine changes what happens in a world, in the first few where
these do not; SKAFU_MUTANT_TRIALS=40 tries it in so many. What hardly any world shows is held by
tests of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.property.alerts.mutants import MUTANTS, Mutant
from tests.property.alerts.trial import trial
from tests.support.mutants import ROOT, breed, edited, tried

TRIALS = int(os.environ.get("SKAFU_TRIALS", "8"))
MUTANT_TRIALS = int(os.environ.get("SKAFU_MUTANT_TRIALS", "10"))
TRIED = [each for each in MUTANTS if not each.held_by]
HELD = [each for each in MUTANTS if each.held_by]
TRIAL = "tests.property.alerts.trial"


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
    kind = "calm" if mutant.calm else "chaos"
    worlds = [f"{kind}:{seed}" for seed in (*mutant.seeds, *range(MUTANT_TRIALS))]
    found = tried(mutant, TRIAL, worlds, tmp_path)

    assert (found.returncode, found.stderr) == (1, ""), found.stdout


@pytest.mark.parametrize("mutant", HELD, ids=lambda mutant: mutant.name)
def test_what_chance_does_not_show_is_missed_by_a_test_of_its_own(
    mutant: Mutant, tmp_path: Path
) -> None:
    backend = breed(mutant, tmp_path)
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    found = subprocess.run(
        [*pytest_run, "-o", f"pythonpath={backend} .", mutant.held_by],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1, found.stdout + found.stderr
    assert "FAILED" in found.stdout
