"""Whatever changes behaviour publishes a version, and what does not change leaves versions alone.

A version is published when CloudFormation sees another logical id, or another description, of
AWS::Lambda::Version.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.build_record import PATH, build_record
from skafu.ops.configuration import api_version
from skafu.ops.environments import load
from skafu.ops.slices import cut, reachable
from tests.support.transformed import ROOT, of_type, resolved, transform, written

type Json = dict[str, Any]
RULE = re.compile(r"^build-(\w+): ; \$\(call slice,([\w.]+)\)$", re.MULTILINE)
HANDLERS = dict(RULE.findall((ROOT / "backend/Makefile").read_text("utf-8")))


def _copy(folder: Path) -> Path:
    """What a build reads, in a place where it may be edited."""
    root = folder / "repository"
    for name in ("backend", "environments", "layers"):
        shutil.copytree(
            ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
    return root


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return _copy(tmp_path)


def _hash(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()


type Artifacts = dict[str, str]
"""Logical id -> hash of its slice."""


def _artifacts(repository: Path, target: Path) -> Artifacts:
    """As `sam build` and `sam package` would find it."""
    (repository / PATH).write_text(build_record(repository), "utf-8")
    for function, handler in HANDLERS.items():
        cut(handler, repository / "backend", target / function)
    return {function: _hash(target / function) for function in HANDLERS}


def _versions(artifacts: Mapping[str, str], template: Json | None = None) -> dict[str, str]:
    """Function -> the logical id of its version."""
    found = transform(template or written(), {"Environment": "production"}, artifacts)
    return {
        each["FunctionName"]["Ref"]: name
        for name, each in of_type(found["Resources"], "AWS::Lambda::Version").items()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """The sources as they are."""
    folder = tmp_path_factory.mktemp("built")
    return _artifacts(_copy(folder), folder / "slices")


def test_every_function_has_a_rule_and_the_rule_names_its_handler() -> None:
    functions = of_type(written()["Resources"], "AWS::Serverless::Function")
    assert {f"{module}.handler" for module in HANDLERS.values()} == {
        each["Handler"] for each in functions.values()
    }
    for name, module in HANDLERS.items():
        assert functions[name]["Handler"] == f"{module}.handler"
        metadata = written()["Resources"][name]["Metadata"]
        assert metadata == {"BuildMethod": "makefile"}


def test_a_build_of_the_same_sources_publishes_nothing(
    built: Artifacts, repository: Path, tmp_path: Path
) -> None:
    again = _artifacts(repository, tmp_path / "again")
    assert _versions(built) == _versions(again)


@pytest.mark.parametrize(
    "path", ["environments/production.yaml", "layers/powertools/requirements.txt"]
)
def test_a_change_of_configuration_or_layer_publishes_every_function(
    built: Artifacts, repository: Path, tmp_path: Path, path: str
) -> None:
    before = _versions(built)
    with (repository / path).open("a") as file:
        file.write("# changed\n")
    after = _versions(_artifacts(repository, tmp_path / "after"))
    assert set(before) == set(HANDLERS)
    assert not set(before.values()) & set(after.values())


def test_an_edit_in_alerts_publishes_nothing_of_metrics(
    built: Artifacts, repository: Path, tmp_path: Path
) -> None:
    before = _versions(built)
    for path in (repository / "backend/skafu/alerts").rglob("*.py"):
        path.write_text(path.read_text("utf-8") + "\nCHANGED = True\n", "utf-8")
    after = _versions(_artifacts(repository, tmp_path / "after"))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {name for name in HANDLERS if name.startswith("Alert")}


def test_who_takes_points_in_carries_no_compaction_and_the_compactor_no_routes() -> None:
    def holds(function: str) -> set[str]:
        return {path.as_posix() for path in reachable(HANDLERS[function], ROOT / "backend")}

    api, compactor = holds("MetricsFunction"), holds("MetricsCompactorFunction")
    compaction = {path for path in compactor if path.startswith("skafu/metrics/compaction/")}
    assert compaction
    assert not compaction & api
    ingest = {f"skafu/metrics/{name}.py" for name in ("api", "ingest", "packing")}
    assert ingest <= api
    assert not ingest & compactor
    assert not {path for path in compactor if path.startswith("skafu/metrics/query/")}


def test_a_layer_s_content_publishes_by_itself_too() -> None:
    before, after = _versions({"PowertoolsLayer": "a"}), _versions({"PowertoolsLayer": "b"})
    assert not set(before.values()) & set(after.values())


def test_an_edit_of_a_function_s_properties_publishes_it() -> None:
    template = written()
    template["Resources"]["AlertsFunction"]["Properties"]["MemorySize"] = 4096
    before, after = _versions({}), _versions({}, template)
    assert {name for name in before if before[name] != after[name]} == {"AlertsFunction"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"ConsoleHost": "https://console.example.com"},
        {"Architecture": "x86_64"},
        {"VpcSecurityGroupId": "sg-1"},
    ],
)
def test_another_value_of_a_parameter_replaces_the_version(parameters: dict[str, str]) -> None:
    # CloudFormation replaces a version whose description changes; a parameter's value is not in its
    # logical id.
    def descriptions(given: dict[str, str]) -> list[str]:
        found = of_type(resolved("production", **given), "AWS::Lambda::Version")
        return [each["Description"] for each in found.values()]

    before, after = descriptions({}), descriptions(parameters)
    assert len(before) == len(HANDLERS)
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_version_says_which_table_it_reads_because_a_restore_brings_another() -> None:
    _, values = written()["Resources"]["MetricsFunction"]["Properties"]["VersionDescription"][
        "Fn::Sub"
    ]
    assert values["Own"] == {"Fn::If": ["HasRestoredTable", "-", {"Ref": "SkafuTable"}]}
    versions = of_type(resolved("production", RestoredTableName="skafu-x"), "AWS::Lambda::Version")
    assert len(versions) == len(HANDLERS)
    assert all("table - skafu-x" in each["Description"] for each in versions.values())


def test_a_changed_mapping_deploys_the_gateway_again(repository: Path) -> None:
    def deployment() -> str:
        template = written()
        document = template["Resources"]["SkafuApi"]["Properties"]["DefinitionBody"]
        document["info"]["version"] = api_version(load(repository / "environments"))
        found = transform(template, {"Environment": "production"})["Resources"]
        (name,) = of_type(found, "AWS::ApiGateway::Deployment")
        return name

    before = deployment()
    path = repository / "environments/production.yaml"
    path.write_text(path.read_text("utf-8").replace("https://skafu.com", "https://example.com"))
    assert deployment() != before


def test_the_layer_is_built_only_with_a_record_that_speaks_of_it(
    repository: Path, tmp_path: Path
) -> None:
    with (repository / "layers/powertools/requirements.txt").open("a") as file:
        file.write("# changed\n")
    run = subprocess.run(
        [
            "make",
            "--makefile=../Makefile",
            "build-PowertoolsLayer",
            f"ARTIFACTS_DIR={tmp_path}/layer",
            f"PYTHON={sys.executable}",
        ],
        cwd=repository / "layers/powertools/arm64",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "run python -m skafu.ops environments" in run.stderr
    assert not (tmp_path / "layer").exists()


def test_the_record_says_what_there_is() -> None:
    record = json.loads((ROOT / PATH).read_text("utf-8"))
    assert set(record["environments"]) == {"local", "development", "staging", "production"}
    assert (ROOT / PATH).read_text("utf-8") == build_record(ROOT)
