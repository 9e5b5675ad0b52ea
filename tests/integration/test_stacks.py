"""The stacks beside the application's, deployed from infrastructure/stacks.yaml as people do it: in
four accounts of an embedded AWS that enforces permissions, one of them in two regions.

What the embedded AWS does not take is said there, and is refused here: when it takes more one day,
a test says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import sleep
from typing import Any

import boto3
import pytest
from botocore.config import Config

from skafu.ops.artefact.accounts import Account
from skafu.ops.stacks.application import beside
from skafu.ops.stacks.book import load, stack_name_of
from skafu.ops.stacks.command import Means, main
from tests.integration.system import System

HOME, REPLICA = "us-east-1", "us-west-2"
BOOK = load()
ACCOUNTS = {
    "shared-services": "555555555550",
    "development": "555555555551",
    "staging": "555555555552",
    "production": "555555555553",
    "security": "555555555554",
    "management": "555555555555",
}
GIVEN: Mapping[str, tuple[str, ...]] = {
    "delivery": ("GitHubRepository=skafu-org/skafu",),
    "organization": tuple(
        f"{each}Email={each.lower()}@example.com"
        for each in ("Security", "SharedServices", "Development", "Staging", "Production")
    ),
    "security": (
        "OrganizationId=o-abcdefghij",
        "ManagementAccountId=555555555555",
        "RootId=r-abcd",
    ),
    "guard": ("ComplianceBucket=skafu-compliance",),
}


@dataclass
class Operator:
    """Somebody who has the root key of every account, and whose questions nobody answers."""

    endpoint: str
    printed: list[str] = field(default_factory=list)

    def client(self, place: str, service: str, region: str = HOME) -> Any:
        """A client in an account."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the name comes as an argument
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=ACCOUNTS[place],
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
        )

    def stacks(self, what: str, place: str, *names: str) -> int:
        """The command; its exit code."""

        def make(service: str, **where: Any) -> Any:
            return self.client(place, service, where["region_name"])

        is_environment = place in ("development", "staging", "production")
        told = [f"--parameter={each}" for name in names for each in GIVEN.get(name, ())]
        whose = ["--environment" if is_environment else "--in", place, "--account", ACCOUNTS[place]]
        yes = ["--yes"] if what == "deploy" else []
        # Stacks are looked at more often than AWS would like: most are there in less than a second.
        return main([what, *names, *whose, *told, *yes], Means(make, pause=lambda _: sleep(0.05)))

    def stack(self, place: str, name: str, region: str = HOME) -> Any:
        """As CloudFormation describes it."""
        client = self.client(place, "cloudformation", region)
        return client.describe_stacks(StackName=stack_name_of(name))["Stacks"][0]

    def outputs(self, place: str, name: str, region: str = HOME) -> dict[str, str]:
        """Of a stack."""
        found = self.stack(place, name, region).get("Outputs", ())
        return {each["OutputKey"]: each["OutputValue"] for each in found}


def taken(place: str) -> list[str]:
    """What the embedded AWS takes of what an account has, in order."""
    account = place if place in ("shared-services", "security", "management") else "environment"
    known = BOOK.ordered(BOOK.stacks)
    return [
        x for x in known if account in BOOK.stacks[x].accounts and BOOK.stacks[x].emulated is True
    ]


@pytest.fixture(scope="module")
def operator(system: System) -> Operator:
    """With everything that can be deployed."""
    found = Operator(system.home.endpoint)
    assert found.stacks("deploy", "shared-services", *taken("shared-services")) == 0
    assert found.stacks("deploy", "development", "foundation", "delivery") == 0
    assert found.stacks("deploy", "staging", "foundation", "names", "edge") == 0
    assert found.stacks("deploy", "production", *taken("production")) == 0
    return found


@pytest.mark.parametrize("name", taken("production"))
def test_every_stack_is_in_each_of_its_regions_and_protected(operator: Operator, name: str) -> None:
    where = {"home": HOME, "replica": REPLICA}
    for region in BOOK.stacks[name].regions:
        found = operator.stack("production", name, where.get(region, region))
        assert found["StackStatus"] == "CREATE_COMPLETE"
        assert found["EnableTerminationProtection"]
        tags = {each["Key"]: each["Value"] for each in found["Tags"]}
        assert tags == {"project": "skafu", "environment": "production", "team": "skafu"}


def test_outputs_became_parameters_across_regions(operator: Operator) -> None:
    home = operator.outputs("production", "names")
    far = operator.stack("production", "names", REPLICA)
    told = {each["ParameterKey"]: each["ParameterValue"] for each in far["Parameters"]}
    assert told["HostedZoneId"] == home["HostedZoneId"]
    vault = operator.outputs("production", "replica", REPLICA)["CopyVaultArn"]
    backup = operator.stack("production", "backup")["Parameters"]
    assert {"ParameterKey": "CopyVaultArn", "ParameterValue": vault} in backup
    assert f":{REPLICA}:" in vault


def test_the_application_is_told_what_they_made(operator: Operator) -> None:
    def make(service: str, **where: Any) -> Any:
        return operator.client("production", service, where["region_name"])

    account = Account(make, {"region_name": HOME})
    found = beside(account, "production", HOME, ())
    assert found["HostedZoneId"] == operator.outputs("production", "names")["HostedZoneId"]
    assert f":{HOME}:" in found["ApiCertificateArn"]
    assert f":{HOME}:" in found["ConsoleCertificateArn"]
    assert f":{REPLICA}:" in found["ReplicaKeyArn"]
    far = beside(account, "production", REPLICA, ())
    assert f":{REPLICA}:" in far["ApiCertificateArn"]
    assert far["HostedZoneId"] == found["HostedZoneId"]


def test_accounts_have_stacks_of_their_own(operator: Operator) -> None:
    ours = [
        operator.outputs(each, "foundation")["ArtefactBucket"] for each in ("staging", "production")
    ]
    assert len(set(ours)) == 2
    told = {
        each["ParameterKey"]: each["ParameterValue"]
        for each in operator.stack("development", "delivery")["Parameters"]
    }
    assert (told["EnvironmentName"], told["Above"]) == ("development", "staging")


def test_the_same_command_again_changes_nothing(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.stacks("deploy", "production", "foundation", "network") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[1:] == [
        f"{name} in {region} is there, and nothing would change"
        for name in ("foundation", "network")
        for region in (HOME, REPLICA)
    ]


@pytest.mark.parametrize("name", [x for x in BOOK.stacks if BOOK.stacks[x].emulated is not True])
def test_what_is_not_emulated_is_refused_for_its_types(
    operator: Operator, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    account = BOOK.stacks[name].accounts[0]
    place = "production" if account == "environment" else account
    assert operator.stacks("deploy", place, name) == 1
    assert "Unrecognized resource types" in capsys.readouterr().err
