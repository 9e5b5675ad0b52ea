"""Two teams, made once: what a test has done to them is undone before the next one."""

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from tests.support.neighbours import Neighbours


@pytest.fixture(scope="package")
def _settled() -> Iterator[tuple[Neighbours, Callable[[], None]]]:
    with mock_aws():
        found = Neighbours()
        yield found, found.keep()


@pytest.fixture
def town(_settled: tuple[Neighbours, Callable[[], None]]) -> Iterator[Neighbours]:
    """Both teams. Whatever the test does as the second one, nothing of the first one changes."""
    found, back = _settled
    back()
    found.watch()
    yield found
    found.check()
