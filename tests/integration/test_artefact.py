"""An artefact's way up, in an account of its own beside the running system's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from skafu.ops.artefact.build import Architecture, Tools, build
from skafu.ops.artefact.sources import export

from local import stack
from local.home import REGION, ROOT
from tests.integration.system import System
from tests.support.events import sample_event
from tests.support.repositories import commit, git

ACCOUNT = "111111111111"
FOUNDATION = "skafu-foundation"
DEVELOPMENT = "skafu-dev"


def client_of(system: System, service: str) -> Any:
    """On the embedded AWS an access key of twelve digits is an account."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the name comes as an argument
        endpoint_url=system.home.endpoint,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def variables(system: System) -> dict[str, str]:
    """Those that lead programs into the account."""
    return system.home.aws_environment() | {"AWS_ACCESS_KEY_ID": ACCOUNT}


@pytest.fixture(scope="module")
def cloudformation(system: System) -> Iterator[Any]:
    """CloudFormation in an account that has nothing but the foundation."""
    client = client_of(system, "cloudformation")
    template = (ROOT / "infrastructure" / "foundation.yaml").read_text(encoding="utf-8")
    client.create_stack(
        StackName=FOUNDATION, TemplateBody=template, Capabilities=["CAPABILITY_IAM"]
    )
    waiter = client.get_waiter("stack_create_complete")
    waiter.wait(StackName=FOUNDATION, WaiterConfig={"Delay": 1})
    yield client
    client.delete_stack(StackName=DEVELOPMENT)
    client.get_waiter("stack_delete_complete").wait(
        StackName=DEVELOPMENT, WaiterConfig={"Delay": 1}
    )


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The work tree's sources as a commit, built for this machine; the bundle's path."""
    place = tmp_path_factory.mktemp("artefact")
    export(ROOT, place / "repository", dirty=True)
    git(place / "repository", "init", "--quiet")
    commit(place / "repository")
    ours: Architecture = "arm64" if stack.architecture() == "arm64" else "x86_64"
    built = build(place / "repository", place / "out", ours, Tools.of(ROOT))
    return f"{built}.zip"


def test_what_was_not_tested_in_development_does_not_get_to_staging(
    system: System, variables: dict[str, str], cloudformation: Any, artefact: str
) -> None:
    def ops(command: str, environment: str, *more: str) -> subprocess.CompletedProcess[str]:
        line = [command, "--environment", environment, "--artefact", artefact, *more]
        return subprocess.run(
            [sys.executable, "-m", "skafu.ops", *line],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "not the one that is deployed" in ops("tested", "development").stderr
    gateway = f"ApiBaseUrl={system.home.endpoint}/_aws/execute-api"
    deployed = ops("deploy", "development", "--no-confirm-changeset", "--parameter", gateway)
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr

    [found] = cloudformation.describe_stacks(StackName=DEVELOPMENT)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}
    # The gateway of the embedded AWS knows one account; the function is called by its alias.
    event = json.dumps(sample_event("workspace.health")).encode()
    alias = outputs["WorkspaceFunctionAlias"]
    answer = client_of(system, "lambda").invoke(FunctionName=alias, Payload=event)
    health = json.loads(json.loads(answer["Payload"].read())["body"])
    assert (health["status"], health["environment"]) == ("ok", "development")

    refused = ops("deploy", "staging", "--no-confirm-changeset")
    assert "staging takes only what was tested in development" in refused.stderr
    tested = ops("tested", "development")
    assert tested.returncode == 0, tested.stderr
