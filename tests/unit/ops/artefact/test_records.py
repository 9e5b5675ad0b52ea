"""What an account remembers of artefacts."""

import pytest

from skafu.ops.artefact.manifest import DataFormat, Manifest, Part
from skafu.ops.artefact.records import Mark, Records
from tests.support.buckets import Bucket
from tests.support.clocks import NOON


def manifest(code: str = "1", *, commit: str = "c", dirty: bool = False) -> Manifest:
    return Manifest(
        format=2,
        identity="a" * 64,
        architecture="arm64",
        commit=commit * 40,
        dirty=dirty,
        tools={},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts={"A.zip": Part(sha256=code * 64, size=1)},
    )


@pytest.fixture
def records() -> Records:
    return Records(Bucket(), "artefacts")


def test_nothing_is_remembered_at_first(records: Records) -> None:
    assert records.deployed("staging") is None
    assert records.tested("staging", "a" * 64) is None


def test_what_is_deployed_is_remembered_by_environment(records: Records) -> None:
    records.keep_deployed("staging", Mark.of(manifest(), NOON))
    records.keep_deployed("staging", Mark.of(manifest("2"), NOON + 1))
    assert records.deployed("staging") == Mark.of(manifest("2"), NOON + 1)
    assert records.deployed("production") is None


def test_what_was_tested_is_remembered_for_good(records: Records) -> None:
    records.keep_tested("staging", Mark.of(manifest(), NOON))
    records.keep_tested("staging", Mark.of(manifest().model_copy(update={"identity": "b" * 64}), 1))
    assert records.tested("staging", "a" * 64) == Mark.of(manifest(), NOON)


def test_a_mark_tells_parts_apart() -> None:
    assert Mark.of(manifest(), NOON).is_of(manifest(commit="d"))
    assert not Mark.of(manifest(), NOON).is_of(manifest("2"))
