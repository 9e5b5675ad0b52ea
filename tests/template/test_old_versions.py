"""CloudFormation leaves old versions of functions and layers to `skafu.ops versions`."""

import pytest
import yaml

from skafu.ops.release.deploying import marked
from tests.support.transformed import transform, transformed, written

KINDS = ("AWS::Lambda::Version", "AWS::Lambda::LayerVersion")


@pytest.mark.parametrize("environment", ["local", "development", "staging", "production"])
def test_no_deployment_deletes_a_version_that_a_rollback_may_need(environment: str) -> None:
    resources = transformed(environment)["Resources"].values()
    versions = [each for each in resources if each["Type"] in KINDS]
    assert {each["Type"] for each in versions} == set(KINDS)
    for each in versions:
        assert each["DeletionPolicy"] == "Retain"


def test_other_parameters_make_other_versions_and_leave_the_ones_before() -> None:
    def versions(**parameters: str) -> set[str]:
        text = yaml.safe_dump(written())
        given = {"Environment": "production", **parameters}
        made = transform(yaml.safe_load(marked(text, given)), given)["Resources"]
        return {name for name, each in made.items() if each["Type"] == "AWS::Lambda::Version"}

    first, second = versions(), versions(ConsoleHost="https://other.example.com")
    assert first and not first & second
    assert versions(Strategy="all-at-once") == first
