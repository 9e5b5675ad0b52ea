"""What is different, for people and for pull requests."""

from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of
from skafu.ops.release import diff
from skafu.ops.release.journal import Journal
from skafu.ops.release.place import Place
from tests.support.clocks import FakeClock
from tests.support.clouds import Cloud
from tests.support.repositories import write
from tests.unit.ops.release.conftest import STACK, Releasing, hold_of
from tests.unit.ops.release.test_changes import MADE, change

ASKED = ["--environment", "production"]
TEMPLATE = """\
Parameters: {Environment: {Type: String}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}
"""
SETTINGS = """\
[production.global.parameters]
stack_name = "skafu-prod"
region = "us-east-1"
parameter_overrides = "Environment=production"
[production.deploy.parameters]
capabilities = "CAPABILITY_IAM"
confirm_changeset = true
tags = "project=skafu"
"""


def as_it_is(_place: Place, template: str) -> str:
    """In the place of the SAM CLI's packaging."""
    return template


def told(cloud: Cloud, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert diff.main([*ASKED, *more], cloud.make, FakeClock(), as_it_is) == 0
    return capsys.readouterr().out


@pytest.fixture(name="artefact")
def _artefact(tmp_path: Path) -> Path:
    return made(tmp_path)


def made(folder: Path, **more: Any) -> Path:
    """An artefact with one function."""
    parts = {"A.zip": "new", "console.zip": "page", "template.yaml": TEMPLATE}
    write(folder, parts | {"samconfig.toml": SETTINGS})
    described: dict[str, Any] = {
        "format": 2,
        "identity": "d" * 64,
        "architecture": "arm64",
        "commit": "e" * 40,
        "dirty": False,
        "tools": {},
        "data_format": DataFormat(writes=1, reads=(1,)),
        "parts": parts_of(folder),
    }
    Manifest(**described | more).write(folder)
    return folder


def test_two_releases_differ_in_artefact_functions_layers_and_template(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    old = releasing(0, "a1")
    new = releasing(1, "c2", layer=2, data_format=DataFormat(writes=1, reads=(1, 2)))
    said = told(cloud, capsys, old.id, "current")
    assert "  identity: aaaaaaaaaaaa -> cccccccccccc\n" in said
    assert "  data format: writes 1, reads 1 -> writes 1, reads 1, 2\n" in said
    assert "  A: version 1 -> 2, other code, layers powertools:1 -> powertools:2\n" in said
    assert "  B: version 1 -> 2, the same code, layers powertools:1 -> powertools:2\n" in said
    assert f"  --- {old.id}\n  +++ {new.id}\n" in said
    assert "-    Properties: {CodeUri: s3://artefacts/parts/a1}\n" in said
    assert "\n\nParameters\n" not in said


def test_the_parameters_of_releases_are_compared(
    cloud: Cloud,
    journal: Journal,
    releasing: Releasing,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = releasing(0, "a1")
    changed = old.model_copy(
        update={"id": "20231116T000000Z-aaaaaaaa", "parameters": {"ConsoleHost": "https://x"}}
    )
    journal.keep(changed, journal.template(old))
    said = told(cloud, capsys, old.id, changed.id)
    assert "  ConsoleHost: not set -> 'https://x'\n" in said
    assert "  Environment: 'production' -> not set\n" in said


def test_a_release_is_not_different_from_itself(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    assert told(cloud, capsys, "current", "current").startswith("Nothing is different.")


def test_an_artefact_is_compared_with_what_runs(
    cloud: Cloud, releasing: Releasing, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    current = releasing(0, "a1")
    told_ = [change("Modify", "T", "AWS::DynamoDB::Table", Replacement="True")]
    cloud.stacks.answers = [MADE | {"Changes": told_}]
    said = told(cloud, capsys, "--artefact", str(artefact))
    assert said.startswith("Replaced: what is there is deleted")
    assert f"Compared with {current.id}\n  commit: cccccccccccc -> eeeeeeeeeeee\n" in said
    assert said.endswith("Other code\n  A\n")
    [asked] = cloud.stacks.asked
    assert asked["ChangeSetName"].startswith("skafu-diff-")


def test_replacements_are_red_in_a_comment(
    cloud: Cloud, releasing: Releasing, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    changed = [
        change("Modify", "T", "AWS::DynamoDB::Table", Replacement="True"),
        change("Add", "Q", "AWS::SQS::Queue"),
    ]
    cloud.stacks.answers = [MADE | {"Changes": changed}]
    said = told(cloud, capsys, "--artefact", str(artefact), "--markdown")
    assert said.startswith("### What a deployment would change in production (skafu-prod)\n")
    assert "```diff\n- T (AWS::DynamoDB::Table)\n```" in said
    assert "<details><summary>New (1)</summary>\n\n```diff\nQ (AWS::SQS::Queue)\n```" in said


def test_a_stack_without_releases_is_told_what_cloudformation_says(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.stacks.answers = [MADE | {"Changes": [change("Add", "A", "AWS::Lambda::Function")]}]
    assert told(cloud, capsys, "--artefact", str(artefact)) == "New\n  A (AWS::Lambda::Function)\n"
    assert STACK not in cloud.stacks.named


def test_what_a_deployment_would_refuse_is_told_first(
    cloud: Cloud,
    journal: Journal,
    releasing: Releasing,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    journal.hold(hold_of(releasing(0, "a1")))
    cloud.stacks.answers = [MADE]
    contracted = made(tmp_path, data_format=DataFormat(writes=2, reads=(2,)))
    said = told(cloud, capsys, "--artefact", str(contracted))
    first, second, third, *_ = said.splitlines()
    assert first == "It would be refused"
    assert "is held since" in second and "does not read data format 1" in third


@pytest.mark.parametrize("more", [[], ["current"], ["--artefact", "x", "current", "current"]])
def test_one_of_both_is_asked_for(cloud: Cloud, more: list[str]) -> None:
    with pytest.raises(SystemExit):
        diff.main([*ASKED, *more], cloud.make)


def test_a_release_that_nobody_made_is_refused(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    strange = "20200101T000000Z-aaaaaaaa"
    assert diff.main([*ASKED, "current", strange], cloud.make) == 1
    assert f"no release {strange}" in capsys.readouterr().err


def test_there_may_be_no_current_release(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff.main([*ASKED, "current", "current"], cloud.make) == 1
    assert "No release of skafu-prod was recorded." in capsys.readouterr().err
