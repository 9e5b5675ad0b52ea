"""cfn-lint over what is written and over what CloudFormation gets."""

import json

import pytest
from cfnlint.api import lint

from skafu.ops.build_record import ENVIRONMENTS
from tests.support.transformed import ROOT, transformed


def _complaints(text: str) -> list[str]:
    return [f"{each.rule.id} {each.message} at {each.path}" for each in lint(text)]


@pytest.mark.parametrize(
    "name",
    [
        "template.yaml",
        "infrastructure/backup.yaml",
        "infrastructure/cost.yaml",
        "infrastructure/edge.yaml",
        "infrastructure/foundation.yaml",
        "infrastructure/delivery.yaml",
        "infrastructure/dns.yaml",
        "infrastructure/guard.yaml",
        "infrastructure/names.yaml",
        "infrastructure/network.yaml",
        "infrastructure/organization.yaml",
        "infrastructure/replica.yaml",
        "infrastructure/security.yaml",
    ],
)
def test_templates_are_clean_as_they_are_written(name: str) -> None:
    assert not _complaints((ROOT / name).read_text("utf-8"))


def test_templates_are_clean_as_cloudformation_gets_them() -> None:
    """Each once: cfn-lint looks at all values that the environment's name may have, and the
    default does not matter to it.
    """
    found = {each: transformed(each) for each in ENVIRONMENTS}
    for template in found.values():
        assert template["Parameters"]["Environment"]["AllowedValues"] == list(ENVIRONMENTS)
        template["Parameters"]["Environment"]["Default"] = "local"
    for text in {json.dumps(each, indent=1) for each in found.values()}:
        assert not _complaints(text)


def test_the_lint_would_notice() -> None:
    table = transformed("local")["Resources"]["SkafuTable"]
    table["Properties"]["BillingMode"] = "FREE"
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"SkafuTable": table}}
    assert any("FREE" in each for each in _complaints(json.dumps(template)))
