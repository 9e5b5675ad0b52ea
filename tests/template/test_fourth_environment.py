"""A new environment is one file: what a copy of the sources makes of a fourth, with nothing else
touched.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint

from skafu.ops.artefact.accounts import Settings
from skafu.ops.cost import budgets
from skafu.ops.cost.estimating import estimates
from skafu.ops.cost.inputs import loads
from skafu.ops.cost.prices import read as read_prices
from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.promotion.gates import steps
from skafu.ops.stacks.book import load as book
from skafu.ops.stacks.values import place_of
from skafu.ops.transformed import Resolver, read, resources, transform

NAME = "performance"
PARTS = (
    "backend/skafu",
    "environments",
    "flags",
    "infrastructure",
    "layers/powertools",
    "template.yaml",
    ".github/workflows/rollback.yml",
)


def _ops(root: Path, *line: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "skafu.ops", *line],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "backend")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(name="copy", scope="module")
def _copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources, with a file more; everything that is generated was."""
    root = tmp_path_factory.mktemp("repository")
    for part in PARTS:
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, root / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, root / part)
    text = (ROOT / "environments" / "staging.yaml").read_text("utf-8")
    for old, new in (
        ("name: staging", f"name: {NAME}"),
        ("skafu-staging", f"skafu-{NAME}"),
        ("123456789013", "123456789015"),
        ("memory_size: 1024", "memory_size: 1536"),
        ("staging.skafu.com", f"{NAME}.skafu.com"),
        ("10.11.", "10.13."),
    ):
        assert old in text
        text = text.replace(old, new)
    (root / "environments" / f"{NAME}.yaml").write_text(text, "utf-8")
    _ops(root, "environments")
    return root


@pytest.fixture(name="template", scope="module")
def _template(copy: Path) -> Any:
    """The application's, as CloudFormation gets it."""
    return transform(read(copy / "template.yaml"), {"Environment": NAME})


def test_it_has_its_place_among_the_others(copy: Path) -> None:
    names = [each.name for each in load(copy / "environments")]
    assert names == ["local", "development", NAME, "staging", "production"]
    record = json.loads((copy / "backend/skafu/build.json").read_text("utf-8"))
    assert list(record["environments"]) == names
    assert Settings.of(copy, NAME).stack == f"skafu-{NAME}"


def test_the_template_takes_it_with_its_own_values(template: Any) -> None:
    assert NAME in template["Parameters"]["Environment"]["AllowedValues"]
    defaults = {key: str(each.get("Default", "")) for key, each in template["Parameters"].items()}
    resolver = Resolver(template, defaults | {"Environment": NAME})
    function = resolver.resolve(template["Resources"]["MetricsFunction"])
    assert function["Properties"]["MemorySize"] == 1536


def test_it_differs_from_others_of_its_stage_in_values_alone(copy: Path, template: Any) -> None:
    """So what cfn-lint says of the template (test_lint.py) is said of this one too."""
    staging = transform(read(copy / "template.yaml"), {"Environment": "staging"})
    assert template == staging
    mapped = template["Mappings"]["Environments"]
    assert set(mapped[NAME]) == set(mapped["staging"])


def test_cfn_lint_has_nothing_against_its_values(template: Any) -> None:
    defaults = {key: str(x.get("Default", "")) for key, x in template["Parameters"].items()}
    resolver = Resolver(template, defaults | {"Environment": NAME})
    names = ("MetricsFunction", "MetricsCompactorFunction", "UserPool", "DeliveriesQueue")
    found = {name: resolver.resolve(template["Resources"][name]) for name in names}
    for each in found.values():
        each.pop("DependsOn", None)
        each["Properties"].pop("Role", None)
    complaints = lint(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": found}))
    # Parts of a template refer to others, and the role was left out.
    ours = [x for x in complaints if x.rule.id not in ("E1010", "E1012", "E1019", "E1020", "E3003")]
    assert not [f"{x.rule.id} {x.message} at {x.path}" for x in ours]


def test_every_stack_beside_it_knows_its_name(copy: Path) -> None:
    for path in sorted((copy / "infrastructure").glob("*.yaml")):
        if not path.read_text("utf-8").startswith("AWSTemplateFormatVersion"):
            continue
        written = read(path)
        for parameter in ("EnvironmentName", "Environment"):
            allowed = (written.get("Parameters") or {}).get(parameter, {}).get("AllowedValues")
            assert allowed is None or NAME in allowed, path.name
        mapped = (written.get("Mappings") or {}).get("Environments")
        assert mapped is None or set(mapped[NAME]) == set(mapped["staging"]), path.name


def test_its_account_gets_the_same_stacks_as_any_other_of_its_stage(copy: Path) -> None:
    known = {each.name: each for each in load(copy / "environments")}
    stacks = book(copy).stacks
    ours, staging = (place_of(book(copy), "environment", known[x]) for x in (NAME, "staging"))
    assert [ours.regions(each) for each in stacks.values()] == [
        staging.regions(each) for each in stacks.values()
    ]
    assert any(ours.regions(each) for each in stacks.values())


def test_it_takes_what_development_has_tested_and_the_way_to_production_stays(copy: Path) -> None:
    ways = {name: step.target for name, step in steps(load(copy / "environments")).items()}
    assert ways == {"development": "staging", "staging": "production"}
    assert f"{{{NAME},staging,production}}" in "".join(_ops(copy, "promote", "--help").split())


def test_it_has_a_budget_by_its_stage_and_flags_by_their_defaults(copy: Path) -> None:
    [ours] = [each for each in load(copy / "environments") if each.name == NAME]
    template = copy / "template.yaml"
    found = estimates([ours], lambda name: resources(template, name), loads(), read_prices())
    amounts = budgets.amounts(budgets.read(), [ours], found)
    assert amounts[NAME]["Environment"] > 0
    assert f"    {NAME}: {{ Environment: " in budgets.mapping(amounts)
    written = read(copy / "infrastructure/cost.yaml")["Mappings"]["Environments"]
    assert written[NAME] == written["staging"]
    assert not (copy / "flags" / f"{NAME}.json").exists()


def test_people_can_choose_it_for_a_rollback(copy: Path) -> None:
    text = (copy / ".github/workflows/rollback.yml").read_text("utf-8")
    choice = yaml.safe_load(text)[True]["workflow_dispatch"]["inputs"]["environment"]
    assert choice["options"] == ["development", NAME, "staging", "production"]


def test_the_page_shows_it_beside_the_others(copy: Path) -> None:
    head = (copy / "docs/environments.md").read_text("utf-8")
    assert f"| | local | development | {NAME} | staging | production |" in head
