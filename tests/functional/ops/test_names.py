"""`names`: what the company's zone is told of an environment, on doubles of two accounts."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto import mock_aws

from skafu.ops.naming.command import main
from skafu.shared import aws

SHARED = "555555555555"
STAGING = ("--environment", "staging")
PRODUCTION = ("--environment", "production")
TRUST = '{"Version": "2012-10-17", "Statement": []}'


class Accounts:
    """The environment's, whose credentials the command has, and that of shared services."""

    def __init__(self) -> None:
        for name in ("staging", "production"):
            self._in_shared("iam").create_role(
                RoleName=f"skafu-dns-{name}", AssumeRolePolicyDocument=TRUST
            )
        self.zone = self.makes("skafu.com", self._in_shared("route53"))

    def make(self, service: str, **where: Any) -> Any:
        """A client, as the command asks for it."""
        return aws.client(service, **{"region_name": "us-east-1", **where})

    def makes(self, zone: str, client: Any = None) -> str:
        """A zone, in the environment's account unless another one's client is given: its id."""
        made = (client or self.make("route53")).create_hosted_zone(
            Name=zone, CallerReference=zone + str(client)
        )
        return str(made["HostedZone"]["Id"]).rpartition("/")[2]

    def written(self) -> Mapping[tuple[str, str], Any]:
        """The records of the company's zone, by name and type, but for its own."""
        found = self._in_shared("route53").list_resource_record_sets(HostedZoneId=self.zone)
        records = {(each["Name"], each["Type"]): each for each in found["ResourceRecordSets"]}
        return {key: each for key, each in records.items() if key[1] != "SOA"}

    def _in_shared(self, service: str) -> Any:
        role = f"arn:aws:iam::{SHARED}:role/any"
        found = self.make("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return self.make(
            service,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
        )


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Accounts()


def delegate(accounts: Accounts, *environment: str) -> int:
    arguments = ["delegate", *environment, "--shared-services", SHARED]
    return main(arguments, accounts.make)


def test_the_companys_zone_is_told_where_the_environments_is(accounts: Accounts) -> None:
    zone = accounts.makes("staging.skafu.com")
    servers = accounts.make("route53").get_hosted_zone(Id=zone)["DelegationSet"]["NameServers"]
    assert delegate(accounts, *STAGING) == 0
    record = accounts.written()["staging.skafu.com.", "NS"]
    assert {x["Value"].rstrip(".") for x in record["ResourceRecords"]} == set(servers)


def test_writing_it_again_changes_nothing(accounts: Accounts) -> None:
    accounts.makes("staging.skafu.com")
    delegate(accounts, *STAGING)
    before = accounts.written()
    assert delegate(accounts, *STAGING) == 0
    assert accounts.written() == before


def test_showing_writes_nothing(accounts: Accounts, capsys: pytest.CaptureFixture[str]) -> None:
    accounts.makes("staging.skafu.com")
    before = accounts.written()
    assert main(["show", *STAGING], accounts.make) == 0
    assert "staging.skafu.com NS ns-" in capsys.readouterr().out
    assert accounts.written() == before


def test_a_console_in_the_companys_zone_gets_its_address_and_the_proof_of_its_certificate(
    accounts: Accounts,
) -> None:
    accounts.makes("api.skafu.com")
    certificates = accounts.make("acm")
    certificate = certificates.request_certificate(DomainName="skafu.com", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    certificates.request_certificate(DomainName="other.example", ValidationMethod="DNS")
    told = certificates.describe_certificate(CertificateArn=certificate)["Certificate"]
    proof = told["DomainValidationOptions"][0]["ResourceRecord"]
    domain = distribution(accounts, "skafu.com")
    distribution(accounts, "other.example")

    assert delegate(accounts, *PRODUCTION) == 0

    written = accounts.written()
    assert written[proof["Name"].rstrip(".") + ".", "CNAME"]["ResourceRecords"] == [
        {"Value": proof["Value"]}
    ]
    for kind in ("A", "AAAA"):
        assert written["skafu.com.", kind]["AliasTarget"]["DNSName"].rstrip(".") == domain
    assert len(written) == 5  # with the zone's own NS and the delegation


def test_a_console_that_is_not_there_yet_is_told_of_later(accounts: Accounts) -> None:
    accounts.makes("api.skafu.com")
    assert delegate(accounts, *PRODUCTION) == 0
    assert set(accounts.written()) == {("skafu.com.", "NS"), ("api.skafu.com.", "NS")}


def test_two_zones_of_a_name_are_one_too_many(
    accounts: Accounts, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.makes("staging.skafu.com")
    accounts.makes("staging.skafu.com", accounts.make("route53"))
    before = accounts.written()
    assert delegate(accounts, *STAGING) == 1
    assert "2 public zones" in capsys.readouterr().err
    assert accounts.written() == before


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [("staging", "0 public zones of staging.skafu.com"), ("development", "has no names")],
)
def test_what_has_no_zone_is_not_delegated(
    accounts: Accounts, capsys: pytest.CaptureFixture[str], environment: str, complaint: str
) -> None:
    assert delegate(accounts, "--environment", environment) == 1
    assert complaint in capsys.readouterr().err


class Denying:
    """A client of route53 in the company's account that may change nothing."""

    def __init__(self, client: Any) -> None:
        self.exceptions = client.exceptions
        self.list_hosted_zones_by_name = client.list_hosted_zones_by_name

    def change_resource_record_sets(self, **_: Any) -> None:
        denied = {"Error": {"Code": "AccessDenied", "Message": "no policy allows it"}}
        raise self.exceptions.ClientError(denied, "ChangeResourceRecordSets")


def test_a_record_that_may_not_be_written_is_named(
    accounts: Accounts, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.makes("staging.skafu.com")

    def make(service: str, **where: Any) -> Any:
        client = accounts.make(service, **where)
        return Denying(client) if "aws_session_token" in where else client

    assert main(["delegate", *STAGING, "--shared-services", SHARED], make) == 1
    assert "Not written: staging.skafu.com NS" in capsys.readouterr().err


def distribution(accounts: Accounts, host: str) -> str:
    """A distribution that answers to a host: its own name."""
    origin = {"Id": "one", "DomainName": "bucket.s3.amazonaws.com"}
    made = accounts.make("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": host,
            "Aliases": {"Quantity": 1, "Items": [host]},
            "Origins": {
                "Quantity": 1,
                "Items": [{**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "one",
                "ViewerProtocolPolicy": "https-only",
                "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            },
            "Comment": "",
            "Enabled": True,
        }
    )
    return str(made["Distribution"]["DomainName"])
