"""Names: the environments' own zones, the company's, and who writes what into it."""

from itertools import product
from typing import Any

import pytest

from skafu.ops.environments import Environment, Names, load
from skafu.ops.generated import ROOT
from skafu.ops.naming.delegations import KEY, KEYS
from tests.support.policies import Request, grants
from tests.support.transformed import REGION, Resolver, of_type, resolved, written

type Json = Any

ZONES = written("infrastructure/names.yaml")
DOMAIN = written("infrastructure/dns.yaml")
NAMED = [each for each in load(ROOT / "environments") if each.names]
IDS = [each.name for each in NAMED]
PARENT = "arn:aws:route53:::hostedzone/${Zone}"
PROOF = "_0123456789abcdef0123456789abcdef"


def made(template: dict[str, Json], **parameters: str) -> dict[str, Json]:
    """What a template makes; parameters that are not given have their defaults."""
    defaults = {name: each.get("Default", "") for name, each in template["Parameters"].items()}
    resolver = Resolver(template, defaults | parameters)
    return {
        name: resolver.resolve(each)
        for name, each in template["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


def named(environment: Environment) -> Names:
    assert environment.names
    return environment.names


# --- an environment's own zone --------------------------------------------------------------------


@pytest.mark.parametrize("environment", NAMED, ids=IDS)
def test_an_environment_has_a_zone_and_a_certificate_for_its_api(environment: Environment) -> None:
    found = made(ZONES, EnvironmentName=environment.name)
    assert found["Zone"]["Properties"]["Name"] == named(environment).zone
    certificate = found["ApiCertificate"]["Properties"]
    assert certificate["DomainName"] == environment.api_gateway.domain
    [proof] = certificate["DomainValidationOptions"]
    assert proof == {"DomainName": certificate["DomainName"], "HostedZoneId": {"Ref": "Zone"}}
    assert "FailoverHealthCheck" not in found


def test_the_region_that_takes_over_uses_the_zone_and_makes_none() -> None:
    there = {"AWS::Region": "us-west-2", "HostedZoneId": "Z1"}
    found = made(ZONES, EnvironmentName="production", **there)
    assert "Zone" not in found
    [proof] = found["ApiCertificate"]["Properties"]["DomainValidationOptions"]
    assert proof["HostedZoneId"] == "Z1"


def test_a_zone_outlives_its_stack() -> None:
    for template in (ZONES, DOMAIN):
        zone = template["Resources"]["Zone"]
        assert (zone["DeletionPolicy"], zone["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_names_move_when_the_region_that_takes_over_says_so_and_stay_there() -> None:
    found = made(ZONES, EnvironmentName="production", **{"AWS::Region": "us-west-2"})
    alarm = found["MovedAlarm"]["Properties"]
    check = found["FailoverHealthCheck"]["Properties"]["HealthCheckConfig"]
    assert check["AlarmIdentifier"] == {"Name": {"Ref": "MovedAlarm"}, "Region": "us-west-2"}
    # Without data nothing moves, neither there nor back.
    assert check["InsufficientDataHealthStatus"] == "LastKnownStatus"
    assert alarm["TreatMissingData"] == "missing"
    # What Route 53 can follow: one metric, a plain statistic, no M of N.
    assert alarm["Statistic"] == "Maximum"
    assert not {"Metrics", "ExtendedStatistic", "DatapointsToAlarm"} & set(alarm)
    assert (alarm["Namespace"], alarm["MetricName"]) == ("skafu/failover", "Moved")
    assert alarm["Dimensions"] == [{"Name": "Environment", "Value": "production"}]


def test_the_apis_own_record_follows_the_switch() -> None:
    given = {"ApiCertificateArn": f"arn:aws:acm:{REGION}:1:certificate/1", "HostedZoneId": "Z1"}
    found = resolved("production", **given, FailoverHealthCheckId="check")
    records = of_type(found, "AWS::Route53::RecordSet").values()
    [record] = [each for each in records if each["HostedZoneId"] == "Z1"]
    assert (record["Failover"], record["HealthCheckId"]) == ("PRIMARY", "check")
    assert record["AliasTarget"]["EvaluateTargetHealth"]


# --- the company's domain -------------------------------------------------------------------------


def test_certificates_of_the_domain_come_from_aws_and_none_is_for_all_names() -> None:
    record = made(DOMAIN)["Authorities"]["Properties"]
    assert (record["Name"], record["Type"]) == ("skafu.com", "CAA")
    assert record["ResourceRecords"] == ['0 issue "amazon.com"', '0 issuewild ";"']


def test_it_is_written_down_who_asks_for_names() -> None:
    found = made(DOMAIN)
    logging = found["Zone"]["Properties"]["QueryLoggingConfig"]
    assert logging == {"CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["QueryLogs", "Arn"]}}
    assert found["Zone"]["DependsOn"] == "QueryLogsPolicy"


def test_answers_are_signed_when_it_is_asked_for() -> None:
    signed = made(DOMAIN, Signing="on")
    [key] = of_type(signed, "AWS::KMS::Key").values()
    # What Route 53 takes.
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert {"ZoneKey", "SignedAnswers"} <= set(signed)
    assert not {"SigningKey", "ZoneKey", "SignedAnswers"} & set(made(DOMAIN))


# --- who writes what into it ----------------------------------------------------------------------

ACCOUNTS = {f"{each.name.title()}Account": each.account for each in NAMED}


def may(environment: str, name: str, kind: str, action: str = "UPSERT", zone: str = PARENT) -> bool:
    """Whether the environment's role may change these records, separated by commas."""
    role = made(DOMAIN, **ACCOUNTS)[f"{environment.title()}Delegation"]["Properties"]
    [policy] = role["Policies"]
    told = dict(zip((f"{KEY}{each}" for each in KEYS), (name, kind, action)))
    return grants(policy["PolicyDocument"]["Statement"], Request(KEY, zone, told))


@pytest.mark.parametrize("environment", NAMED, ids=IDS)
def test_an_environment_says_where_its_zone_is(environment: Environment) -> None:
    zone = named(environment).zone
    assert may(environment.name, zone, "NS")
    assert not may(environment.name, zone, "NS", "DELETE")
    assert not may(environment.name, zone, "NS", "UPSERT,DELETE")
    assert not may(environment.name, zone, "TXT")
    assert not may(environment.name, zone, "NS", zone="arn:aws:route53:::hostedzone/Z2")


@pytest.mark.parametrize("environment", NAMED, ids=IDS)
def test_an_environment_writes_nobody_elses_records(environment: Environment) -> None:
    zones = {named(each).zone for each in NAMED} | {"skafu.com", "www.skafu.com", "dev.skafu.com"}
    for zone in zones - {named(environment).zone}:
        assert not may(environment.name, zone, "NS")
        # Nor beside what it may.
        assert not may(environment.name, f"{named(environment).zone},{zone}", "NS")
    for kind in ("MX", "TXT", "CAA", "SOA", "DS", "NS"):
        assert not may(environment.name, "skafu.com", kind)


def test_production_writes_where_its_console_is_and_the_proof_that_it_is_its_own() -> None:
    for kind in ("A", "AAAA", "A,AAAA"):
        assert may("production", "skafu.com", kind)
    assert may("production", f"{PROOF}.skafu.com", "CNAME")
    for name, kind in product(("www.skafu.com", "_dmarc.skafu.com"), ("A", "CNAME", "TXT")):
        assert not may("production", name, kind)
    assert not may("production", f"{PROOF}.skafu.com", "NS")


def test_staging_writes_nothing_at_the_apex() -> None:
    for kind in ("A", "AAAA", "CNAME"):
        assert not may("staging", "skafu.com", kind)
        assert not may("staging", f"{PROOF}.skafu.com", kind)


@pytest.mark.parametrize("environment", NAMED, ids=IDS)
def test_a_request_that_tells_nothing_changes_nothing(environment: Environment) -> None:
    """ForAllValues holds of no values at all."""
    role = made(DOMAIN, **ACCOUNTS)[f"{environment.name.title()}Delegation"]["Properties"]
    [policy] = role["Policies"]
    assert not grants(policy["PolicyDocument"]["Statement"], Request(KEY, PARENT))


@pytest.mark.parametrize("environment", NAMED, ids=IDS)
def test_a_role_is_taken_on_from_its_environments_account(environment: Environment) -> None:
    role = made(DOMAIN, **ACCOUNTS)[f"{environment.name.title()}Delegation"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{environment.account}:root"}
    assert not of_type(made(DOMAIN), "AWS::IAM::Role"), "without an account there is no role"
