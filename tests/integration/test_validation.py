"""An alias moves on the embedded AWS as CodeDeploy has it moved: once the hook has nothing against
the new version.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.rehearsal.places import STANDBY, Cloud
from tests.integration.system import System

STACK = "validated"
UPDATED_S = 60
FUNCTION = "def handler(event, context):\n    return {version}\n"
HOOK = """
import boto3, os

def handler(event, context):
    client, deployment = boto3.client("codedeploy"), event["DeploymentId"]
    found = client.get_deployment(deploymentId=deployment)["deploymentInfo"]
    good = "FunctionDeploymentGroup" in found["deploymentGroupName"]
    good = good and os.environ["VERSION"].endswith(":" + os.environ["GOOD"])
    client.put_lifecycle_event_hook_execution_status(
        deploymentId=deployment,
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if good else "Failed",
    )
"""
ASSUMED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
TOLD = ["codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus"]


def function(code: str, **variables: Any) -> dict[str, Any]:
    properties = {
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": code},
        "Timeout": 20,
        "Environment": {"Variables": variables},
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def template(version: int, *, good: int, permitted: bool = True) -> str:
    """A function whose alias is at its newest version, and a hook for which one version is good.

    Versions are called so that the hook and the alias would come first by their names.
    """
    resource = f"arn:aws:codedeploy:{STANDBY.region}:{STANDBY.account}:deploymentgroup:*"
    statement = {"Effect": "Allow", "Action": TOLD, "Resource": resource if permitted else "none"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = {
        "AssumeRolePolicyDocument": ASSUMED,
        "Policies": [{"PolicyName": "tell", "PolicyDocument": policy}],
    }
    shift = {
        "ApplicationName": {"Ref": "Application"},
        "DeploymentGroupName": {"Ref": "FunctionDeploymentGroup"},
        "BeforeAllowTrafficHook": {"Ref": "Hook"},
    }
    newest = f"Z{version}"
    resources = {
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": shift},
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "FunctionVersion": {"Fn::GetAtt": [newest, "Version"]},
                "Name": "live",
            },
        },
        "Application": {"Type": "AWS::CodeDeploy::Application"},
        "FunctionDeploymentGroup": {"Type": "AWS::CodeDeploy::DeploymentGroup"},
        "Function": function(FUNCTION.format(version=version)),
        "Hook": function(HOOK, VERSION={"Ref": newest}, GOOD=str(good)),
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        newest: {
            "Type": "AWS::Lambda::Version",
            "DeletionPolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": "Function"}},
        },
    }
    return json.dumps({"Resources": resources})


@pytest.fixture(name="cloud", scope="module")
def _cloud(system: System) -> Iterator[Cloud]:
    """An account in which version 1 is deployed."""
    found = Cloud(system.home)
    client = found.client("cloudformation", STANDBY)
    client.create_stack(
        StackName=STACK, TemplateBody=template(1, good=0), Capabilities=["CAPABILITY_IAM"]
    )
    client.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    yield found
    client.delete_stack(StackName=STACK)


def updated(cloud: Cloud, body: str) -> tuple[str, str]:
    """How an update ended, and the version that callers get."""
    client = cloud.client("cloudformation", STANDBY)
    client.update_stack(StackName=STACK, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    deadline = time.monotonic() + UPDATED_S
    status = "UPDATE_IN_PROGRESS"
    while status.endswith("IN_PROGRESS"):
        assert time.monotonic() < deadline, status
        time.sleep(0.2)
        status = client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
    found = client.describe_stack_resource(StackName=STACK, LogicalResourceId="Function")
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    alias = cloud.client("lambda", STANDBY).get_alias(FunctionName=name, Name="live")
    return status, alias["FunctionVersion"]


def test_a_version_that_the_hook_refuses_gets_no_traffic(cloud: Cloud) -> None:
    assert updated(cloud, template(2, good=1)) == ("UPDATE_ROLLBACK_COMPLETE", "1")


def test_a_hook_that_may_not_tell_refuses_as_well(cloud: Cloud) -> None:
    body = template(3, good=3, permitted=False)
    assert updated(cloud, body) == ("UPDATE_ROLLBACK_COMPLETE", "1")


def test_one_that_it_takes_is_what_callers_get(cloud: Cloud) -> None:
    status, version = updated(cloud, template(4, good=4))
    assert (status, version) == ("UPDATE_COMPLETE", "4")
