"""What watches over each account, and whom it tells: infrastructure/guard.yaml."""

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from skafu.ops.environments import load
from tests.support.event_bridge import matches
from tests.support.findings import EVENTS, entered
from tests.support.guard import GIVEN, TEMPLATE, at_home, elsewhere, resources, rules, targets
from tests.support.organization import holder, somebody
from tests.support.policies import Request, lets, refuses
from tests.support.transformed import ACCOUNT, REGION, ROOT, of_type

RULE = "AWS::Config::ConfigRule"
MEMBERS = ["SecurityAccount", "SharedServicesAccount", "DevelopmentAccount", "ProductionAccount"]
ADMINISTRATOR = "role/OrganizationAccountAccessRole"
HOME = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"

# The seed's rules by the names that it gives them, and AWS's rules that they are.
SEED = {
    "encrypted_volumes": "ENCRYPTED_VOLUMES",
    "root_access_key_check": "IAM_ROOT_ACCESS_KEY_CHECK",
    "mfa_enabled_for_iam_console_access": "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
    "s3_bucket_public_access_prohibited": "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
    "vpc_sg_open_only_to_authorized_ports": "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS",
}
TAGS = ("project", "environment", "team")
OF_THE_WORLD = {"root_access_key_check", "mfa_enabled_for_iam_console_access"}
# AWS's developer guide of Config says of each rule which type it looks at (none: it asks now and
# then, whatever is recorded).
LOOKS_AT = {
    "ENCRYPTED_VOLUMES": "AWS::EC2::Volume",
    "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED": "AWS::S3::Bucket",
    "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS": "AWS::EC2::SecurityGroup",
    "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED": "AWS::Lambda::Function",
    "DYNAMODB_PITR_ENABLED": "AWS::DynamoDB::Table",
    "CMK_BACKING_KEY_ROTATION_ENABLED": "AWS::KMS::Key",
    "KMS_CMK_NOT_SCHEDULED_FOR_DELETION": "AWS::KMS::Key",
}


def checks(stack: dict[str, Any]) -> dict[str, str]:
    """Config's rules: name -> AWS's rule."""
    found = of_type(stack, RULE).values()
    return {each["ConfigRuleName"]: each["Source"]["SourceIdentifier"] for each in found}


# --- what is recorded -----------------------------------------------------------------------------


def test_the_rules_that_were_asked_for_are_there() -> None:
    assert SEED.items() <= checks(at_home()).items()


def test_what_is_the_same_in_every_region_is_checked_in_one() -> None:
    assert set(checks(at_home())) - set(checks(elsewhere())) == OF_THE_WORLD


def test_every_rule_has_something_to_look_at() -> None:
    for stack in (at_home(), elsewhere()):
        [recorder] = of_type(stack, "AWS::Config::ConfigurationRecorder").values()
        recorded = set(recorder["RecordingGroup"]["ResourceTypes"])
        looked_at = {LOOKS_AT[each] for each in checks(stack).values() if each in LOOKS_AT}
        assert recorded - {"AWS::IAM::User"} == looked_at


def test_what_nobody_owns_is_found() -> None:
    """By the tags that `stacks deploy` and deliveries give; what is looked at is recorded."""
    for stack in (at_home(), elsewhere()):
        rule = stack["OwnedThings"]["Properties"]
        asked = rule["InputParameters"]
        assert [asked[f"tag{number}Key"] for number in (1, 2, 3)] == list(TAGS)
        assert asked["tag2Value"] == GIVEN["AccountName"]
        [recorder] = of_type(stack, "AWS::Config::ConfigurationRecorder").values()
        recorded = set(recorder["RecordingGroup"]["ResourceTypes"])
        assert set(rule["Scope"]["ComplianceResourceTypes"]) <= recorded


def test_roles_and_users_are_recorded_once() -> None:
    for stack, here in ((at_home(), True), (elsewhere(), False)):
        group = stack["Recorder"]["Properties"]["RecordingGroup"]
        assert ("AWS::IAM::User" in group["ResourceTypes"]) is here
    for region, here in ((REGION, True), ("us-west-2", False)):
        everything = resources(**GIVEN, RecordedTypes="all", **{"AWS::Region": region})
        group = everything["Recorder"]["Properties"]["RecordingGroup"]
        assert group == {"AllSupported": True, "IncludeGlobalResourceTypes": here}


def test_records_go_to_the_security_account() -> None:
    for stack in (at_home(), elsewhere()):
        assert stack["Delivery"]["Properties"]["S3BucketName"] == GIVEN["ComplianceBucket"]


def test_the_recorder_and_its_channel_outlive_the_stack() -> None:
    """Nobody may delete them (organization.yaml), and so deleting the stack would fail."""
    for name in ("Recorder", "Delivery", "ConfigServiceRole"):
        each = at_home()[name]
        assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_an_account_that_control_tower_records_is_not_recorded_twice() -> None:
    kinds = {each["Type"] for each in resources(**GIVEN, Recording="off").values()}
    assert not {kind for kind in kinds if kind.startswith("AWS::Config::")}


def test_tables_have_to_be_recoverable_where_the_environment_says_so() -> None:
    found = {
        each.name: each.dynamodb.point_in_time_recovery for each in load(ROOT / "environments")
    }
    assert found["production"] and not found["development"]
    assert "dynamodb_pitr_enabled" in checks(at_home())
    without = resources(**{**GIVEN, "PointInTimeRecovery": "false"})
    assert "dynamodb_pitr_enabled" not in checks(without)


def test_the_service_role_is_made_once_for_an_account() -> None:
    kind = "AWS::IAM::ServiceLinkedRole"
    assert len(of_type(at_home(), kind)) == 1
    assert not of_type(elsewhere(), kind)
    assert not of_type(resources(**GIVEN, ConfigRole="there"), kind)


# --- who is told ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVENTS)
def test_what_is_found_elsewhere_is_handed_over_home_and_told_there(name: str) -> None:
    handing = [
        each for each in rules(elsewhere()).values() if matches(each["EventPattern"], EVENTS[name])
    ]
    # Security Hub has an aggregator of its own.
    assert len(handing) == (0 if name.startswith("hub") else 1)
    for rule in handing:
        assert [each["Arn"] for each in targets(rule).values()] == [HOME]


def test_elsewhere_nothing_is_told() -> None:
    kinds = {each["Type"] for each in elsewhere().values()}
    assert not kinds & {"AWS::SNS::Topic", "AWS::KMS::Key", "AWS::Events::Connection"}


def test_the_role_hands_over_to_one_bus_only() -> None:
    for stack, bus in ((at_home(), GIVEN["SecurityBusArn"]), (elsewhere(), HOME)):
        role = stack["HandingOverRole"]["Properties"]
        [statement] = role["Policies"][0]["PolicyDocument"]["Statement"]
        assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", bus)


@pytest.mark.parametrize("name", ["root", "root signs in", "break glass"])
def test_root_and_broken_glass_are_told_to_the_security_account(name: str) -> None:
    hearing = [
        each for each in rules(at_home()).values() if matches(each["EventPattern"], EVENTS[name])
    ]
    [rule] = hearing
    assert targets(rule)["security"]["Arn"] == GIVEN["SecurityBusArn"]
    # EventBridge leaves out what only reads, otherwise.
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.mark.parametrize("bus", ["", HOME])
def test_in_the_security_account_it_is_told_to_nobody_further(bus: str) -> None:
    """Its own bus would hear it again, and so on."""
    there = resources(**{**GIVEN, "SecurityBusArn": bus, "ClientId": ""})
    for rule in rules(there).values():
        assert set(targets(rule)) == {"mail"}
    assert "HandingOverRole" not in there


def test_the_permission_set_is_the_one_that_the_rule_waits_for() -> None:
    role = holder("BreakGlass", "ProductionAccount").arn
    assert matches(rules(at_home())["BrokenGlass"]["EventPattern"], entered(role))


@pytest.mark.parametrize("name", sorted(rules(at_home())))
def test_what_cannot_be_told_is_kept(name: str) -> None:
    for target in targets(rules(at_home())[name]).values():
        assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["UndeliveredFindings", "Arn"]}


def test_the_alarm_looks_at_what_is_kept() -> None:
    [alarm] = of_type(at_home(), "AWS::CloudWatch::Alarm").values()
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["UndeliveredFindings", "QueueName"]}
    assert (alarm["Threshold"], alarm["AlarmActions"]) == (0, [{"Ref": "GraveTopic"}])
    anchor = alarm["AlarmDescription"].rpartition("#")[2]
    page = (ROOT / "docs/security-monitoring.md").read_text("utf-8")
    headings = [each.lower() for each in page.splitlines() if each.startswith("#")]
    assert anchor.replace("-", " ") in {each.lstrip("# ") for each in headings}


def test_topics_are_encrypted_with_a_key_that_rotates() -> None:
    for topic in of_type(at_home(), "AWS::SNS::Topic").values():
        assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["FindingsKey", "Arn"]}
    assert at_home()["FindingsKey"]["Properties"]["EnableKeyRotation"] is True


def test_alarms_of_another_account_can_publish_nothing() -> None:
    policy = at_home()["TopicsPolicy"]["Properties"]["PolicyDocument"]
    statement = next(each for each in policy["Statement"] if each["Sid"] == "Alarms")
    topics = {"Statement": [{**statement, "Resource": "topic"}]}
    for account, allowed in ((ACCOUNT, True), ("999999999999", False)):
        request = Request("sns:Publish", "topic", {"aws:SourceAccount": account})
        assert lets(topics, "cloudwatch.amazonaws.com", request) is allowed


def test_only_rules_of_this_stack_put_into_the_queue() -> None:
    [statement] = at_home()["UndeliveredFindingsPolicy"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    policy = {"Statement": [{**statement, "Resource": "queue"}]}
    for rule, allowed in (("skafu-test-root", True), ("another", False)):
        context = {
            "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}",
        }
        request = Request("sqs:SendMessage", "queue", context)
        assert lets(policy, "events.amazonaws.com", request) is allowed
        assert not refuses(policy, "events.amazonaws.com", request)


# --- into Skafu -----------------------------------------------------------------------------------


def test_points_are_sent_as_machines_send_them() -> None:
    connection = at_home()["Connection"]["Properties"]
    assert connection["AuthorizationType"] == "OAUTH_CLIENT_CREDENTIALS"
    asked = connection["AuthParameters"]["OAuthParameters"]
    told = {each["Key"]: each["Value"] for each in asked["OAuthHttpParameters"]["BodyParameters"]}
    assert told == {"grant_type": "client_credentials", "scope": "skafu/metrics.write"}
    assert (asked["AuthorizationEndpoint"], asked["HttpMethod"]) == (GIVEN["TokenUrl"], "POST")
    destination = at_home()["Destination"]["Properties"]
    assert (destination["HttpMethod"], destination["InvocationEndpoint"]) == (
        "POST",
        GIVEN["SkafuUrl"],
    )


def test_the_clients_secret_is_shown_to_nobody() -> None:
    assert TEMPLATE["Parameters"]["ClientSecret"]["NoEcho"] is True
    used = [name for name, each in at_home().items() if GIVEN["ClientSecret"] in str(each)]
    assert "Connection" in used
    assert "ClientSecret" not in str(TEMPLATE["Outputs"])


def test_without_a_client_nothing_goes_to_skafu() -> None:
    without = resources(**{**GIVEN, "ClientId": ""})
    kinds = {each["Type"] for each in without.values()}
    assert not kinds & {"AWS::Events::Connection", "AWS::Events::ApiDestination"}
    for rule in rules(without).values():
        assert "skafu" not in targets(rule)


# --- it stays on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("account", MEMBERS)
def test_nobody_but_administrators_makes_it_deaf(account: str) -> None:
    for rule in [*rules(at_home()).values(), *rules(elsewhere()).values()]:
        name = rule["Name"].replace("skafu-test", "skafu-guard")
        there = f"arn:aws:events:us-west-2:1:rule/{name}"
        for action in ("DisableRule", "DeleteRule", "PutRule", "RemoveTargets", "PutTargets"):
            assert not somebody(account).may(f"events:{action}", there)
            assert somebody(account, ADMINISTRATOR).may(f"events:{action}", there)
    assert somebody(account).may("events:PutRule", "arn:aws:events:us-east-1:1:rule/another")


def test_what_takes_its_resources_away_is_refused() -> None:
    """The SCPs name what CloudFormation would do to delete what matters most."""
    kinds = {
        "AWS::Config::ConfigurationRecorder",
        "AWS::Config::DeliveryChannel",
        "AWS::AccessAnalyzer::Analyzer",
    }
    for kind in kinds:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        needed = schema["handlers"]["delete"]["permissions"]
        for account in MEMBERS:
            assert not all(somebody(account, ADMINISTRATOR).may(each) for each in needed), kind
