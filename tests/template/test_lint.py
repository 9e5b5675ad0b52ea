"""cfn-lint over what is written and over what CloudFormation gets."""

import json

import pytest
from cfnlint.api import lint

from tests.support.transformed import ROOT, transformed


def _complaints(text: str) -> list[str]:
    return [f"{each.rule.id} {each.message} at {each.path}" for each in lint(text)]


@pytest.mark.parametrize("name", ["template.yaml", "infrastructure/foundation.yaml"])
def test_templates_are_clean_as_they_are_written(name: str) -> None:
    assert not _complaints((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("environment", ["local", "development", "staging", "production"])
def test_templates_are_clean_as_cloudformation_gets_them(environment: str) -> None:
    assert not _complaints(json.dumps(transformed(environment), indent=1))


def test_the_lint_would_notice() -> None:
    template = transformed("local")
    template["Resources"]["SkafuTable"]["Properties"]["BillingMode"] = "FREE"
    assert any("FREE" in each for each in _complaints(json.dumps(template)))
