"""The firewall before the API: what gets through, what does not, and what refused ones are told."""

import importlib
import json
from functools import cache
from typing import Any

import pytest

from skafu.ops.environments import load
from skafu.ops.openapi import DOMAINS
from skafu.shared.body import MAX_BODY
from tests.support.firewall import CORE, Call, judge
from tests.support.transformed import ROOT, of_type, resolved

WITH_FIREWALL = [each.name for each in load(ROOT / "environments") if each.security.firewall]
WITHOUT = [each.name for each in load(ROOT / "environments") if not each.security.firewall]


@cache
def acl(environment: str = "production") -> Any:
    return resolved(environment)["ApiFirewall"]["Properties"]


@pytest.fixture(params=["", "/production"], ids=["own name", "AWS's name"])
def stage(request: pytest.FixtureRequest) -> str:
    """What stands before the path: the stage, with AWS's own name and from the console."""
    return str(request.param)


# --- sizes ----------------------------------------------------------------------------------------


def test_three_megabytes_of_points_get_through_and_are_counted(stage: str) -> None:
    found = judge(acl(), Call("POST", f"{stage}/api/metrics", body=b"1" * 3_000_000))
    assert found.passes
    assert f"{CORE}SizeRestrictions_Body" in found.labels
    assert 3_000_000 < MAX_BODY


LONG = [
    ("POST", "/api/metrics/query"),
    ("POST", "/api/alerts"),
    ("PUT", "/api/alerts/01H"),
    ("PUT", "/api/alerts/import"),
    ("POST", "/api/alerts/01H/backtest"),
    ("POST", "/api/alerts/01H/comments"),
    ("PUT", "/api/channels/01H"),
    ("POST", "/api/dashboards"),
    ("PUT", "/api/dashboards/01H"),
    ("PUT", "/api/routing"),
    ("POST", "/api/silences/preview"),
]


@pytest.mark.parametrize(("method", "path"), LONG)
def test_nine_kilobytes_get_through_where_they_have_a_meaning(
    stage: str, method: str, path: str
) -> None:
    assert judge(acl(), Call(method, stage + path, body=b"1" * 9_000)).passes


SHORT = [
    ("POST", "/api/members"),
    ("PUT", "/api/members/01H"),
    ("POST", "/api/clients"),
    ("POST", "/api/metrics/unknown"),
    ("POST", "/api/metricsx"),
    ("POST", "/api/metrics/../members"),
    ("GET", "/api/metrics"),
    ("DELETE", "/api/alerts/01H"),
    ("POST", "/"),
    ("POST", "/a/b/api/metrics"),
]


@pytest.mark.parametrize(("method", "path"), SHORT)
def test_nine_kilobytes_are_refused_everywhere_else(stage: str, method: str, path: str) -> None:
    assert judge(acl(), Call(method, stage + path, body=b"1" * 9_000)).passes is False
    if ".." not in path:
        assert judge(acl(), Call(method, stage + path, body=b"1" * 8_192)).passes


def test_every_route_with_a_body_is_one_or_the_other() -> None:
    """A new route has to be decided on: with a body beyond 8 KB it is added to the rule."""
    short = {"/api/members", "/api/members/{id}", "/api/members/{id}/invite", "/api/clients"}
    short |= {"/api/clients/{id}/rotate"}
    for domain in DOMAINS:
        for route in importlib.import_module(f"skafu.{domain}.api").ROUTES:
            if route.method in ("POST", "PUT"):
                path = route.path.replace("{id}", "01H")
                found = judge(acl(), Call(route.method, path, body=b"1" * 9_000))
                assert found.passes is (route.path not in short), route.path


# --- content --------------------------------------------------------------------------------------

SUSPICIOUS = [
    b'{"tags": {"page": "<script>alert(1)</script>"}}',
    b'{"tags": {"path": "../../etc/passwd"}}',
    b'{"tags": {"peer": "169.254.169.254"}}',
]


@pytest.mark.parametrize("body", SUSPICIOUS)
def test_points_may_be_about_anything(stage: str, body: bytes) -> None:
    assert judge(acl(), Call("POST", f"{stage}/api/metrics", body=body)).passes


@pytest.mark.parametrize("body", SUSPICIOUS)
def test_what_looks_like_an_attack_is_refused_where_people_write(stage: str, body: bytes) -> None:
    assert judge(acl(), Call("POST", f"{stage}/api/alerts", body=body)).blocked_by == "bodies"
    assert judge(acl(), Call("PUT", f"{stage}/api/metrics", body=body)).blocked_by == "bodies"


@pytest.mark.parametrize(
    "call",
    [
        Call("POST", "/api/metrics", headers={}),
        Call("DELETE", "/api/metrics/nginx.log"),
        Call("GET", "/api/metrics/series", query="metric=m&filter=file=app.log"),
        Call("GET", "/api/metrics/series", query="metric=m&filter=target=http://10.0.0.5"),
        Call("GET", "/api/metrics/query", query="filter=host=" + "a" * 3_000),
        Call("POST", "/api/alerts", body=b'{"runbook_url": "http://10.0.0.5/wiki"}'),
    ],
    ids=[
        "no user agent",
        "name like a file",
        "tag like a file",
        "tag with an address",
        "long",
        "url",
    ],
)
def test_what_monitoring_asks_for_every_day_gets_through(call: Call) -> None:
    found = judge(acl(), call)
    assert found.passes
    assert found.labels


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (Call("POST", "/api/metrics", body=b"${jndi:ldap://x}"), "known-bad-inputs"),
        (Call(headers={"user-agent": "${jndi:ldap://x}"}), "known-bad-inputs"),
        (Call(bad_address=True), "reputation"),
        (Call(path="/api/../x"), "common"),
        (Call(query="q=<script>"), "common"),
    ],
)
def test_attacks_are_refused_by_the_rule_that_knows_them(call: Call, rule: str) -> None:
    assert judge(acl(), call).blocked_by == rule


# --- rate -----------------------------------------------------------------------------------------


def test_one_address_may_use_half_of_what_the_environment_takes() -> None:
    """In five minutes: production takes 2,000 a second, staging 500."""
    for environment, limit in (("production", 300_000), ("staging", 75_000)):
        assert judge(acl(environment), Call(rate=limit)).passes
        assert judge(acl(environment), Call(rate=limit + 1)).blocked_by == "one-address"


def test_ten_thousand_machines_behind_one_address_are_not_stopped() -> None:
    assert judge(acl(), Call(rate=10_000 * 300 // 10)).passes  # each every ten seconds


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    response = judge(acl(), Call(rate=1_000_000)).answer["CustomResponse"]
    assert response["ResponseCode"] == 429
    assert response["ResponseHeaders"] == [{"Name": "Retry-After", "Value": "60"}]
    body = acl()["CustomResponseBodies"][response["CustomResponseBodyKey"]]
    problem = json.loads(body["Content"])
    assert (problem["status"], problem["type"]) == (429, "/problems/quota-exceeded")


def test_everybody_else_gets_the_gateway_s_own_answer() -> None:
    """A response of the firewall's would win over the gateway's, and could not be problem+json."""
    own = [each["Name"] for each in acl()["Rules"] if each.get("Action", {}).get("Block")]
    assert own == ["one-address"]


# --- what WAF takes -------------------------------------------------------------------------------

# Units of AWS's groups as AWS documents them; a regular expression takes 3, a label 1, a rate 2.
UNITS = {
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "RegexMatchStatement": 3,
    "LabelMatchStatement": 1,
    "RateBasedStatement": 2,
}
MOST_UNITS = 1_500
"""Beyond it every request costs more."""


def test_it_is_within_what_requests_are_inspected_for_at_the_usual_price() -> None:
    text = json.dumps(acl())
    assert sum(text.count(f'"{name}"') * units for name, units in UNITS.items()) < MOST_UNITS


def test_priorities_are_each_rule_s_own() -> None:
    assert [each["Priority"] for each in acl()["Rules"]] == [0, 1, 2, 3, 4]
    assert len({each["Name"] for each in acl()["Rules"]}) == 5


# --- where ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", WITH_FIREWALL)
def test_it_stands_before_the_stage(environment: str) -> None:
    [found] = of_type(resolved(environment), "AWS::WAFv2::WebACLAssociation").values()
    stage = {"Ref": "SkafuApiStage"}
    assert found["WebACLArn"] == {"Fn::GetAtt": ["ApiFirewall", "Arn"]}
    assert found["ResourceArn"].endswith(("/stages/${SkafuApiStage}", f"/stages/{stage}"))


@pytest.mark.parametrize("environment", WITHOUT)
def test_without_one_nothing_of_it_is_there(environment: str) -> None:
    assert not [name for name in resolved(environment) if "Firewall" in name]


def test_refusals_are_logged_without_tokens_keys_and_queries() -> None:
    [found] = of_type(resolved("production"), "AWS::WAFv2::LoggingConfiguration").values()
    redacted = json.dumps(found["RedactedFields"])
    assert all(each in redacted for each in ("authorization", "cookie", "x-api-key", "QueryString"))
    assert found["LoggingFilter"]["DefaultBehavior"] == "DROP"
    [kept] = found["LoggingFilter"]["Filters"]
    assert kept["Conditions"] == [{"ActionCondition": {"Action": "BLOCK"}}]
    assert all(not each["VisibilityConfig"]["SampledRequestsEnabled"] for each in acl()["Rules"])
