"""An artefact's way up, in an account of its own beside the running system's, and that the embedded
AWS answers for such an account as for its default one. `make rehearse` plays all of the delivery.
"""

import http.client
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from local.api import Api
from local.rehearsal.founding import ADMIN, found
from local.rehearsal.places import DEVELOPMENT, PRODUCTION, STANDBY, Cloud
from tests.integration.system import System, now_ms, point, send, unique, watch
from tests.integration.test_delivery.conftest import Delivered

PASSWORD = "a-Passw0rd-of-tests!"
FIRED_S = 30


@pytest.fixture(name="outputs", scope="module")
def _outputs(delivered: Delivered) -> Mapping[str, str]:
    """Of the artefact's stack in that account."""
    return delivered.account.cloud.outputs(DEVELOPMENT)


@pytest.fixture(name="machine", scope="module")
def _machine(delivered: Delivered) -> Api:
    """The other account's API, as a machine of its first tenant."""
    return found(delivered.account.cloud, DEVELOPMENT).api()


def test_what_was_not_tested_in_development_does_not_get_to_staging(
    delivered: Delivered, outputs: Mapping[str, str]
) -> None:
    health = Api(outputs["ApiEndpoint"], lambda: "").ask("GET", "/api/health")
    assert (health["status"], health["environment"]) == ("ok", "development")

    which = ("--artefact", f"{delivered.artefact}.zip")
    staging = ("--environment", "staging", *which, "--no-confirm-changeset")
    refused = delivered.account.ops("deploy", *staging)
    assert "staging takes only what was tested in development" in refused.stderr
    _, _, lacking = delivered.ops("tested", *which)
    assert "has not passed all gates of development; it lacks unit" in lacking
    reviewed = ("--gate", "review", "--waive", "nobody is there", "--by", "A Test")
    assert delivered.ops("evidence", *which, *reviewed)[0] == 0
    _, _, lacking = delivered.ops("tested", *which)
    assert "review" not in lacking.partition("lacks")[2]


def test_a_deployment_is_a_release(delivered: Delivered) -> None:
    [release] = json.loads(delivered.ops("releases", "--json")[1])
    assert (release["id"], release["kind"]) == (delivered.release, "deploy")
    assert release["account"] == DEVELOPMENT.account
    assert release["functions"]["MetricsFunction"]["version"] == "1"
    code, told, _ = delivered.ops("status")
    assert (code, "DIFFERS" in told) == (0, False)


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
    system: System, delivered: Delivered, machine: Api, outputs: Mapping[str, str]
) -> None:
    del machine  # it came with the admin
    delivered.account.client("cognito-idp").admin_set_user_password(
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


def test_stacks_of_one_name_in_two_regions_have_roles_of_their_own(system: System) -> None:
    cloud = Cloud(system.home)
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
