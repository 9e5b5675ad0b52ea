"""An artefact's way up, in an account of its own beside the running system's, and that the embedded
AWS answers for such an account as for its default one. `make rehearse` plays all of the delivery.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from skafu.ops.artefact.build import Architecture, Tools, build
from skafu.ops.artefact.sources import export

from local import stack
from local.api import Api
from local.home import ROOT
from local.rehearsal.founding import ADMIN, found
from local.rehearsal.places import DEVELOPMENT, PRODUCTION, STANDBY, Cloud
from tests.integration.system import System, now_ms, point, send, unique, watch
from tests.support.repositories import commit, git

PASSWORD = "a-Passw0rd-of-tests!"
FIRED_S = 30


@pytest.fixture(scope="module")
def cloud(system: System) -> Cloud:
    """The embedded AWS, as other accounts see it."""
    return Cloud(system.home)


@pytest.fixture(scope="module")
def account(cloud: Cloud) -> Iterator[None]:
    """An account that has nothing but the foundation."""
    client = cloud.client("cloudformation", DEVELOPMENT)
    cloud.found(DEVELOPMENT)
    yield
    client.delete_stack(StackName=DEVELOPMENT.stack)
    waiter = client.get_waiter("stack_delete_complete")
    waiter.wait(StackName=DEVELOPMENT.stack, WaiterConfig={"Delay": 1})


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


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, account: None, artefact: str) -> Mapping[str, str]:
    """Of the artefact's stack in that account."""
    del account
    line = [each for parameter in cloud.parameters for each in ("--parameter", parameter)]
    line = ["--artefact", artefact, "--no-confirm-changeset", *line]
    deployed = ops(cloud, "deploy", "development", *line)
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    return cloud.outputs(DEVELOPMENT)


@pytest.fixture(scope="module")
def machine(cloud: Cloud, outputs: Mapping[str, str]) -> Api:
    """The other account's API, as a machine of its first tenant."""
    del outputs
    return found(cloud, DEVELOPMENT).api()


def ops(
    cloud: Cloud, command: str, environment: str, *more: str
) -> subprocess.CompletedProcess[str]:
    """A command, as an operator of the account calls it."""
    return subprocess.run(
        [sys.executable, "-m", "skafu.ops", command, "--environment", environment, *more],
        cwd=ROOT,
        env=cloud.variables(DEVELOPMENT),
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_not_tested_in_development_does_not_get_to_staging(
    cloud: Cloud, account: None, artefact: str, outputs: Mapping[str, str]
) -> None:
    del account
    health = Api(outputs["ApiEndpoint"], lambda: "").ask("GET", "/api/health")
    assert (health["status"], health["environment"]) == ("ok", "development")

    refused = ops(cloud, "deploy", "staging", "--artefact", artefact, "--no-confirm-changeset")
    assert "staging takes only what was tested in development" in refused.stderr
    untested = ops(cloud, "tested", "development", "--artefact", artefact)
    assert "has not passed all gates of development; it lacks unit" in untested.stderr
    reviewed = ("--gate", "review", "--waive", "nobody is there", "--by", "A Test")
    assert ops(cloud, "evidence", "development", "--artefact", artefact, *reviewed).returncode == 0
    untested = ops(cloud, "tested", "development", "--artefact", artefact)
    assert "review" not in untested.stderr.partition("lacks")[2]


def test_a_deployment_is_a_release(cloud: Cloud, outputs: Mapping[str, str]) -> None:
    del outputs
    [release] = json.loads(ops(cloud, "releases", "development", "--json").stdout)
    assert (release["account"], release["kind"]) == (DEVELOPMENT.account, "deploy")
    assert release["functions"]["MetricsFunction"]["version"] == "1"


def test_another_account_has_an_api_machines_and_a_stream(machine: Api) -> None:
    metric, at = unique("account.load"), now_ms()
    alert = watch(machine, metric)
    send(machine, point(metric, 42.5, at))
    deadline = time.monotonic() + FIRED_S
    while alert.state != "ALARM":
        assert time.monotonic() < deadline, alert.transitions
        send(machine, point(metric, 9, now_ms()))
        time.sleep(0.5)
    question = {"id": "a", "metric": metric, "statistic": "max", "period": 60}
    asked = {"start": at, "end": now_ms() + 1, "queries": [question]}
    [result] = machine.ask("POST", "/api/metrics/query", asked)["results"]
    assert 42.5 in result["series"][0]["values"]


def test_people_of_another_account_sign_in_without_naming_it(
    system: System, cloud: Cloud, machine: Api, outputs: Mapping[str, str]
) -> None:
    del machine  # it came with the admin
    cloud.client("cognito-idp", DEVELOPMENT).admin_set_user_password(
        UserPoolId=outputs["UserPoolId"], Username=ADMIN.email, Password=PASSWORD, Permanent=True
    )
    token = system.srp(ADMIN.email, PASSWORD, outputs["UserPoolClientId"], outputs["UserPoolId"])
    me = Api(outputs["ApiEndpoint"], lambda: token["AccessToken"]).ask("GET", "/api/me")
    assert (me["kind"], me["role"]) == ("person", "admin")


def test_another_accounts_console_and_its_api_are_served_by_cloudfront(
    system: System, outputs: Mapping[str, str]
) -> None:
    host = urlsplit(outputs["ConsoleUrl"]).netloc
    assert b"<!doctype html>" in served(system, host, "/")
    assert json.loads(served(system, host, "/api/health"))["environment"] == "development"


def served(system: System, host: str, path: str) -> bytes:
    """What a browser gets that takes <name>.localhost for this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", system.home.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        return answer.read()
    finally:
        connection.close()


def test_stacks_of_one_name_in_two_regions_have_roles_of_their_own(cloud: Cloud) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    names = []
    for place in (PRODUCTION, STANDBY):
        client = cloud.client("cloudformation", place)
        body = json.dumps({"Resources": {"Role": role}})
        client.create_stack(StackName="twice", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        waiter = client.get_waiter("stack_create_complete")
        waiter.wait(StackName="twice", WaiterConfig={"Delay": 1})
        [made] = client.describe_stack_resources(StackName="twice")["StackResources"]
        names.append(made["PhysicalResourceId"])
        client.delete_stack(StackName="twice")
    assert len(set(names)) == 2
