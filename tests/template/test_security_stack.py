"""What the security account watches over all accounts with: infrastructure/security.yaml."""

from functools import cache
from ipaddress import ip_network
from typing import Any

import pytest

from skafu.ops.environments import load
from tests.support.organization import somebody
from tests.support.policies import Request, lets, refuses
from tests.support.transformed import ACCOUNT, REGION, ROOT, Resolver, of_type, written

type Json = dict[str, Any]

TEMPLATE = written("infrastructure/security.yaml")
ORGANIZATION, MANAGEMENT = "o-a1b2c3d4e5", "111111111111"
GIVEN = {
    "OrganizationId": ORGANIZATION,
    "ManagementAccountId": MANAGEMENT,
    "RootId": "r-a1b2",
    "Delegated": "on",
    "Lists": "on",
}
TRAIL = f"arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/skafu-organization"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole"
ANOTHER = "arn:aws:iam::999999999999:root"
CLOUDTRAIL, CONFIG = "cloudtrail.amazonaws.com", "config.amazonaws.com"
OWNED = {"s3:x-amz-acl": "bucket-owner-full-control"}
LISTS = ROOT / "infrastructure/lists"


def resources(**parameters: Any) -> Json:
    """The stack's resources, resolved; those whose condition does not hold are gone."""
    defaults = {name: each.get("Default", "") for name, each in TEMPLATE["Parameters"].items()}
    defaults["OtherRegions"] = defaults["OtherRegions"].split(",")
    resolver = Resolver(TEMPLATE, {**defaults, **parameters})
    return {
        name: resolver.resolve(each)
        for name, each in TEMPLATE["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


@cache
def at_home() -> Json:
    return resources(**GIVEN)


@cache
def elsewhere() -> Json:
    return resources(**GIVEN, **{"AWS::Region": "us-west-2"})


def only(kind: str, stack: Json | None = None) -> Json:
    """The properties of the one resource of a type."""
    found: list[Json] = list(of_type(stack or at_home(), kind).values())
    [properties] = found
    return properties


def policy(bucket: str) -> Json:
    """A bucket's policy, the bucket's ARN put in."""
    document = at_home()[f"{bucket}Policy"]["Properties"]["PolicyDocument"]
    return {
        "Statement": [
            {**each, "Resource": _named(each["Resource"])} for each in document["Statement"]
        ]
    }


def _named(resource: Any) -> Any:
    if isinstance(resource, list):
        return [_named(each) for each in resource]
    if isinstance(resource, dict):
        return "bucket"
    return "bucket" + str(resource).partition("}")[2]


# --- the trail ------------------------------------------------------------------------------------


def test_the_trail_is_everywhere_and_can_be_verified() -> None:
    trail = only("AWS::CloudTrail::Trail")
    for name in (
        "IsLogging",
        "IsOrganizationTrail",
        "IsMultiRegionTrail",
        "IncludeGlobalServiceEvents",
        "EnableLogFileValidation",
    ):
        assert trail[name] is True, name
    assert trail["KMSKeyId"] == {"Fn::GetAtt": ["TrailKey", "Arn"]}


def logged(**event: str) -> bool:
    """Whether one of the trail's selectors takes an event, given by fields of CloudTrail's."""
    own = {
        "${TrailLogs.Arn}": "arn:aws:s3:::skafu-trail-1",
        "${AccessLogs.Arn}": "arn:aws:s3:::skafu-security-access-logs-1",
    }

    def known(text: str) -> str:
        for name, value in own.items():
            text = text.replace(name, value)
        return text

    def fits(field: Json) -> bool:
        value = event.get(field["Field"].replace(".", "_"), "")
        begins = any(value.startswith(known(each)) for each in field.get("StartsWith", [value]))
        other = not any(value.startswith(known(each)) for each in field.get("NotStartsWith", ()))
        return value in field.get("Equals", [value]) and begins and other

    selectors = only("AWS::CloudTrail::Trail")["AdvancedEventSelectors"]
    return any(all(map(fits, each["FieldSelectors"])) for each in selectors)


def test_everything_that_is_managed_is_logged_read_and_written() -> None:
    assert logged(eventCategory="Management", readOnly="true")
    assert logged(eventCategory="Management", readOnly="false")


@pytest.mark.parametrize(
    ("arn", "wanted"),
    [
        ("arn:aws:s3:::skafu-prod-consolebucket-1a/index.html", True),
        ("arn:aws:s3:::skafu-foundation-artefactbucket-1a/tested/1.json", True),
        ("arn:aws:s3:::skafu-compliance-logs-222222222222/AWSLogs/1", True),
        ("arn:aws:s3:::another/index.html", False),
        # Each file that the trail wrote would be an event in the next.
        ("arn:aws:s3:::skafu-trail-1/AWSLogs/1", False),
        ("arn:aws:s3:::skafu-security-access-logs-1/trail/1", False),
    ],
)
def test_what_is_done_with_objects_of_skafus_buckets_is_logged(arn: str, wanted: bool) -> None:
    """The seed's arn:aws:s3:::skafu-*/*."""
    asked = {"eventCategory": "Data", "resources_type": "AWS::S3::Object", "resources_ARN": arn}
    assert logged(**asked) is wanted


@pytest.mark.parametrize(
    ("who", "key", "source", "allowed"),
    [
        (CLOUDTRAIL, f"bucket/AWSLogs/{ORGANIZATION}/1/CloudTrail/x", TRAIL, True),
        (CLOUDTRAIL, f"bucket/AWSLogs/{MANAGEMENT}/CloudTrail/x", TRAIL, True),
        (CLOUDTRAIL, "bucket/AWSLogs/999999999999/CloudTrail/x", TRAIL, False),
        (CLOUDTRAIL, f"bucket/elsewhere/{ORGANIZATION}/x", TRAIL, False),
        (
            CLOUDTRAIL,
            f"bucket/AWSLogs/{ORGANIZATION}/x",
            TRAIL.replace(MANAGEMENT, "9" * 12),
            False,
        ),
        (CLOUDTRAIL, f"bucket/AWSLogs/{ORGANIZATION}/x", TRAIL + "2", False),
        (CONFIG, f"bucket/AWSLogs/{ORGANIZATION}/x", TRAIL, False),
        (ANOTHER, f"bucket/AWSLogs/{ORGANIZATION}/x", TRAIL, False),
    ],
)
def test_the_trail_alone_writes_its_bucket(who: str, key: str, source: str, allowed: bool) -> None:
    context = {**OWNED, "aws:SourceArn": source, "aws:SecureTransport": "true"}
    request = Request("s3:PutObject", key, context)
    assert lets(policy("TrailLogs"), who, request) is allowed


def test_the_trails_key_is_the_trails() -> None:
    document = at_home()["TrailKey"]["Properties"]["KeyPolicy"]
    written_to = {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}
    for source, allowed in ((TRAIL, True), (TRAIL.replace(MANAGEMENT, "9" * 12), False)):
        request = Request("kms:GenerateDataKey", "*", {"aws:SourceArn": source, **written_to})
        assert lets(document, CLOUDTRAIL, request) is allowed
    assert not lets(document, CONFIG, Request("kms:GenerateDataKey", "*", written_to))


# --- what recorders write -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "key", "organization", "allowed"),
    [
        (CONFIG, "bucket/AWSLogs/666666666666/Config/us-west-2/x", ORGANIZATION, True),
        (CONFIG, "bucket/AWSLogs/666666666666/Config/us-west-2/x", "o-another1234", False),
        (CONFIG, "bucket/AWSLogs/666666666666/Config/us-west-2/x", None, False),
        (CONFIG, "bucket/another", ORGANIZATION, False),
        (CLOUDTRAIL, "bucket/AWSLogs/666666666666/Config/us-west-2/x", ORGANIZATION, False),
        (ANOTHER, "bucket/AWSLogs/666666666666/Config/us-west-2/x", ORGANIZATION, False),
    ],
)
def test_recorders_of_the_organization_write_and_nobody_else(
    who: str, key: str, organization: str | None, allowed: bool
) -> None:
    told = {} if organization is None else {"aws:SourceOrgID": organization}
    request = Request("s3:PutObject", key, {**OWNED, **told, "aws:SecureTransport": "true"})
    assert lets(policy("ComplianceLogs"), who, request) is allowed
    look = Request("s3:GetBucketAcl", "bucket", told)
    assert lets(policy("ComplianceLogs"), who, look) is (allowed or key == "bucket/another")


def test_recorders_can_write_at_all() -> None:
    """AWS: Config does not deliver to a bucket that locks what comes in."""
    bucket = at_home()["ComplianceLogs"]["Properties"]
    assert bucket["BucketName"].startswith("skafu-compliance-logs")
    assert not {"ObjectLockEnabled", "ObjectLockConfiguration"} & set(bucket)


# --- they stay ------------------------------------------------------------------------------------

LOGS = ["TrailLogs", "ComplianceLogs"]


@pytest.mark.parametrize("bucket", LOGS)
@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"])
@pytest.mark.parametrize("who", [ADMINISTRATOR, CLOUDTRAIL, CONFIG, ANOTHER])
def test_nobody_deletes_what_was_logged(bucket: str, action: str, who: str) -> None:
    for resource in ("bucket", "bucket/AWSLogs/x"):
        context = {"aws:SecureTransport": "true"}
        assert refuses(policy(bucket), who, Request(action, resource, context))


@pytest.mark.parametrize("bucket", [*LOGS, "AccessLogs", "ListFiles"])
def test_nothing_goes_in_or_out_unencrypted(bucket: str) -> None:
    request = Request("s3:GetObject", "bucket/x", {"aws:SecureTransport": "false"})
    assert refuses(policy(bucket), ADMINISTRATOR, request)


@pytest.mark.parametrize("bucket", LOGS)
@pytest.mark.parametrize(
    "action", ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutLifecycleConfiguration"]
)
def test_only_administrators_could_change_that(bucket: str, action: str) -> None:
    there = f"arn:aws:s3:::{at_home()[bucket]['Properties']['BucketName']}"
    assert not somebody("SecurityAccount").may(action, there)
    assert somebody("SecurityAccount", "role/OrganizationAccountAccessRole").may(action, there)


def test_what_the_trail_wrote_is_locked() -> None:
    bucket = at_home()["TrailLogs"]["Properties"]
    lock = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (bucket["ObjectLockEnabled"], lock) == (True, {"Mode": "GOVERNANCE", "Days": 365})


@pytest.mark.parametrize("bucket", LOGS)
def test_logs_get_cheaper_and_go_after_seven_years(bucket: str) -> None:
    """The days of the seed."""
    [rule] = at_home()[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
    moves = {each["StorageClass"]: each["TransitionInDays"] for each in rule["Transitions"]}
    assert moves == {"STANDARD_IA": 30, "GLACIER": 90, "DEEP_ARCHIVE": 365}
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 2557)


@pytest.mark.parametrize("name", sorted(of_type(at_home(), "AWS::S3::Bucket")))
def test_buckets_are_private_encrypted_versioned_and_logged(name: str) -> None:
    bucket = at_home()[name]["Properties"]
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"] and bucket["VersioningConfiguration"]["Status"] == "Enabled"
    assert ("LoggingConfiguration" in bucket) is (name != "AccessLogs")
    if name != "AccessLogs":
        prefix = bucket["LoggingConfiguration"]["LogFilePrefix"]
        context = {
            "aws:SecureTransport": "true",
            "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": f"arn:aws:s3:::{bucket['BucketName']}",
        }
        request = Request("s3:PutObject", f"bucket/{prefix}x", context)
        assert lets(policy("AccessLogs"), "logging.s3.amazonaws.com", request)


KEPT = {
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::KMS::Key",
    "AWS::CloudTrail::Trail",
    "AWS::GuardDuty::Detector",
    "AWS::SecurityHub::Hub",
}


@pytest.mark.parametrize("name", [n for n, each in at_home().items() if each["Type"] in KEPT])
def test_what_protects_outlives_its_stack(name: str) -> None:
    each = at_home()[name]
    assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("Retain", "Retain")


# --- GuardDuty ------------------------------------------------------------------------------------


def test_guardduty_tells_every_fifteen_minutes() -> None:
    for stack in (at_home(), elsewhere()):
        detector = only("AWS::GuardDuty::Detector", stack)
        assert (detector["Enable"], detector["FindingPublishingFrequency"]) == (
            True,
            "FIFTEEN_MINUTES",
        )


def test_what_costs_more_is_a_choice() -> None:
    def states(stack: Json) -> dict[str, str]:
        features = only("AWS::GuardDuty::Detector", stack)["Features"]
        return {each["Name"]: each["Status"] for each in features}

    assert set(states(at_home()).values()) == {"DISABLED"}
    chosen = resources(**GIVEN, S3Protection="ENABLED", LambdaProtection="ENABLED")
    on = {name for name, state in states(chosen).items() if state == "ENABLED"}
    assert on == {"S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS"}


# The seed's lists, and what GuardDuty knows for each.
SEED = {
    "custom_ip_list": "AWS::GuardDuty::ThreatIntelSet",
    "custom_domain_list": "AWS::GuardDuty::ThreatEntitySet",
    "office_network_ranges": "AWS::GuardDuty::IPSet",
    "vpc_cidr_ranges": "AWS::GuardDuty::TrustedEntitySet",
}


@pytest.mark.parametrize("name", SEED)
def test_the_lists_that_were_asked_for_are_read_in_every_region(name: str) -> None:
    for stack in (at_home(), elsewhere()):
        found = only(SEED[name], stack)
        assert (found["Name"], found["Activate"], found["Format"]) == (name, True, "TXT")
        assert found["Location"].endswith(f"/{name}.txt")
        assert found["DetectorId"] == {"Ref": "Detector"}


def test_each_list_is_a_file_as_guardduty_reads_them() -> None:
    assert {path.stem for path in LISTS.iterdir()} == set(SEED)
    for path in LISTS.iterdir():
        lines = path.read_text("utf-8").splitlines()
        assert lines and len(lines) == len(set(lines))
        for line in lines:
            if path.stem == "custom_domain_list":
                assert "." in line and line == line.lower() and not set(line) & set(" #/:")
            else:
                ip_network(line)  # raises ValueError


def test_our_networks_are_the_environments_networks() -> None:
    listed = (LISTS / "vpc_cidr_ranges.txt").read_text("utf-8").split()
    networks = [each.network for each in load(ROOT / "environments")]
    assert sorted(listed) == sorted(str(each.cidr) for each in networks if each)


def test_a_detector_that_is_there_is_taken() -> None:
    there = "0123456789abcdef0123456789abcdef"
    found = resources(**GIVEN, DetectorId=there)
    assert not of_type(found, "AWS::GuardDuty::Detector")
    assert only("AWS::GuardDuty::IPSet", found)["DetectorId"] == there


# --- Security Hub, Access Analyzer, Config over all -----------------------------------------------


def test_all_accounts_are_held_against_cis_and_best_practices() -> None:
    standards = only("AWS::SecurityHub::ConfigurationPolicy")["ConfigurationPolicy"]["SecurityHub"]
    names = {each.split("/")[1] for each in standards["EnabledStandardIdentifiers"]}
    assert names == {"aws-foundational-security-best-practices", "cis-aws-foundations-benchmark"}
    target = only("AWS::SecurityHub::PolicyAssociation")
    assert (target["TargetType"], target["TargetId"]) == ("ROOT", "r-a1b2")
    assert only("AWS::SecurityHub::OrganizationConfiguration")["ConfigurationType"] == "CENTRAL"


def test_findings_of_other_regions_come_home() -> None:
    aggregator = only("AWS::SecurityHub::FindingAggregator")
    allowed = written("infrastructure/organization.yaml")["Parameters"]["AllowedRegions"]
    regions = {REGION, *aggregator["Regions"]}
    assert regions == set(allowed["Default"].split(","))


def test_standards_can_be_for_one_unit_or_nobody() -> None:
    one = resources(**GIVEN, SecurityHubTarget="ou-a1b2-c3d4e5f6")
    target = only("AWS::SecurityHub::PolicyAssociation", one)
    assert target["TargetType"] == "ORGANIZATIONAL_UNIT"
    kinds = {each["Type"] for each in resources(**GIVEN, SecurityHub="off").values()}
    assert not any("SecurityHub" in kind for kind in kinds)


def test_what_is_open_to_strangers_is_looked_for_in_every_region() -> None:
    for stack in (at_home(), elsewhere()):
        assert only("AWS::AccessAnalyzer::Analyzer", stack)["Type"] == "ORGANIZATION"
    unused = resources(**GIVEN, UnusedAccessDays=90)
    kinds = {each["Type"] for each in of_type(unused, "AWS::AccessAnalyzer::Analyzer").values()}
    assert kinds == {"ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"}


def test_config_puts_all_accounts_and_regions_together() -> None:
    source = only("AWS::Config::ConfigurationAggregator")["OrganizationAggregationSource"]
    assert source["AllAwsRegions"] is True


# --- how it comes about ---------------------------------------------------------------------------


def test_what_needs_roots_word_comes_after_it() -> None:
    first = resources(**{**GIVEN, "Delegated": "off", "Lists": "off"})
    kinds = {each["Type"] for each in first.values()}
    assert {"AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub", "AWS::S3::Bucket"} <= kinds
    assert not kinds & {
        "AWS::CloudTrail::Trail",
        "AWS::Config::ConfigurationAggregator",
        "AWS::SecurityHub::FindingAggregator",
        "AWS::SecurityHub::OrganizationConfiguration",
        "AWS::AccessAnalyzer::Analyzer",
        "AWS::GuardDuty::IPSet",
    }


def test_accounts_of_the_organization_tell_and_no_others() -> None:
    statement = only("AWS::Events::EventBusPolicy")["Statement"]
    document = {"Statement": [statement]}
    bus = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    for organization, allowed in ((ORGANIZATION, True), ("o-another1234", False)):
        request = Request("events:PutEvents", bus, {"aws:PrincipalOrgID": organization})
        assert lets(document, "arn:aws:iam::666666666666:role/x", request) is allowed
    other = Request("events:PutRule", bus, {"aws:PrincipalOrgID": ORGANIZATION})
    assert not lets(document, "arn:aws:iam::666666666666:role/x", other)


def test_other_regions_have_no_logs_of_their_own() -> None:
    kinds = {each["Type"] for each in elsewhere().values()}
    assert not kinds & {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::CloudTrail::Trail"}
