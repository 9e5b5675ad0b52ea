"""What the templates of infrastructure/ are told of environments."""

import shutil
from pathlib import Path

import pytest
import yaml

from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.stack_mappings import LISTS, MARKERS, STACKS, block, generated, scalar, with_names
from tests.support.transformed import written

ENVIRONMENTS = load(ROOT / "environments")
TEMPLATE = """AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  EnvironmentName:
    Type: String
    AllowedValues: [one]
    Description: The environment
  Other:
    Type: String
    AllowedValues: [one]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "infrastructure", tmp_path / "infrastructure")
    return tmp_path


@pytest.mark.parametrize("value", ["on", "off", "5", "0.70", "none", "", "06:00", 5, "a: b", "# c"])
def test_a_value_is_read_back_as_it_was_meant(value: str | int) -> None:
    assert yaml.safe_load(f"Key: {scalar(value)}")["Key"] == value


@pytest.mark.parametrize("template", STACKS)
def test_every_environment_in_an_account_has_the_same_keys(template: str) -> None:
    ours = [each for each in ENVIRONMENTS if each.name != "local"]
    found = written(template)["Mappings"]["Environments"]
    assert found == yaml.safe_load(block(ours, STACKS[template]))["Environments"]
    assert list(found) == [each.name for each in ours]
    assert len({tuple(each) for each in found.values()}) == 1


def test_the_names_of_environments_are_written_where_one_is_asked_for_alone() -> None:
    text = with_names(TEMPLATE, {"EnvironmentName": ["blue", "green"], "Above": ["", "blue"]})
    found = yaml.safe_load(text)["Parameters"]
    assert found["EnvironmentName"]["AllowedValues"] == ["blue", "green"]
    assert found["Other"]["AllowedValues"] == ["one"]


def test_nobody_is_promoted_to_where_anything_goes() -> None:
    allowed = written("infrastructure/delivery.yaml")["Parameters"]["Above"]["AllowedValues"]
    assert allowed == ["", "staging", "production"]


def test_a_list_has_the_names_of_those_that_are_in_an_account(root: Path) -> None:
    files = {each.path: each for each in generated(root, ENVIRONMENTS[:-1])}
    for path in LISTS:
        lines = files[path].content.splitlines()
        first, last = (next(i for i, line in enumerate(lines) if x in line) for x in MARKERS)
        listed = [each.name for each in ENVIRONMENTS[:-1] if each.name != "local"]
        assert yaml.safe_load("\n".join(lines[first:last])) == listed


def test_markers_of_a_template_without_values_are_an_error(root: Path) -> None:
    path = root / "infrastructure" / "new.yaml"
    path.write_text(TEMPLATE + "# begin: environments\n# end: environments\n", "utf-8")
    with pytest.raises(ValueError, match="new.yaml has Mappings to be written"):
        generated(root, ENVIRONMENTS)


def test_a_registered_template_without_markers_is_an_error(root: Path) -> None:
    (root / "infrastructure" / "cost.yaml").write_text(TEMPLATE, "utf-8")
    with pytest.raises(ValueError, match="expected one"):
        generated(root, ENVIRONMENTS)
