"""Who may do what in the organization's accounts: sets of infrastructure/organization.yaml, within
what nobody may do.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache

import botocore.session
import pytest
from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.support.organization import EVERYTHING, complete, holder, pipelines, properties
from tests.support.policies import many
from tests.support.transformed import ACCOUNT, REGION, ROOT

ADMINISTRATOR = "role/OrganizationAccountAccessRole"
BOUNDARY = "arn:aws:iam::444444444444:policy/skafu-delivery-Boundary-1A"
TRIAL = "arn:aws:iam::444444444444:role/skafu-trial-1"
PIPELINE = "arn:aws:iam::444444444444:role/skafu-delivery-DeployRole-1A"
ARTEFACTS = "arn:aws:s3:::skafu-foundation-artefactbucket-1a"
STACK = "arn:aws:cloudformation:us-east-1:1:stack/skafu-prod/1"
FUNCTION = "arn:aws:lambda:us-east-1:666666666666:function:skafu-prod-metrics"
TABLE = "arn:aws:dynamodb:us-east-1:666666666666:table/skafu-production"
EXECUTION = "arn:aws:iam::666666666666:role/skafu-delivery-ExecutionRole-1A"
ORGANIZATION = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/skafu-organization/1"
DELIVERY = "arn:aws:cloudformation:us-east-1:6:stack/skafu-delivery/1"
TRANSFORM = "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31"
RESERVED = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role"
QUALITYS = "arn:aws:lambda:us-east-1:555555555555:function:skafu-staging-metrics"
RELEASES = "arn:aws:ssm:us-east-1:6:parameter/skafu/skafu-{}/deployed"
CONSOLE = "arn:aws:s3:::skafu-prod-consolebucket-1a/index.html"
EDGE = "arn:aws:cloudfront::6:distribution/E1"
SHIFTING = "arn:aws:codedeploy:us-east-1:6:deploymentgroup:skafu-prod-A/B"
FLAGS = "arn:aws:appconfig:us-east-1:6:application/1"
ALARMS = "arn:aws:iam::6:role/skafu-prod-FlagsAlarmRole-1"
SWEEP = "arn:aws:events:us-east-1:6:rule/skafu-prod-sweep"
READING = "arn:aws:lambda:us-east-1:6:event-source-mapping:1"
QUEUE = "arn:aws:sqs:us-east-1:6:skafu-prod-ParkedRecordsQueue-1"
KEY = "arn:aws:kms:us-east-1:6:key/1"
POOL = "arn:aws:cognito-idp:us-east-1:6:userpool/us-east-1_1"
ELSEWHERE = {"aws__ResourceAccount": "999999999999"}
BY_CLOUDFORMATION = {"iam__PassedToService": "cloudformation.amazonaws.com"}

# (set, account, action, resource, what else is told, allowed)
type Case = tuple[str, str, str, str, dict[str, str], bool]

CASES: list[Case] = [
    # Root: bills and the organization, and none of the members.
    ("RootAdministrator", "Root", "organizations:CreateAccount", "*", {}, True),
    ("RootAdministrator", "Root", "sso:CreateAccountAssignment", "*", {}, True),
    ("RootAdministrator", "Root", "budgets:ViewBudget", "*", {}, True),
    ("RootAdministrator", "Root", "organizations:DeleteOrganization", "*", {}, False),
    ("RootAdministrator", "Root", "organizations:CloseAccount", "*", {}, False),
    ("RootAdministrator", "Root", "organizations:RemoveAccountFromOrganization", "*", {}, False),
    ("RootAdministrator", "Root", "iam:CreateUser", "*", {}, False),
    ("RootAdministrator", "Root", "iam:CreateRole", "arn:aws:iam::1:role/mine", {}, False),
    ("RootAdministrator", "Root", "lambda:CreateFunction", "*", {}, False),
    ("RootAdministrator", "Root", "sts:AssumeRole", f"arn:aws:iam::6:{ADMINISTRATOR}", {}, False),
    ("Setup", "Root", "sts:AssumeRole", f"arn:aws:iam::6:{ADMINISTRATOR}", {}, True),
    (
        "Setup",
        "Root",
        "sts:AssumeRole",
        f"arn:aws:iam::9:{ADMINISTRATOR}",
        {"aws__ResourceOrgID": "o-another"},
        False,
    ),
    ("Setup", "Root", "sts:AssumeRole", "arn:aws:iam::6:role/another", {}, False),
    ("Setup", "Root", "organizations:CreateAccount", "*", {}, False),
    # Security: protection, for all accounts; it cannot be switched off from here either.
    ("Security", "SecurityAccount", "guardduty:ArchiveFindings", "*", {}, True),
    ("Security", "SecurityAccount", "guardduty:CreateMembers", "*", {}, True),
    ("Security", "SecurityAccount", "securityhub:BatchUpdateFindings", "*", {}, True),
    ("Security", "SecurityAccount", "config:PutOrganizationConfigRule", "*", {}, True),
    ("Security", "SecurityAccount", "access-analyzer:CreateAnalyzer", "*", {}, True),
    ("Security", "SecurityAccount", "cloudtrail:LookupEvents", "*", {}, True),
    ("Security", "SecurityAccount", "organizations:ListAccounts", "*", {}, True),
    ("Security", "SecurityAccount", "iam:GetRolePolicy", "*", {}, True),
    ("Security", "SecurityAccount", "guardduty:DeleteDetector", "*", {}, False),
    ("Security", "SecurityAccount", "cloudtrail:StopLogging", "*", {}, False),
    ("Security", "SecurityAccount", "iam:CreateRole", "*", {}, False),
    ("Security", "SecurityAccount", "lambda:CreateFunction", "*", {}, False),
    # Platform: names, certificates, networks.
    ("Platform", "SharedServicesAccount", "route53:ChangeResourceRecordSets", "*", {}, True),
    ("Platform", "SharedServicesAccount", "acm:RequestCertificate", "*", {}, True),
    ("Platform", "SharedServicesAccount", "ec2:CreateVpc", "*", {}, True),
    ("Platform", "SharedServicesAccount", "ram:CreateResourceShare", "*", {}, True),
    ("Platform", "SharedServicesAccount", "iam:CreateRole", "*", {}, False),
    ("Platform", "SharedServicesAccount", "dynamodb:CreateTable", "*", {}, False),
    ("Platform", "SharedServicesAccount", "s3:GetObject", "arn:aws:s3:::x/y", {}, False),
    # Development: everything but identities.
    ("Developer", "DevelopmentAccount", "lambda:UpdateFunctionCode", "*", {}, True),
    ("Developer", "DevelopmentAccount", "dynamodb:DeleteTable", "*", {}, True),
    ("Developer", "DevelopmentAccount", "iam:PassRole", EXECUTION, BY_CLOUDFORMATION, True),
    ("Developer", "DevelopmentAccount", "iam:PassRole", EXECUTION, {}, False),
    ("Developer", "DevelopmentAccount", "iam:CreateRole", TRIAL, {}, False),
    (
        "Developer",
        "DevelopmentAccount",
        "iam:CreateRole",
        TRIAL,
        {"iam__PermissionsBoundary": BOUNDARY},
        True,
    ),
    ("Developer", "DevelopmentAccount", "iam:DeleteRolePermissionsBoundary", TRIAL, {}, False),
    ("Developer", "DevelopmentAccount", "iam:CreateUser", "*", {}, False),
    ("Developer", "DevelopmentAccount", "iam:PutRolePolicy", PIPELINE, {}, False),
    # QA: looks at staging, exercises it, hands in what was seen.
    ("Quality", "StagingAccount", "logs:FilterLogEvents", "*", {}, True),
    ("Quality", "StagingAccount", "s3:PutObject", f"{ARTEFACTS}/evidence/1", {}, True),
    ("Quality", "StagingAccount", "s3:PutObject", f"{ARTEFACTS}/parts/1", {}, False),
    ("Quality", "StagingAccount", "s3:DeleteObject", f"{ARTEFACTS}/evidence/1", {}, False),
    (
        "Quality",
        "StagingAccount",
        "s3:PutObject",
        f"{ARTEFACTS}/evidence/1",
        {"aws__ResourceAccount": "999999999999"},
        False,
    ),
    ("Quality", "StagingAccount", "lambda:UpdateAlias", FUNCTION, {}, False),
    ("Quality", "StagingAccount", "cloudformation:ExecuteChangeSet", STACK, {}, False),
    # Production: looks and the runbook; nothing is deleted and nobody is let in.
    ("Operator", "ProductionAccount", "lambda:UpdateAlias", FUNCTION, {}, True),
    ("Operator", "ProductionAccount", "logs:StartQuery", "*", {}, True),
    ("Operator", "ProductionAccount", "iam:PassRole", EXECUTION, BY_CLOUDFORMATION, True),
    ("Operator", "ProductionAccount", "iam:PassRole", EXECUTION, {}, False),
    ("Operator", "ProductionAccount", "cloudformation:CreateChangeSet", STACK, {}, False),
    (
        "Operator",
        "ProductionAccount",
        "cloudformation:CreateChangeSet",
        STACK,
        {"cloudformation__RoleArn": EXECUTION},
        True,
    ),
    ("Operator", "ProductionAccount", "cloudformation:DeleteStack", STACK, {}, False),
    ("Operator", "ProductionAccount", "dynamodb:UpdateItem", TABLE, {}, True),
    ("Operator", "ProductionAccount", "dynamodb:CreateBackup", TABLE, {}, True),
    ("Operator", "ProductionAccount", "dynamodb:DeleteItem", TABLE, {}, False),
    ("Operator", "ProductionAccount", "dynamodb:BatchWriteItem", TABLE, {}, False),
    ("Operator", "ProductionAccount", "dynamodb:DeleteTable", TABLE, {}, False),
    ("Operator", "ProductionAccount", "dynamodb:Scan", TABLE, {}, False),
    ("Operator", "ProductionAccount", "lambda:UpdateFunctionCode", FUNCTION, {}, False),
    ("Operator", "ProductionAccount", "lambda:DeleteFunction", FUNCTION, {}, False),
    ("Operator", "ProductionAccount", "sqs:PurgeQueue", "*", {}, False),
    ("Operator", "ProductionAccount", "logs:DeleteLogGroup", "*", {}, False),
    ("Operator", "ProductionAccount", "kms:ScheduleKeyDeletion", "*", {}, False),
    ("Operator", "ProductionAccount", "s3:DeleteObject", f"{ARTEFACTS}/parts/1", {}, False),
    ("Operator", "ProductionAccount", "iam:CreateRole", "*", {}, False),
    ("Operator", "ProductionAccount", "cognito-idp:AdminCreateUser", "*", {}, False),
    ("Operator", "ProductionAccount", "secretsmanager:GetSecretValue", "*", {}, False),
    ("RootAdministrator", "Root", "iam:CreateRole", f"{RESERVED}/AWSReservedSSO_x_1", {}, True),
    ("RootAdministrator", "Root", "guardduty:EnableOrganizationAdminAccount", "*", {}, True),
    ("RootAdministrator", "Root", "guardduty:DeleteDetector", "*", {}, False),
    (
        "RootAdministrator",
        "Root",
        "iam:CreateServiceLinkedRole",
        f"{LINKED}/guardduty.amazonaws.com/x",
        {"iam__AWSServiceName": "guardduty.amazonaws.com"},
        True,
    ),
    (
        "RootAdministrator",
        "Root",
        "iam:CreateServiceLinkedRole",
        f"{LINKED}/ec2.amazonaws.com/x",
        {"iam__AWSServiceName": "ec2.amazonaws.com"},
        False,
    ),
    ("RootAdministrator", "Root", "cloudformation:ExecuteChangeSet", ORGANIZATION, {}, True),
    (
        "RootAdministrator",
        "Root",
        "cloudformation:UpdateTerminationProtection",
        ORGANIZATION,
        {},
        True,
    ),
    ("RootAdministrator", "Root", "cloudformation:DeleteStack", ORGANIZATION, {}, False),
    ("RootAdministrator", "Root", "cloudformation:ExecuteChangeSet", STACK, {}, False),
    ("RootAdministrator", "Root", "controltower:GetLandingZone", "*", {}, True),
    ("RootAdministrator", "Root", "controltower:DeleteLandingZone", "*", {}, False),
    ("Developer", "DevelopmentAccount", "iam:GetRolePolicy", PIPELINE, {}, True),
    ("Developer", "DevelopmentAccount", "iam:DeleteRole", TRIAL, {}, True),
    ("Developer", "DevelopmentAccount", "iam:DeleteRole", PIPELINE, {}, False),
    ("Quality", "StagingAccount", "lambda:GetAlias", QUALITYS, {}, True),
    ("Quality", "StagingAccount", "lambda:InvokeFunction", f"{QUALITYS}:live", {}, True),
    ("Quality", "StagingAccount", "lambda:InvokeFunction", QUALITYS, {}, False),
    ("Quality", "StagingAccount", "ssm:GetParameter", RELEASES.format("staging"), {}, True),
    ("Quality", "StagingAccount", "ssm:PutParameter", RELEASES.format("staging"), {}, False),
    ("Quality", "StagingAccount", "s3:GetObject", f"{ARTEFACTS}/parts/1", {}, True),
    ("Quality", "StagingAccount", "s3:GetObject", f"{ARTEFACTS}/parts/1", ELSEWHERE, False),
    *(
        ("Operator", "ProductionAccount", *case)
        for case in (
            ("cloudformation:CreateChangeSet", TRANSFORM, {}, True),
            ("cloudformation:CancelUpdateStack", STACK, {}, True),
            ("cloudformation:CancelUpdateStack", DELIVERY, {}, False),
            ("s3:GetObject", f"{ARTEFACTS}/parts/1", {}, True),
            ("s3:PutObject", f"{ARTEFACTS}/releases/1", {}, True),
            ("s3:PutObject", f"{ARTEFACTS}/releases/1", ELSEWHERE, False),
            ("s3:GetObject", "arn:aws:s3:::another/1", {}, False),
            ("s3:DeleteObject", CONSOLE, {}, True),
            ("s3:DeleteObject", CONSOLE, ELSEWHERE, False),
            ("s3:DeleteObjectVersion", CONSOLE, {}, False),
            ("cloudfront:CreateInvalidation", EDGE, {"aws__ResourceTag/project": "skafu"}, True),
            ("cloudfront:CreateInvalidation", EDGE, {}, False),
            ("ssm:PutParameter", RELEASES.format("prod"), {}, True),
            ("ssm:PutParameter", "arn:aws:ssm:us-east-1:6:parameter/another", {}, False),
            ("codedeploy:StopDeployment", SHIFTING, {}, True),
            ("codedeploy:CreateDeployment", SHIFTING, {}, False),
            ("appconfig:StartDeployment", FLAGS, {}, True),
            ("appconfig:DeleteApplication", FLAGS, {}, False),
            ("iam:PassRole", ALARMS, {"iam__PassedToService": "appconfig.amazonaws.com"}, True),
            ("iam:PassRole", ALARMS, {"iam__PassedToService": "lambda.amazonaws.com"}, False),
            ("sqs:ReceiveMessage", QUEUE, {}, True),
            ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:6:another", {}, False),
            ("kms:Decrypt", KEY, {"kms__ViaService": "dynamodb.us-west-2.amazonaws.com"}, True),
            ("kms:Decrypt", KEY, {"kms__ViaService": "s3.us-east-1.amazonaws.com"}, False),
            ("kms:Decrypt", KEY, {}, False),
            ("cognito-idp:DescribeUserPoolClient", POOL, {}, True),
            ("cognito-idp:DeleteUserPoolClient", POOL, {}, False),
            ("events:EnableRule", SWEEP, {}, True),
            ("events:EnableRule", "arn:aws:events:us-east-1:6:rule/another", {}, False),
            ("events:DisableRule", SWEEP, {}, False),
            ("lambda:UpdateEventSourceMapping", READING, {"lambda__FunctionArn": FUNCTION}, True),
            ("lambda:UpdateEventSourceMapping", READING, {}, False),
            ("lambda:PutFunctionConcurrency", FUNCTION, {}, True),
            ("kms:DescribeKey", KEY, {}, True),
        )
    ),
    ("BreakGlass", "ProductionAccount", "dynamodb:RestoreTableFromBackup", "*", {}, True),
]


@pytest.mark.parametrize(
    ("name", "account", "action", "resource", "told", "allowed"),
    CASES,
    ids=[f"{case[0]}-{case[2]}-{case[5]}" for case in CASES],
)
def test_somebody_may_what_their_work_needs(  # pylint: disable=too-many-arguments  # a table's row
    name: str, account: str, action: str, resource: str, *, told: dict[str, str], allowed: bool
) -> None:
    assert holder(name, account).may(action, resource, **told) is allowed


def _written() -> Iterator[tuple[str, int, str]]:
    """(set, place, what of it) for each statement that is written here, and for each condition."""
    for name, each in properties("AWS::SSO::PermissionSet").items():
        for place, statement in enumerate(each.get("InlinePolicy", {}).get("Statement", ())):
            if statement["Effect"] == "Deny":
                continue
            yield name, place, statement["Sid"]
            if "Condition" in statement:
                yield name, place, f"{statement['Sid']}'s condition"


@pytest.mark.parametrize(("name", "place", "what"), list(_written()))
def test_each_statement_and_each_condition_is_missed(name: str, place: int, what: str) -> None:
    """Without it, somebody's case above would be answered otherwise."""
    policy = properties("AWS::SSO::PermissionSet")[name]["InlinePolicy"]["Statement"]
    statement = policy[place]
    without = {key: value for key, value in statement.items() if key != "Condition"}
    kept = [without] if what.endswith("condition") else []

    def changed(case: Case) -> bool:
        _, account, action, resource, told, allowed = case
        known = holder(name, account)
        own = [each for each in known.own if each is not statement]
        return replace(known, own=[*own, *kept]).may(action, resource, **told) is not allowed

    assert any(changed(case) for case in CASES if case[0] == name)


def test_operators_delete_nothing_whatever_else_they_are_given() -> None:
    known = holder("Operator", "StagingAccount")
    given = replace(known, own=[*known.own, *EVERYTHING])
    assert given.may("s3:GetObject")
    for action in (
        "backup:DeleteRecoveryPoint",
        "cloudformation:DeleteStack",
        "cognito-idp:DeleteUserPool",
        "dynamodb:DeleteItem",
        "dynamodb:DeleteTable",
        "kms:ScheduleKeyDeletion",
        "lambda:DeleteFunction",
        "logs:DeleteLogGroup",
        "s3:DeleteBucket",
        "s3:DeleteObjectVersion",
        "sqs:PurgeQueue",
    ):
        assert not given.may(action)


def test_the_security_team_makes_no_identities_whatever_aws_gives_it() -> None:
    known = holder("Security", "SecurityAccount")
    given = replace(known, own=[*known.own, *EVERYTHING])
    assert given.may("guardduty:CreateFilter")
    for action in ("AttachRolePolicy", "CreateRole", "CreateUser", "PassRole", "PutRolePolicy"):
        assert not given.may(f"iam:{action}")


def test_the_platform_team_makes_no_identities_whatever_aws_gives_it() -> None:
    known = holder("Platform", "SharedServicesAccount")
    given = replace(known, own=[*known.own, *EVERYTHING])
    assert given.may("route53:CreateHostedZone")
    for action in ("AttachRolePolicy", "CreateRole", "CreateUser", "PassRole", "PutRolePolicy"):
        assert not given.may(f"iam:{action}")


def test_sessions_are_short_and_shorter_where_more_can_be_broken() -> None:
    found = {
        name: each["SessionDuration"]
        for name, each in properties("AWS::SSO::PermissionSet").items()
    }
    hour = {name for name, length in found.items() if length == "PT1H"}
    assert hour == {"RootAdministrator", "Setup", "BreakGlass"}
    assert set(found.values()) == {"PT1H", "PT4H", "PT8H"}
    assert {name for name, length in found.items() if length == "PT8H"} == {"Developer", "Quality"}


def test_only_broken_glass_is_an_administrator() -> None:
    sets = properties("AWS::SSO::PermissionSet").items()
    full = {name for name, each in sets if "AdministratorAccess" in str(each)}
    assert full == {"BreakGlass"}


def test_what_somebody_may_do_is_named_action_by_action() -> None:
    for name, each in properties("AWS::SSO::PermissionSet").items():
        for statement in each.get("InlinePolicy", {}).get("Statement", ()):
            if statement["Effect"] == "Allow":
                assert not {"NotAction", "NotResource"} & set(statement), name
                assert not [one for one in many(statement["Action"]) if "*" in one], name


@pytest.mark.parametrize("name", list(properties("AWS::SSO::PermissionSet")))
def test_what_is_written_into_a_set_fits_into_a_role(name: str) -> None:
    policy = properties("AWS::SSO::PermissionSet")[name].get("InlinePolicy", {})
    assert len(json.dumps(policy).replace(" ", "")) < 10_240


def test_each_action_is_one_that_aws_knows() -> None:
    """As far as calls of its services are actions; S3, and rights without a call, are listed."""
    unknown = set()
    for each in properties("AWS::SSO::PermissionSet").values():
        for statement in each.get("InlinePolicy", {}).get("Statement", ()):
            for action in many(statement["Action"]):
                if "*" not in action and action.lower() not in _calls_of(action.split(":")[0]):
                    unknown.add(action)
    assert unknown == {
        "iam:PassRole",
        "lambda:InvokeFunction",
        "dynamodb:ConditionCheckItem",
        "s3:DeleteObjectVersion",
    }


@cache
def _calls_of(prefix: str) -> frozenset[str]:
    named = {"sso": "sso-admin", "guardduty": "guardduty"}.get(prefix, prefix)
    model = botocore.session.Session().get_service_model(named)
    # pylint: disable-next=not-an-iterable  # a property that is worked out once
    return frozenset(f"{prefix}:{name}".lower() for name in model.operation_names)


# --- what this stack and the runbook need ---------------------------------------------------------

# Left out on purpose.
BY_NOBODY = {
    "organizations:CloseAccount",
    "organizations:CreateOrganization",  # it is there before they are
    "organizations:DeleteOrganization",
    "organizations:DeleteOrganizationalUnit",
}


@pytest.mark.parametrize("kind", sorted({each["Type"] for each in complete().values()}))
def test_roots_administrators_can_change_this_stack(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    wanted = {
        action
        for verb in ("create", "read", "update", "delete")
        for action in schema["handlers"].get(verb, {}).get("permissions", ())
    }
    inline = properties("AWS::SSO::PermissionSet")["RootAdministrator"]["InlinePolicy"]
    named = {action for each in inline["Statement"] for action in many(each["Action"])}
    assert wanted - named == wanted & BY_NOBODY


OPS = ROOT / "backend" / "skafu" / "ops"
# The runbook's commands -> the modules that call AWS for them.
RUNBOOK = {
    "rollback": ["rollback/*.py", "release/observed.py", "release/journal.py"],
    "status": ["release/status.py"],
    "replay": ["parking.py"],
    "compact": ["compact.py"],
    "concurrency": ["concurrency.py"],
    "flags": ["flags/deployed.py"],
    "console": ["console/publishing.py"],
    "backup": ["recovery/backups.py", "recovery/place.py"],
}
SERVICES = "appconfig cloudformation cloudfront codedeploy dynamodb lambda s3 sqs ssm".split()
RIGHTS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:DeleteObjects": "s3:DeleteObject",
    "lambda:Invoke": "lambda:InvokeFunction",
}


def _called(pattern: str) -> Iterator[frozenset[str]]:
    """For each call of a client in these modules: the rights that it could be."""
    rights: dict[str, set[str]] = {}
    session = botocore.session.Session()
    for service in SERVICES:
        model = session.get_service_model(service)
        # pylint: disable-next=not-an-iterable  # a property that is worked out once
        for name in model.operation_names:
            right = f"{service}:{name}"
            rights.setdefault(xform_name(name), set()).add(RIGHTS.get(right, right))
    for path in sorted(OPS.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                if name == "get_paginator" and isinstance(node.args[0], ast.Constant):
                    name = str(node.args[0].value)
                if name in rights:
                    yield frozenset(rights[name])


def _named(right: str) -> bool:
    """Whether operators have a right at all, somewhere."""
    allowed = [
        each for each in holder("Operator", "ProductionAccount").own if each["Effect"] == "Allow"
    ]
    listed = [name for each in allowed for name in many(each["Action"])]
    return any(fnmatchcase(right.lower(), name.lower()) for name in listed)


@pytest.mark.parametrize("command", RUNBOOK)
def test_operators_may_what_the_runbooks_commands_call(command: str) -> None:
    called = {rights for pattern in RUNBOOK[command] for rights in _called(pattern)}
    assert called
    lacking = {rights for rights in called if not any(map(_named, rights))}
    assert lacking == set()


BREAKING_GLASS = {"kms:enable-key"}
"""The runbook says so beside it."""


def test_operators_may_what_the_runbook_types_in_awss_command_line() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    typed = {f"{each[1]}:{each[2]}" for each in re.finditer(r"\baws ([a-z]+) ([a-z-]+)", text)}
    assert {"events:enable-rule", "logs:filter-log-events"} <= typed
    lacking = {each for each in typed if not _named(each.replace("-", ""))}
    assert lacking == BREAKING_GLASS


def test_operators_may_what_a_rollback_by_github_may() -> None:
    given = {
        action
        for environment, name, statement in pipelines()
        if (environment, name) == ("production", "DeployRole")
        for action in many(statement["Action"])
    }
    # Deployments remove what is old, which a rollback needs, and set the stack's policy, which an
    # operator could otherwise set aside.
    deploying = {
        "cloudformation:SetStackPolicy",
        "lambda:DeleteFunction",
        "lambda:DeleteLayerVersion",
    }
    assert {action for action in given if not _named(action)} == deploying
