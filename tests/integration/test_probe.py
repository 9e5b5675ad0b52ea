"""The probe and the scaling function on the deployed stack: through its gateway, its user pool and
its console, and as functions that the embedded AWS runs.

The local environment has neither (environments/local.yaml): what they need beside the stack is made
here, and goes again.
"""

import io
import json
import random
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skafu.ops import probe
from skafu.ops.smoke.reaching import token_url
from skafu.probe.credentials import Credentials, stored_in
from skafu.probe.probing import Means, build
from skafu.probe.reaching import Response
from skafu.probe.settings import ProbeSettings
from skafu.probe.steps import NAMES
from skafu.scaling.capacity import LambdaCapacity
from skafu.scaling.concurrency import Limits, decide
from skafu.shared.clock import system_clock
from skafu.shared.identity import random_id

from local.home import ENVIRONMENT, REGION, STACK
from tests.integration.system import System
from tests.support.events import lambda_context, sample_event

SECRET = f"{STACK}-probe"
EVENT = sample_event("probe.schedule")
HANDLER = "skafu.probe.handlers.probe.handler"


@pytest.fixture(scope="module")
def secret(system: System) -> Iterator[str]:
    """A secret as the template makes it, with the probe installed."""
    client = system.aws("secretsmanager")
    client.create_secret(Name=SECRET, SecretString=Credentials().document())
    arguments = ["install", "--environment", ENVIRONMENT]
    try:
        assert probe.main(arguments, lambda service, **_: system.aws(service)) == 0
        yield SECRET
    finally:
        client.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


@pytest.fixture(scope="module")
def settings(system: System, secret: str) -> ProbeSettings:
    """What the template would tell the probe of this stack."""
    outputs = system.outputs()
    return ProbeSettings(
        table_name=outputs["TableName"],
        environment=ENVIRONMENT,
        api_url=outputs["ApiEndpoint"],
        console_url=outputs["ConsoleUrl"],
        token_url=token_url(outputs, system.home.endpoint, REGION),
        secret=secret,
    )


class Probing:
    """A probe of the deployed stack, and how many tokens it has asked for."""

    def __init__(self, system: System, settings: ProbeSettings) -> None:
        self.settings = settings
        self.tokens = 0
        credentials = stored_in(system.aws("secretsmanager"), settings.secret)
        means = Means(credentials, self.fetch, system_clock, random.random, time.sleep)
        self.handler = build(settings, means)

    def fetch(self, method: str, url: str, body: bytes | None, headers: Any) -> Response:
        self.tokens += url == self.settings.token_url
        return probe.fetch(method, url, body, headers)

    def run(self) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self.handler(dict(EVENT), lambda_context("probe", 90_000))
        return answer


def test_the_running_system_is_as_customers_want_it(
    system: System, settings: ProbeSettings
) -> None:
    probing = Probing(system, settings)
    assert probing.run()["failed"] == []
    assert probing.run()["failed"] == []
    assert probing.tokens == 1


def test_a_function_that_does_not_start_is_found_by_what_customers_do(
    system: System, settings: ProbeSettings
) -> None:
    client, name = system.aws("lambda"), f"{STACK}-alerts"
    before = client.get_function_configuration(FunctionName=name)["Handler"]
    alias = client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    try:
        client.update_function_configuration(FunctionName=name, Handler="skafu.gone.handler")
        broken = client.publish_version(FunctionName=name)["Version"]
        client.update_alias(FunctionName=name, Name="live", FunctionVersion=broken)
        assert Probing(system, settings).run()["failed"] == ["alerts"]
    finally:
        client.update_function_configuration(FunctionName=name, Handler=before)
        client.update_alias(FunctionName=name, Name="live", FunctionVersion=alias)
    assert Probing(system, settings).run()["failed"] == []


def test_an_api_that_nobody_reaches_fails_by_its_steps_and_not_by_an_error(
    system: System, settings: ProbeSettings
) -> None:
    nowhere = replace(settings, api_url="http://127.0.0.1:9", token_url="http://127.0.0.1:9")
    answer = Probing(system, nowhere).run()
    assert answer["failed"] == [name for name in NAMES if name != "console"]


def _slice(system: System) -> bytes:
    """What `sam build` has made of the probe, as Lambda takes it."""
    folder: Path = system.home.folder / "build" / "ProbeFunction"
    assert folder.is_dir(), f"nothing was built in {folder}"
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return found.getvalue()


@pytest.fixture
def role(system: System, secret: str) -> Iterator[str]:
    """One that may read the secret and, of all else in AWS, nothing: as the template's."""
    iam = system.aws("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    name = f"probe-{random_id()}"
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    arn = system.aws("secretsmanager").describe_secret(SecretId=secret)["ARN"]
    may = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName=name, PolicyName="probe", PolicyDocument=policy)
    yield str(made["Role"]["Arn"])
    iam.delete_role_policy(RoleName=name, PolicyName="probe")
    iam.delete_role(RoleName=name)


def test_the_built_function_runs_where_lambda_runs_it(
    system: System, settings: ProbeSettings, role: str
) -> None:
    code = _slice(system)
    assert len(code) < 100_000
    client, name = system.aws("lambda"), f"probe-{random_id()}"
    like = client.get_function_configuration(FunctionName=f"{STACK}-workspace")
    own = {key.upper(): str(text) for key, text in vars(settings).items() if text}
    variables = {**like["Environment"]["Variables"], **own, "WORKING_HOURS": "none"}
    client.create_function(
        FunctionName=name,
        Runtime=like["Runtime"],
        Role=role,
        Handler=HANDLER,
        Code={"ZipFile": code},
        Timeout=90,
        MemorySize=256,
        Environment={"Variables": variables},
        Layers=[each["Arn"] for each in like["Layers"]],
        Architectures=like["Architectures"],
    )
    try:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(EVENT).encode())
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        # Browsers find <name>.localhost on their own machine; a function's resolver need not.
        assert set(said["failed"]) <= {"console"}
    finally:
        client.delete_function(FunctionName=name)


def test_what_is_reserved_is_raised_and_brought_down_for_real(system: System) -> None:
    lambdas, name = system.aws("lambda"), f"{STACK}-metrics"
    capacity = LambdaCapacity(lambdas, system.aws("cloudwatch"))
    try:
        capacity.reserve(name, 10)
        seen = capacity.seen(name, system_clock())
        assert (seen.reserved, seen.shifting, seen.throttled) == (10, False, 0)
        refusing = replace(seen, free=900, throttled_lately=1, throttled=1)
        change = decide(Limits(10, 30), refusing)
        assert change is not None
        capacity.reserve(name, change.after)
        again = capacity.seen(name, system_clock())
        assert again.reserved == 15
        down = decide(Limits(10, 30), again)
        assert down is not None and down.after == 10
    finally:
        lambdas.delete_function_concurrency(FunctionName=name)
    assert capacity.memory(name) > 0
