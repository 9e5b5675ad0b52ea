"""`python -m skafu.ops smoke` as it is called, over functions in memory and records of moto's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from skafu.canary import reserved
from skafu.ops.smoke import Means
from skafu.ops.smoke.command import main
from skafu.shared import aws, keys
from skafu.shared.dynamo import DynamoTable
from tests.support.canary import VALUE, InvokedInMemory, ReleaseInMemory
from tests.support.moto_table import create_table

ARN = "arn:aws:lambda:us-east-1:123456789012:function"
OUTPUTS = {
    "ApiEndpoint": "https://api.example/local",
    "ConsoleUrl": "https://console.example",
    "TableName": "skafu-local",
    "UserPoolId": "us-east-1_A",
    "UserPoolClientId": "c",
    "UserPoolDomain": "skafu-local",
    **{
        f"{name}Alias": f"{ARN}:{name}:live"
        for name in ("MetricsFunction", "AlertsFunction", "WorkspaceFunction")
    },
}
RELEASE = "20261123T012117Z-3fa2b1c4"


class Deployed:
    """A stack whose functions are in memory: what makes clients, and what they reach."""

    def __init__(self) -> None:
        self.release = ReleaseInMemory()
        self.lambdas = InvokedInMemory(self.release)
        create_table(self.make("dynamodb"), "skafu-local")

    def make(self, service: str, **_: Any) -> Any:
        if service == "lambda":
            return self.lambdas
        if service == "cloudformation":
            return self
        return aws.client(
            service,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def describe_stacks(self, **arguments: str) -> dict[str, Any]:
        assert arguments == {"StackName": "skafu-test"}
        outputs = [{"OutputKey": name, "OutputValue": x} for name, x in OUTPUTS.items()]
        return {"Stacks": [{"Outputs": outputs}]}

    def smoke(self, *more: str) -> int:
        means = Means(clock=self.release.clock, pause=lambda _: None, chance=lambda: VALUE)
        line = ["--environment", "local", "--stack", "skafu-test", "--via", "invoke"]
        return main([*line, "--without", "console", *more], self.make, means)


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    with mock_aws():
        yield Deployed()


def test_a_good_environment_passes_and_the_report_says_what_was_seen(
    deployed: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "smoke.json"
    assert deployed.smoke("--report", str(report)) == 0
    found = json.loads(report.read_text("utf-8"))
    assert found["passed"] and found["release"] is None
    assert {"health", "metrics.stored_once", "alerts.backtest"} <= {
        each["name"] for each in found["checks"]
    }
    assert "checks, none failed" in capsys.readouterr().out
    # The tenant is made in the stack's own table, by whoever comes first.
    table = DynamoTable(deployed.make("dynamodb"), "skafu-local")
    assert table.get(keys.membership(reserved.SUBJECT)) is not None


def test_one_failure_makes_it_fail(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.lambdas.broken = {"AlertsFunction"}
    assert deployed.smoke() == 1
    told = capsys.readouterr().out
    assert "FAILED  alerts.kept" in told
    assert "ok      metrics.read_back" in told


def test_only_health_asks_for_nothing_else(deployed: Deployed) -> None:
    assert deployed.smoke("--only", "health") == 0
    assert deployed.lambdas.calls == [f"{ARN}:WorkspaceFunction:live"]


def test_a_name_that_no_check_has_is_no_success(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deployed.smoke("--only", "helth") == 1
    assert "is there a check of this name?" in capsys.readouterr().err


def test_the_release_and_the_version_are_compared_where_they_are_asked_for(
    deployed: Deployed, tmp_path: Path
) -> None:
    ssm = deployed.make("ssm")
    ssm.put_parameter(Name="/skafu/skafu-test/release", Value=RELEASE, Type="String")
    report = tmp_path / "smoke.json"
    line = ("--only", "health", "--only", "release", "--report", str(report))
    assert deployed.smoke(*line, "--expect-release", RELEASE, "--expect-version", "0.1.0") == 0
    assert json.loads(report.read_text("utf-8"))["release"] == RELEASE
    assert deployed.smoke(*line, "--expect-version", "9.9.9") == 1
    assert deployed.smoke(*line, "--expect-release", RELEASE.replace("3fa2", "ffff")) == 1


def test_a_stack_that_is_older_than_the_command_is_told_to_be_so(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(OUTPUTS, "ConsoleUrl")
    assert deployed.smoke() == 1
    assert "has no output ConsoleUrl" in capsys.readouterr().err
