"""The hooks on the deployed stack: real versions, called with the hooks' own rights.

The embedded AWS has no CodeDeploy, so one stands in that knows a deployment and keeps the answer;
all else is as deployed.
"""

import json
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config

from skafu.canary.examination import FUNCTIONS
from skafu.canary.hook import CALL_S, Means, build
from skafu.canary.settings import HookSettings
from skafu.ops.artefact.accounts import Account
from skafu.ops.smoke import Target, Via, Wanted, run
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import random_id

from local.home import REGION, STACK
from tests.integration.system import System
from tests.support.events import lambda_context, sample_event

VALIDATE = f"CodeDeployHook_{STACK}-validate"
ACCOUNT = "000000000000"
EVENT = sample_event("validate-release.deployment")


class CodeDeploy:
    """One deployment of one function, and what the hook has said of it."""

    def __init__(self, function: str) -> None:
        self.group = f"{STACK}-{function}DeploymentGroup-1A2B3C4D5E6F"
        self.told: list[str] = []

    def get_deployment(self, **_: str) -> Mapping[str, Any]:
        return {"deploymentInfo": {"deploymentGroupName": self.group}}

    def put_lifecycle_event_hook_execution_status(self, **arguments: str) -> None:
        self.told.append(arguments["status"])


@pytest.fixture(scope="module")
def credentials(system: System) -> Mapping[str, str]:
    """Those of the validating hook's role, which only Lambda may assume: the test lets itself in,
    which changes nothing of what the role may do.
    """
    found = system.aws("lambda").get_function_configuration(FunctionName=VALIDATE)
    iam, name = system.aws("iam"), found["Role"].rsplit("/", 1)[-1]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    principal = {"Service": "lambda.amazonaws.com", "AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    open_to_us = {"Version": "2012-10-17", "Statement": [statement]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(open_to_us))
    try:
        session = system.aws("sts").assume_role(RoleArn=found["Role"], RoleSessionName="hook")
    finally:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return dict(session["Credentials"])


@pytest.fixture(scope="module")
def settings(system: System) -> HookSettings:
    """As the deployed hook reads them."""
    found = system.aws("lambda").get_function_configuration(FunctionName=VALIDATE)
    return HookSettings.from_env(found["Environment"]["Variables"])


def told(system: System, credentials: Mapping[str, str], settings: HookSettings, name: str) -> str:
    """What CodeDeploy hears of the deployment of a function."""

    def client(service: str, **more: Any) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]  # the name comes as an argument
            endpoint_url=system.home.endpoint,
            region_name=REGION,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            **more,
        )

    codedeploy = CodeDeploy(name)
    once = Config(read_timeout=CALL_S, retries={"total_max_attempts": 1})
    means = Means(
        codedeploy=codedeploy,
        lambdas=client("lambda", config=once),
        table=DynamoTable(client("dynamodb"), settings.table_name),
        clock=system_clock,
        pause=time.sleep,
        chance=random.random,
        new_id=random_id,
    )
    build(settings, means)(dict(EVENT), lambda_context(VALIDATE, 300_000))
    assert len(codedeploy.told) == 1
    return codedeploy.told[0]


@contextmanager
def faulty_version(system: System, function: str, **fault: Any) -> Iterator[str]:
    """The ARN of a published version of a function with another configuration; what is deployed
    stays as it is.
    """
    client = system.aws("lambda")
    before = client.get_function_configuration(FunctionName=function)
    try:
        client.update_function_configuration(FunctionName=function, **fault)
        yield str(client.publish_version(FunctionName=function)["FunctionArn"])
    finally:
        kept = {name: before[name] for name in ("Handler", "Environment")}
        client.update_function_configuration(FunctionName=function, **kept)


def target(system: System) -> Target:
    account = Account(lambda service, **_: system.aws(service), {})
    return Target("local", STACK, account)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_deployed_version_is_let_through(
    system: System, credentials: Mapping[str, str], settings: HookSettings, function: str
) -> None:
    assert told(system, credentials, settings, function) == "Succeeded"


def test_a_version_that_does_not_start_is_refused(
    system: System, credentials: Mapping[str, str], settings: HookSettings
) -> None:
    with faulty_version(system, f"{STACK}-workspace", Handler="skafu.gone.handler") as arn:
        broken = replace(settings, workspace_function_version=arn)
        assert told(system, credentials, broken, "WorkspaceFunction") == "Failed"
        # Others of the release that need nothing of it are their own.
        assert told(system, credentials, broken, "MetricsFunction") == "Succeeded"


def test_a_version_that_reads_another_table_is_refused(
    system: System, credentials: Mapping[str, str], settings: HookSettings
) -> None:
    found = system.aws("lambda").get_function_configuration(FunctionName=f"{STACK}-metrics")
    variables = found["Environment"]["Variables"] | {"TABLE_NAME": "skafu-elsewhere"}
    fault = {"Environment": {"Variables": variables}}
    with faulty_version(system, f"{STACK}-metrics", **fault) as arn:
        broken = replace(settings, metrics_function_version=arn)
        assert told(system, credentials, broken, "MetricsFunction") == "Failed"


@pytest.mark.parametrize("end", ["validate", "watch"])
def test_a_deployed_hook_starts_with_what_the_stack_tells_it(system: System, end: str) -> None:
    name = f"CodeDeployHook_{STACK}-{end}"
    answer = system.aws("lambda").invoke(FunctionName=name, Payload=b"{}")
    # It gets as far as reading an event that is none of CodeDeploy's.
    assert json.loads(answer["Payload"].read())["errorMessage"] == "'DeploymentId'"


# --- from outside ---------------------------------------------------------------------------------


def test_the_running_system_passes_its_smoke_test(system: System) -> None:
    report = run(target(system), Wanted(full=True))
    assert not report.failures
    assert {"health", "metrics.read_back", "console.page", "alarm.fires_and_ends"} <= {
        each.name for each in report.checks
    }


def test_the_smoke_test_goes_by_the_aliases_where_there_is_no_gateway(system: System) -> None:
    report = run(target(system), Wanted(via=Via.INVOKE, without=frozenset({"console"})))
    assert not report.failures


def test_a_bad_version_that_has_the_traffic_fails_the_smoke_test(system: System) -> None:
    client, function = system.aws("lambda"), f"{STACK}-workspace"
    before = client.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    wanted = Wanted(only=frozenset({"health", "metrics"}))
    with faulty_version(system, function, Handler="skafu.gone.handler") as arn:
        version = arn.rpartition(":")[2]
        client.update_alias(FunctionName=function, Name="live", FunctionVersion=version)
        try:
            report = run(target(system), wanted)
        finally:
            client.update_alias(FunctionName=function, Name="live", FunctionVersion=before)
    assert [each.name for each in report.checks if not each.passed] == ["health"]
    assert "502 Bad Gateway" in report.failures[0]
    assert run(target(system), wanted).passed


def test_nobody_else_sees_what_was_tried(system: System) -> None:
    admin = system.person("admin")
    names = [each["name"] for each in admin.ask("GET", "/api/metrics")["metrics"]]
    assert "skafu.canary" not in names
    assert not [
        each for each in admin.ask("GET", "/api/alerts")["alerts"] if "canary" in each["labels"]
    ]
