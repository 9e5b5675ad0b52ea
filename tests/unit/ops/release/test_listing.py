"""Releases as people see them, with what can be had again."""

import json

import pytest

from skafu.ops.artefact.manifest import DataFormat
from skafu.ops.release import listing
from skafu.ops.release.journal import Journal
from tests.support.clouds import Cloud
from tests.unit.ops.release.conftest import Releasing

ASKED = ["--environment", "production"]


def lines(cloud: Cloud, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    assert listing.main([*ASKED, *more], cloud.make) == 0
    return capsys.readouterr().out.splitlines()


def test_releases_are_told_newest_first_with_what_can_be_had_again(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    releasing(1, "c2")
    head, newest, oldest = lines(cloud, capsys)
    assert head.split() == [
        *("release", "when", "who", "kind", "commit", "artefact", "evidence"),
    ]
    assert newest.split() == [
        *("20231115T120100Z-cccccccc", "2023-11-15", "12:01:00", "UTC", "deployer/ana"),
        *("deploy", "cccccccccccc", "cccccccccccc", "-", "current"),
    ]
    assert oldest.startswith("20231115T120000Z-aaaaaaaa") and oldest.endswith("restorable")


def test_a_release_whose_versions_are_gone_cannot_be_had_again(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    releasing(1, "c2")
    del cloud.functions.named["skafu-prod-a"].versions["1"]
    assert lines(cloud, capsys)[2].endswith("versions of 1 functions are gone")


def test_a_release_that_cannot_read_what_was_written_since_is_told(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    releasing(1, "c2", data_format=DataFormat(writes=2, reads=(1, 2)))
    releasing(2, "d3", data_format=DataFormat(writes=1, reads=(1, 2)))
    told = lines(cloud, capsys)
    assert told[2].endswith("restorable")
    assert told[3].endswith("does not read data format 2")


def test_programs_get_everything(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    first = releasing(0, "a1")
    [found] = json.loads("".join(lines(cloud, capsys, "--json")))
    assert found.pop("mark") == "current"
    assert found == first.model_dump(mode="json")


def test_as_many_are_told_as_are_asked_for(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    for minute in range(4):
        releasing(minute, f"a{minute}")
    assert len(lines(cloud, capsys, "--count", "2")) == 3


def test_a_stack_without_releases_says_so(
    cloud: Cloud, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lines(cloud, capsys) == [f"No release of {journal.stack} was recorded."]


def test_an_account_without_a_bucket_is_told(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    del cloud.stacks.named["skafu-foundation"]
    assert listing.main(ASKED, cloud.make) == 1
    assert "has no artefact bucket" in capsys.readouterr().err
