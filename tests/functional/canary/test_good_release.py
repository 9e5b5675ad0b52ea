"""Every check, on the functions as they are: nothing is wrong with them."""

import pytest

from skafu.canary.checks import examine
from skafu.canary.examination import FUNCTIONS, checks_of
from tests.support.canary import ReleaseInMemory


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_good_function_passes(function: str) -> None:
    release = ReleaseInMemory()
    checks = checks_of(function, release.scene(), release.called, release.stored)
    results = list(examine(checks, release.clock))
    assert results
    assert [each for each in results if not each.passed] == []
