"""A stack's releases and versions, in the account that lives in memory and in moto's: what the unit
tests rely on is what AWS's own clients do.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.journal import Journal
from skafu.ops.release.observed import aliases_of, functions_of
from skafu.ops.release.record import Hold, Kind
from skafu.ops.release.recording import Deployed, record
from skafu.ops.release.versions import KEPT, prune
from tests.support.clocks import NOON
from tests.support.clouds import CALLER, Cloud, StackRecord
from tests.support.released import account_in, manifest, release

STACK, REGION = "skafu-prod", "eu-west-1"
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def code(text: str) -> bytes:
    """A function's zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", text)
    return packed.getvalue()


class Moto:
    """An account of moto's, but for CloudFormation: a stack that has one function."""

    def __init__(self) -> None:
        self.account = Account(self.make, {"region_name": REGION})
        self.stacks = Cloud().stacks
        self.stacks.named[STACK] = StackRecord(
            resources={
                "A": ("AWS::Lambda::Function", "skafu-prod-a"),
                "AAliaslive": ("AWS::Lambda::Alias", "skafu-prod-a:live"),
            }
        )
        self.make("s3").create_bucket(
            Bucket="artefacts", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        role = self.make("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.make("lambda").create_function(
            FunctionName="skafu-prod-a",
            Runtime="python3.12",
            Handler="index.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": code("x = 0")},
            Publish=True,
        )
        self.make("lambda").create_alias(
            FunctionName="skafu-prod-a", Name="live", FunctionVersion="1"
        )

    def make(self, service: str, **_options: Any) -> Any:
        """A client of a service."""
        if service == "cloudformation":
            return self.stacks
        return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]  # a name

    def deploy(self, number: int) -> None:
        """Have the function run other code."""
        client = self.make("lambda")
        client.update_function_code(FunctionName="skafu-prod-a", ZipFile=code(f"x = {number}"))
        made = client.publish_version(FunctionName="skafu-prod-a")["Version"]
        client.update_alias(FunctionName="skafu-prod-a", Name="live", FunctionVersion=made)


class Memory:
    """The same in memory."""

    def __init__(self) -> None:
        self.cloud = Cloud()
        self.account = account_in(self.cloud)
        self.cloud.run(STACK, {"A": "0"})

    def deploy(self, number: int) -> None:
        """Have the function run other code."""
        self.cloud.run(STACK, {"A": str(number)})


type Place = Moto | Memory


@pytest.fixture(params=["memory", "moto"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An account."""
    if request.param == "memory":
        yield Memory()
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield Moto()


@pytest.fixture
def journal(place: Place) -> Journal:
    return place.account.journal(STACK)


def test_the_first_deployment_finds_nothing(journal: Journal) -> None:
    assert (journal.current(), journal.ids(), journal.held()) == (None, [], None)


def test_releases_are_kept_in_their_order_with_their_templates(journal: Journal) -> None:
    made = [release(minute) for minute in (0, 1, 2)]
    for number, each in enumerate(made):
        journal.keep(each, f"# {number}")
    assert journal.ids() == [each.id for each in reversed(made)]
    assert journal.current() == made[-1]
    assert [journal.template(each) for each in made] == ["# 0", "# 1", "# 2"]


def test_a_release_that_is_not_there_is_refused(journal: Journal) -> None:
    with pytest.raises(Refused, match="has no release"):
        journal.read("20200101T000000Z-aaaaaaaa")


def test_a_hold_is_lifted_once_and_again(journal: Journal) -> None:
    hold = Hold(release=release().id, at=NOON, by=CALLER, reason="it answers 500")
    journal.hold(hold)
    assert journal.held() == hold
    journal.lift()
    journal.lift()
    assert journal.held() is None


def test_what_a_stack_runs_is_what_its_aliases_say(place: Place) -> None:
    first = functions_of(place.account, STACK)["A"]
    place.deploy(1)
    second = functions_of(place.account, STACK)["A"]
    assert (first.name, first.version, second.version) == ("skafu-prod-a", "1", "2")
    assert first.code != second.code
    assert aliases_of(place.account, STACK)["A"].shares == {}


def test_a_release_is_recorded_of_what_runs(place: Place, journal: Journal) -> None:
    deployed = Deployed.of(manifest(), "production", STACK, "Resources: {}", NOON)
    made = record(place.account, journal, deployed, Kind.DEPLOY)
    assert journal.read(made.id) == made
    assert made.functions == functions_of(place.account, STACK)
    assert made.account == place.account.client("sts").get_caller_identity()["Account"]


def test_old_versions_go_and_the_named_ones_stay(place: Place, journal: Journal) -> None:
    deployed = Deployed.of(manifest(), "production", STACK, "Resources: {}", NOON)
    record(place.account, journal, deployed, Kind.DEPLOY)
    for number in range(KEPT + 2):
        place.deploy(number + 1)
    found = prune(place.account, journal)
    assert list(found.lines()) == ["skafu-prod-a: 2, 3"]
    again = prune(place.account, journal)
    assert not list(again.lines())
