"""What CodeDeploy's hooks are called, what they are told, and how little they may do."""

from typing import Any

import pytest

from skafu.canary import reserved
from skafu.canary.deployments import Deployments
from skafu.canary.examination import FUNCTIONS
from skafu.shared import keys
from tests.support.transformed import of_type, resolved

type Json = dict[str, Any]

HOOKS = {"ValidateReleaseFunction": "validate", "WatchReleaseFunction": "watch"}
AROUND = {"ProbeFunction", "ScalingFunction"}
"""What looks at the others from outside, and is no part of what a release does."""
ROLES = ("ValidateReleaseRole", "WatchReleaseRole")


@pytest.fixture(params=["local", "development", "staging", "production"])
def resources(request: pytest.FixtureRequest) -> Json:
    return resolved(request.param)


def statements(resources: Json, role: str) -> list[Json]:
    (policy,) = resources[role]["Properties"]["Policies"]
    found: list[Json] = policy["PolicyDocument"]["Statement"]
    return found


def by_action(resources: Json, role: str, action: str) -> list[Json]:
    return [each for each in statements(resources, role) if action in each["Action"]]


def test_code_deploy_may_call_them_by_their_names(resources: Json) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    for name, end in HOOKS.items():
        assert functions[name]["FunctionName"] == f"CodeDeployHook_skafu-test-{end}"
        # The longest name of a function that there may be, with the longest stack's that fits.
        assert len(f"CodeDeployHook_{'s' * 40}-{end}") <= 64


def test_every_other_function_is_examined(resources: Json) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    assert set(functions) - set(HOOKS) - AROUND == set(FUNCTIONS)


def test_hooks_know_the_versions_that_the_aliases_go_to(resources: Json) -> None:
    aliases = of_type(resources, "AWS::Lambda::Alias")
    wanted = {
        each["FunctionName"]["Ref"]: {"Ref": each["FunctionVersion"]["Fn::GetAtt"][0]}
        for each in aliases.values()
    }
    for hook in HOOKS:
        variables = of_type(resources, "AWS::Lambda::Function")[hook]["Environment"]["Variables"]
        for name in FUNCTIONS:
            variable = "".join(f"_{x}" if x.isupper() else x.upper() for x in name).strip("_")
            assert variables[f"{variable}_VERSION"] == wanted[name]


def test_the_watch_lasts_as_long_as_the_environment_says(resources: Json) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    minutes = functions["WatchReleaseFunction"]["Environment"]["Variables"]["WATCH_MINUTES"]
    # What is left of the function's time has to be enough for it, or for most of it.
    assert 0 < int(minutes) * 60 < functions["WatchReleaseFunction"]["Timeout"]


def test_a_deployment_group_tells_the_function(resources: Json) -> None:
    class CodeDeploy:
        """Knows one deployment."""

        def __init__(self, group: str) -> None:
            self.group = group

        def get_deployment(self, **_: str) -> Json:
            return {"deploymentInfo": {"deploymentGroupName": self.group}}

    groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup")
    for group in groups:
        deployments = Deployments(CodeDeploy(f"skafu-test-{group}-1ABCDEFGHIJKL"))
        assert deployments.function_of("d-1", FUNCTIONS) == group.removesuffix("DeploymentGroup")


@pytest.mark.parametrize("role", ROLES)
def test_hooks_call_versions_of_what_they_examine_and_nothing_else(
    resources: Json, role: str
) -> None:
    (statement,) = by_action(resources, role, "lambda:InvokeFunction")
    assert statement["Action"] == "lambda:InvokeFunction"
    # A name without what comes after the colon is the function that nobody has released.
    assert set(statement["Resource"]) == {f"${{{name}.Arn}}:*" for name in FUNCTIONS}


@pytest.mark.parametrize("role", ROLES)
def test_hooks_answer_deployments_of_this_stack_alone(resources: Json, role: str) -> None:
    found = [each for each in statements(resources, role) if "codedeploy" in str(each["Action"])]
    (statement,) = found
    assert set(statement["Action"]) == {
        "codedeploy:GetDeployment",
        "codedeploy:PutLifecycleEventHookExecutionStatus",
    }
    group = "deploymentgroup:skafu-test-ServerlessDeploymentApplication-*/*"
    assert statement["Resource"] == f"arn:aws:codedeploy:us-east-1:123456789012:{group}"


@pytest.mark.parametrize("role", ROLES)
def test_of_the_table_hooks_have_the_reserved_tenants_records_and_segments(
    resources: Json, role: str
) -> None:
    found = [each for each in statements(resources, role) if "dynamodb" in str(each["Action"])]
    records, segments = found
    assert records["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert set(records["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]) == {
        keys.membership(reserved.SUBJECT).pk,
        keys.tenant_settings(reserved.TENANT).pk,
        keys.silences(reserved.TENANT),
        keys.silence_records(reserved.TENANT),
        keys.registry(reserved.TENANT).pk,
    }
    assert segments["Action"] == "dynamodb:Query"
    (prefix,) = segments["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert keys.segments(reserved.TENANT, 0, "2026112301").startswith(prefix.removesuffix("*"))
    assert not by_action(resources, role, "sns:Publish")
