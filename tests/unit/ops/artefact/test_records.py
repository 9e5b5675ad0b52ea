"""An environment takes what was tested in the one below it, and nothing else."""

import pytest

from skafu.ops.artefact.manifest import DataFormat, Manifest, Part
from skafu.ops.artefact.records import Mark, Records, admit, confirm
from skafu.ops.artefact.sources import Refused
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


def test_what_nobody_tested_is_refused(records: Records) -> None:
    with pytest.raises(Refused, match="staging takes only what was tested in development"):
        admit(manifest(), "staging", records)


def test_what_was_tested_below_is_admitted(records: Records) -> None:
    records.keep_tested("development", Mark.of(manifest(), NOON))
    admit(manifest(), "staging", records)


def test_what_was_tested_two_below_is_refused(records: Records) -> None:
    records.keep_tested("development", Mark.of(manifest(), NOON))
    with pytest.raises(Refused, match="production takes only what was tested in staging"):
        admit(manifest(), "production", records)


def test_a_merge_that_changes_nothing_of_it_needs_no_new_test(records: Records) -> None:
    records.keep_tested("development", Mark.of(manifest(), NOON))
    admit(manifest(commit="d"), "staging", records)


def test_other_parts_of_the_same_sources_are_refused(records: Records) -> None:
    records.keep_tested("development", Mark.of(manifest(), NOON))
    with pytest.raises(Refused, match="has other parts"):
        admit(manifest("2"), "staging", records)


def test_uncommitted_changes_go_nowhere(records: Records) -> None:
    dirty = manifest(dirty=True)
    records.keep_deployed("development", Mark.of(dirty, NOON))
    with pytest.raises(Refused, match="cannot be promoted"):
        confirm(dirty, "development", records)
    records.keep_tested("development", Mark.of(manifest(), NOON))
    with pytest.raises(Refused, match="no artefact with uncommitted changes"):
        admit(dirty, "staging", records)


def test_only_what_is_deployed_can_have_been_tested(records: Records) -> None:
    with pytest.raises(Refused, match="not the one that is deployed in development"):
        confirm(manifest(), "development", records)
    records.keep_deployed("development", Mark.of(manifest("2"), NOON))
    with pytest.raises(Refused, match="not the one that is deployed in development"):
        confirm(manifest(), "development", records)
    records.keep_deployed("development", Mark.of(manifest(), NOON))
    confirm(manifest(), "development", records)
