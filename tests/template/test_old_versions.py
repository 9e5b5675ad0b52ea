"""CloudFormation leaves old versions of functions and layers to `skafu.ops versions`."""

import pytest

from tests.support.transformed import transformed

KINDS = ("AWS::Lambda::Version", "AWS::Lambda::LayerVersion")


@pytest.mark.parametrize("environment", ["local", "development", "staging", "production"])
def test_no_deployment_deletes_a_version_that_a_rollback_may_need(environment: str) -> None:
    resources = transformed(environment)["Resources"].values()
    versions = [each for each in resources if each["Type"] in KINDS]
    assert {each["Type"] for each in versions} == set(KINDS)
    for each in versions:
        assert each["DeletionPolicy"] == "Retain"
