import shutil
from pathlib import Path

import pytest
import yaml

from skafu.ops import configuration
from skafu.ops.configuration import api_version, document, generated, mapping_of, mappings
from skafu.ops.environments import load
from skafu.ops.generated import ROOT, between, write_or_check

ENVIRONMENTS = load(ROOT / "environments")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    parts = ("environments", "infrastructure", "layers/powertools", "template.yaml")
    for name in (*parts, configuration.WORKFLOW):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return tmp_path


def test_every_environment_says_the_same_things() -> None:
    keys = {tuple(mapping_of(environment)) for environment in ENVIRONMENTS}
    assert len(keys) == 1


def test_the_mappings_are_what_was_meant() -> None:
    read = yaml.safe_load(mappings(ENVIRONMENTS))["Environments"]
    assert read == {each.name: mapping_of(each) for each in ENVIRONMENTS}


def test_switches_are_words_because_a_mapping_makes_strings_of_booleans() -> None:
    read = yaml.safe_load(mappings(ENVIRONMENTS))["Environments"]
    assert read["local"]["Alarms"] == "off"
    assert read["production"]["Alarms"] == "on"


def test_the_api_s_version_changes_with_any_value_and_with_nothing_else() -> None:
    edited = ENVIRONMENTS[0].model_copy(update={"account": "999999999999"})
    assert api_version([edited, *ENVIRONMENTS[1:]]) == api_version(ENVIRONMENTS)
    assert api_version(ENVIRONMENTS[1:]) != api_version(ENVIRONMENTS)


def test_the_page_for_people_shows_every_environment_s_values() -> None:
    page = document(ENVIRONMENTS)
    assert "| API throttle rate / burst | none | none (100 / 200 when switched on) |" in page
    assert "| 2048 |" in page
    assert "| 28 / 300 |" in page


def test_everything_is_written_once_and_then_left_alone(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "samconfig.toml").write_text("version = 0.1\n")
    files = generated(repository)
    assert write_or_check(files, repository, check=True, command="environments") == 1
    assert (
        "samconfig.toml is stale: run python -m skafu.ops environments" in capsys.readouterr().out
    )
    assert write_or_check(files, repository, check=False, command="environments") == 0
    assert "wrote samconfig.toml" in capsys.readouterr().out
    assert write_or_check(generated(repository), repository, check=True, command="x") == 0
    assert capsys.readouterr().out == ""


def test_an_edit_reaches_template_cli_page_and_record(repository: Path) -> None:
    write_or_check(generated(repository), repository, check=False, command="environments")
    path = repository / "environments/staging.yaml"
    path.write_text(path.read_text("utf-8").replace("memory_size: 1024", "memory_size: 1536"))
    stale = [each.path for each in generated(repository) if each.is_stale(repository)]
    assert stale == ["template.yaml", "docs/environments.md", "backend/skafu/build.json"]


def test_the_command_finds_the_repository_as_it_should_be() -> None:
    assert configuration.main(["--check"]) == 0


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = "a\n# begin: x (why)\nold\n# end: x\nb\n"
    assert between(text, "begin: x", "end: x", "new\n") == text.replace("old", "new")


@pytest.mark.parametrize("text", ["", "# end: x\n# begin: x\n", "# begin: x\n" * 2 + "# end: x\n"])
def test_markers_that_are_not_a_pair_are_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="expected one 'begin: x'"):
        between(text, "begin: x", "end: x", "new\n")
