"""Before something new is deployed: whether one could come back from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of
from tests.support.clocks import NOON
from tests.support.clouds import StackRecord
from tests.support.released import release
from tests.support.repositories import write
from tests.support.rolling import STACK, World

TEMPLATE = """\
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}
  Q: {Type: AWS::SQS::Queue}
"""
RUNNING = {"A": "a1"}


@pytest.fixture
def world() -> World:
    return World()


def artefact(place: Path, formats: tuple[int, ...] = (1,)) -> Path:
    folder = place / "artefact"
    write(folder, {"A.zip": "function", "template.yaml": TEMPLATE})
    Manifest(
        format=2,
        identity="f" * 64,
        architecture="arm64",
        commit="c" * 40,
        dirty=False,
        tools={},
        data_format=DataFormat(writes=formats[0], reads=formats),
        parts=parts_of(folder),
    ).write(folder)
    return folder


def asked(world: World, folder: Path) -> tuple[int, Any]:
    file = folder.parent / "plan.json"
    code = world.rollback("--dry-run", "--artefact", str(folder), "--report", str(file))
    return code, json.loads(file.read_text("utf-8"))


def test_the_way_back_leads_to_what_runs_now(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.deploy("a", {"A": "a0"})
    now = world.deploy("b", RUNNING)
    code, found = asked(world, artefact(tmp_path))
    assert code == 0 and found["passed"]
    assert found["target"] == now.id
    assert found["artefact"] == "f" * 64
    assert found["environment"] == "production" and found["at"] == world.clock()
    assert found["warnings"] == ["Deleted with all they hold: Q."]
    assert "It is what runs now, before ffffffffffff takes its place." in capsys.readouterr().out


def test_there_is_no_way_back_from_data_that_nobody_reads(world: World, tmp_path: Path) -> None:
    world.deploy("a", RUNNING)
    code, found = asked(world, artefact(tmp_path, (2, 1)))
    assert code == 1 and not found["passed"]
    assert "writes data format 2" in found["problems"][0]


def test_there_is_no_way_back_to_what_is_gone(world: World, tmp_path: Path) -> None:
    now = world.deploy("a", RUNNING)
    del world.cloud.bucket.objects[f"releases/{STACK}/{now.id}.yaml"]
    code, found = asked(world, artefact(tmp_path))
    assert code == 1 and f"The template of {now.id} is gone" in found["problems"][0]


def test_a_stack_that_is_held_takes_nothing(world: World, tmp_path: Path) -> None:
    world.deploy("a", {"A": "a0"})
    world.deploy("b", RUNNING)
    world.rollback("--yes")
    code, found = asked(world, artefact(tmp_path))
    assert code == 1 and found["problems"][0].startswith("The stack is held: Rollback of")


def test_the_first_deployment_has_nothing_to_go_back_to_and_passes_saying_so(
    world: World, tmp_path: Path
) -> None:
    code, found = asked(world, artefact(tmp_path))
    assert code == 0 and found["passed"] and found["target"] is None
    assert "the first deployment has nothing to go back to" in found["note"]


def test_a_stack_that_was_never_recorded_is_no_first_deployment(
    world: World, tmp_path: Path
) -> None:
    world.stacks.named[STACK] = StackRecord()
    code, found = asked(world, artefact(tmp_path))
    assert code == 1 and "deploy its artefact once more" in found["problems"][0]


@pytest.mark.parametrize(
    "more", [(), ("--dry-run", "--to", release(0).id), ("--dry-run", "--function", "A")]
)
def test_an_artefact_is_asked_about_in_a_dry_run_of_everything(
    world: World, tmp_path: Path, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.rollback("--artefact", str(artefact(tmp_path)), *more) == 1
    assert "--artefact goes with --dry-run" in capsys.readouterr().err
    assert NOON < world.clock() and not world.log
