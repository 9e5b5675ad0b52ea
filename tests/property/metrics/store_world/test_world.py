"""The store in a faulty world, and its guards switched off one by one.

SKAFU_TRIALS=1000 runs more worlds than usual. A mutant is tried in worlds that are known to show it
and, because any change of the store changes what happens in a world, in the first 40 where these do
not; SKAFU_MUTANT_TRIALS=100 tries it in so many.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.property.metrics.store_world.mutants import HARMLESS, MUTANTS, Mutant
from tests.property.metrics.store_world.scenes import SCENES
from tests.property.metrics.store_world.trial import trial
from tests.support.mutants import edited, tried

TRIAL = "tests.property.metrics.store_world.trial"
TRIALS = int(os.environ.get("SKAFU_TRIALS", "30"))
MUTANT_TRIALS = int(os.environ.get("SKAFU_MUTANT_TRIALS", "40"))
HARMLESS_TRIALS = int(os.environ.get("SKAFU_MUTANT_TRIALS", "4"))


@pytest.mark.parametrize("seed", range(TRIALS))
def test_every_acknowledged_point_is_answered_exactly_once(seed: int) -> None:
    assert trial(seed) is None


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_what_hardly_ever_happens_does_no_harm(scene: Callable[[], str | None]) -> None:
    assert scene() is None


@pytest.mark.parametrize("mutant", [*MUTANTS, *HARMLESS], ids=lambda mutant: mutant.name)
def test_every_guard_is_where_the_mutants_look_for_it(mutant: Mutant) -> None:
    assert edited(mutant)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_that_is_switched_off_is_missed(mutant: Mutant, tmp_path: Path) -> None:
    worlds = map(str, (*mutant.seeds, *range(MUTANT_TRIALS)))
    found = tried(mutant, TRIAL, ["scenes"] if mutant.staged else worlds, tmp_path)

    assert (found.returncode, found.stderr) == (1, ""), found.stdout


@pytest.mark.parametrize("mutant", HARMLESS, ids=lambda mutant: mutant.name)
def test_what_only_saves_work_is_not_missed(mutant: Mutant, tmp_path: Path) -> None:
    found = tried(mutant, TRIAL, map(str, range(HARMLESS_TRIALS)), tmp_path)

    assert (found.returncode, found.stderr) == (0, ""), found.stdout
