"""What CloudFront asks to be in us-east-1: the console's certificate, the firewall before it."""

import json
from functools import cache
from typing import Any

import pytest

from tests.support.firewall import Call, judge
from tests.support.transformed import ACCOUNT, Resolver, resolved, written

NAME = "infrastructure/edge.yaml"

CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"
FIREWALL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/skafu-prod-console/1"


def section(name: str, environment: str, **parameters: str) -> dict[str, Any]:
    template = written(NAME)
    defaults = {key: each.get("Default", "") for key, each in template["Parameters"].items()}
    told = {**defaults, **parameters, "EnvironmentName": environment}
    resolver = Resolver(template, told)
    return {
        key: resolver.resolve(each)
        for key, each in template[name].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


@cache
def acl() -> Any:
    return section("Resources", "production")["ConsoleFirewall"]["Properties"]


def test_the_certificate_is_for_the_console_s_host_alone() -> None:
    made = section("Resources", "production")["ConsoleCertificate"]["Properties"]
    assert made["DomainName"] == "skafu.com"
    assert "SubjectAlternativeNames" not in made
    own = section("Resources", "production", ConsoleHost="metrics.example.com")
    assert own["ConsoleCertificate"]["Properties"]["DomainName"] == "metrics.example.com"


def test_it_validates_itself_where_the_zone_is_in_the_account() -> None:
    here = section("Resources", "staging", HostedZoneId="Z1")["ConsoleCertificate"]["Properties"]
    [option] = here["DomainValidationOptions"]
    assert option == {"DomainName": "staging.skafu.com", "HostedZoneId": "Z1"}
    elsewhere = section("Resources", "production")["ConsoleCertificate"]["Properties"]
    assert "DomainValidationOptions" not in elsewhere


def test_where_the_console_has_no_host_and_no_firewall_nothing_is_made() -> None:
    assert not section("Resources", "development")
    assert not section("Outputs", "development")


def test_the_firewall_is_one_for_cloudfront() -> None:
    assert acl()["Scope"] == "CLOUDFRONT"
    assert acl()["Name"] == "skafu-prod-console"


@pytest.mark.parametrize(
    "call",
    [
        Call("GET", "/explore", query="filter=host=" + "a" * 3_000),
        Call("GET", "/explore", query="metric=app.log"),
        Call("GET", "/assets/index-1.js"),
        Call("POST", "/api/metrics", body=b"<script>" * 100_000, headers={}),
        Call("PUT", "/api/alerts/1", query="<script>"),
        Call(rate=30_000),
    ],
)
def test_pages_get_through_and_the_api_is_left_to_its_own_firewall(call: Call) -> None:
    assert judge(acl(), call).passes


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (Call("GET", "/explore", query="q=<script>"), "common"),
        (Call("POST", "/explore", body=b"1" * 9_000), "common"),
        (Call("GET", "/", bad_address=True), "reputation"),
        (Call("POST", "/api/metrics", bad_address=True), "reputation"),
        (Call("GET", "/", rate=30_001), "one-address"),
        (Call("POST", "/api/metrics", rate=30_001), "one-address"),
    ],
)
def test_who_asks_is_looked_at_on_every_path(call: Call, rule: str) -> None:
    assert judge(acl(), call).blocked_by == rule


def test_a_hundred_people_behind_one_address_do_not_stop_each_other() -> None:
    panels, every = 30, 30
    assert judge(acl(), Call(rate=100 * panels * 300 // every)).passes


def test_who_asks_too_often_is_told_as_problems_are() -> None:
    response = judge(acl(), Call(rate=50_000)).answer["CustomResponse"]
    body = acl()["CustomResponseBodies"][response["CustomResponseBodyKey"]]
    assert (response["ResponseCode"], json.loads(body["Content"])["status"]) == (429, 429)


def test_refusals_are_kept_as_long_as_other_logs() -> None:
    for environment, days in (("staging", 90), ("production", 365)):
        made = section("Resources", environment)
        assert made["ConsoleFirewallLogs"]["Properties"]["RetentionInDays"] == days
        redacted = json.dumps(made["ConsoleFirewallLogging"]["Properties"]["RedactedFields"])
        assert all(each in redacted for each in ("authorization", "cookie", "QueryString"))


# --- what the application makes of it -------------------------------------------------------------


def distribution(**parameters: str) -> Any:
    made = resolved("staging", **parameters)["ConsoleDistribution"]["Properties"]
    return made["DistributionConfig"]


def test_the_distribution_stands_behind_the_firewall_that_it_is_told() -> None:
    assert "WebACLId" not in distribution()
    assert distribution(ConsoleWebAclArn=FIREWALL)["WebACLId"] == FIREWALL


def test_the_console_s_host_leads_to_the_distribution_by_both_protocols() -> None:
    parameters = {"ConsoleCertificateArn": CERTIFICATE, "ConsoleZoneId": "Z1"}
    made = resolved("staging", **parameters)
    records = [made[name]["Properties"] for name in ("ConsoleRecord", "ConsoleRecordIpv6")]
    assert [each["Type"] for each in records] == ["A", "AAAA"]
    for each in records:
        assert (each["Name"], each["HostedZoneId"]) == ("staging.skafu.com", "Z1")
        assert each["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"
        assert each["AliasTarget"]["DNSName"] == {
            "Fn::GetAtt": ["ConsoleDistribution", "DomainName"]
        }


@pytest.mark.parametrize("parameters", [{"ConsoleZoneId": "Z1"}, {"ConsoleCertificateArn": "a"}])
def test_no_name_leads_to_what_has_no_certificate_for_it(parameters: dict[str, str]) -> None:
    assert "ConsoleRecord" not in resolved("staging", **parameters)
