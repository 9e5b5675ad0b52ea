"""The organization's accounts and what nobody may do in them: infrastructure/organization.yaml."""

import json
import re
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from skafu.ops.environments import load
from skafu.ops.stacks.book import OTHERS
from skafu.ops.stacks.deploying import BODY_LIMIT
from tests.support.organization import (
    GIVEN,
    TAGGED,
    TEMPLATE,
    assignments,
    attached,
    complete,
    guardrails,
    holder,
    pipelines,
    places,
    properties,
    resources,
    somebody,
)
from tests.support.policies import Request, denies, many
from tests.support.transformed import REGION, ROOT, transformed, written

MEMBERS = [
    "SecurityAccount",
    "SharedServicesAccount",
    "DevelopmentAccount",
    "StagingAccount",
    "ProductionAccount",
]
WORKLOADS = MEMBERS[2:]
TEXT = (ROOT / "infrastructure" / "organization.yaml").read_text("utf-8")
ADMINISTRATOR = "role/OrganizationAccountAccessRole"
PIPELINE = "arn:aws:iam::666666666666:role/skafu-delivery-DeployRole-1A"
PROVIDER = "arn:aws:iam::666666666666:oidc-provider/token.actions.githubusercontent.com"
ARTEFACTS = "arn:aws:s3:::skafu-foundation-artefactbucket-1a"

# --- accounts -------------------------------------------------------------------------------------

# The seed's six accounts: where each is, and who alone gets in.
SEED = {
    "Root": ([], {("RootAdministratorsGroup", "RootAdministrator"), ("SetupGroup", "Setup")}),
    "SecurityAccount": (["SecurityUnit"], {("SecurityTeamGroup", "Security")}),
    "SharedServicesAccount": (["InfrastructureUnit"], {("PlatformTeamGroup", "Platform")}),
    "DevelopmentAccount": (
        ["NonProductionUnit", "WorkloadsUnit"],
        {("DevelopmentTeamGroup", "Developer")},
    ),
    "StagingAccount": (
        ["NonProductionUnit", "WorkloadsUnit"],
        {("QualityTeamGroup", "Quality"), ("DevOpsTeamGroup", "Operator")},
    ),
    "ProductionAccount": (
        ["ProductionUnit", "WorkloadsUnit"],
        {("OperationsTeamGroup", "Operator"), ("BreakGlassGroup", "BreakGlass")},
    ),
}


def test_there_are_the_seeds_accounts_and_no_others() -> None:
    assert {"Root", *properties("AWS::Organizations::Account")} == set(SEED)


@pytest.mark.parametrize("account", MEMBERS)
def test_each_account_is_in_its_unit(account: str) -> None:
    assert places(account)[1:-1] == SEED[account][0]


@pytest.mark.parametrize("account", SEED)
def test_those_get_in_whom_the_seed_names_and_nobody_else(account: str) -> None:
    found = {(group, name) for group, name, where in assignments() if where == account}
    assert found == SEED[account][1]


def test_each_set_is_given_to_somebody() -> None:
    assert {name for _, name, _ in assignments()} == set(properties("AWS::SSO::PermissionSet"))


@pytest.mark.parametrize(
    "name", [name for name, each in complete().items() if "Organizations" in each["Type"]]
)
def test_accounts_and_units_outlive_the_stack(name: str) -> None:
    each = complete()[name]
    kept = (each.get("DeletionPolicy"), each.get("UpdateReplacePolicy"))
    wanted = (None, None) if each["Type"].endswith("Policy") else ("Retain", "Retain")
    assert kept == wanted


def test_accounts_are_made_one_after_the_other() -> None:
    accounts = list(properties("AWS::Organizations::Account"))
    waits = [complete()[name].get("DependsOn") for name in accounts]
    assert waits == [None, *accounts[:-1]]


def test_the_template_knows_no_account_and_no_address() -> None:
    assert not re.findall(r"\d{12}", TEXT)
    assert not re.findall(r"[\w.+-]+@[\w-]+\.\w+", TEXT)
    emails = {name for name in TEMPLATE["Parameters"] if name.endswith("Email")}
    assert len(emails) == len(MEMBERS)
    assert not any("Default" in TEMPLATE["Parameters"][name] for name in emails)


def test_an_organization_that_is_there_is_taken_and_none_is_made() -> None:
    found = resources(**GIVEN, RootId="r-abcd")
    assert "Organization" not in found
    assert found["SecurityUnit"]["Properties"]["ParentId"] == "r-abcd"
    assert found["ProtectionPolicy"]["Properties"]["TargetIds"] == ["r-abcd"]


def test_what_needs_a_hand_between_comes_later() -> None:
    def kinds(**parameters: str) -> set[str]:
        return {each["Type"].split("::")[-1] for each in resources(**parameters).values()}

    first = {"Account", "Organization", "OrganizationalUnit"}
    assert kinds() == first
    assert kinds(Guardrails="on") == first | {"Policy"}
    center = {"IdentityCenterArn": GIVEN["IdentityCenterArn"]}
    assert kinds(**center) == first | {"PermissionSet"}
    assert kinds(**center, DevOpsTeamGroup="1") == first | {"PermissionSet", "Assignment"}
    # Groups alone assign nothing.
    assert kinds(**{name: "1" for name in GIVEN if name.endswith("Group")}) == first


def test_the_stack_can_be_deployed_without_a_bucket() -> None:
    """The root account has none; `stacks deploy` hands templates over like this."""
    assert len(json.dumps(TEMPLATE, separators=(",", ":"))) <= BODY_LIMIT


# --- what nobody may do ---------------------------------------------------------------------------

EVERYWHERE = [
    "organizations:LeaveOrganization",
    "account:CloseAccount",
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "guardduty:DeleteDetector",
    "guardduty:DisassociateFromAdministratorAccount",
    "config:StopConfigurationRecorder",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateFromAdministratorAccount",
    "access-analyzer:DeleteAnalyzer",
]
BY_ADMINISTRATORS = [
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "guardduty:UpdateDetector",
    "config:PutConfigurationRecorder",
    "config:PutDeliveryChannel",
    "config:DeleteConfigRule",
    "securityhub:BatchDisableStandards",
    "s3:PutAccountPublicAccessBlock",
]


@pytest.mark.parametrize("account", MEMBERS)
@pytest.mark.parametrize("action", EVERYWHERE)
def test_nobody_leaves_and_nobody_switches_protection_off(account: str, action: str) -> None:
    for name in ("role/somebody", "user/somebody", ADMINISTRATOR, "role/AWSControlTowerExecution"):
        assert not somebody(account, name).may(action)


@pytest.mark.parametrize("account", MEMBERS)
@pytest.mark.parametrize("action", BY_ADMINISTRATORS)
def test_only_administrators_change_what_protection_sees(account: str, action: str) -> None:
    assert not somebody(account).may(action)
    assert not somebody(account, "role/OrganizationAccountAccessRole2").may(action)
    assert somebody(account, ADMINISTRATOR).may(action)


@pytest.mark.parametrize("account", MEMBERS)
def test_protection_can_be_looked_at_and_switched_on(account: str) -> None:
    for action in ("guardduty:CreateDetector", "cloudtrail:StartLogging", "config:GetResources"):
        assert somebody(account).may(action)


@pytest.mark.parametrize("account", MEMBERS)
@pytest.mark.parametrize("action", ["s3:ListAllMyBuckets", "iam:CreateUser", "sts:AssumeRole"])
def test_a_members_root_user_does_nothing(account: str, action: str) -> None:
    assert not somebody(account, "root").may(action)
    assert somebody(account, "role/root").may(action)


@pytest.mark.parametrize("account", MEMBERS)
def test_nobody_passes_for_an_administrator(account: str) -> None:
    for role in ("OrganizationAccountAccessRole", "AWSControlTowerExecution"):
        there = f"arn:aws:iam::222222222222:role/{role}"
        for action in ("CreateRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRole"):
            assert not somebody(account).may(f"iam:{action}", there)
            assert somebody(account, ADMINISTRATOR).may(f"iam:{action}", there)
        assert somebody(account).may("iam:GetRole", there)


@pytest.mark.parametrize(
    ("action", "region", "allowed"),
    [
        ("lambda:CreateFunction", "us-east-1", True),
        ("dynamodb:CreateTable", "us-west-2", True),
        ("lambda:CreateFunction", "eu-central-1", False),
        ("dynamodb:CreateTable", "us-east-2", False),
        ("kms:CreateKey", "ap-southeast-2", False),
        ("ec2:RunInstances", "eu-west-1", False),
        ("s3:CreateBucket", "eu-west-1", False),
        ("ec2:DescribeRegions", "eu-west-1", True),
        ("iam:CreateRole", "eu-west-1", True),
        ("sts:GetCallerIdentity", "eu-west-1", True),
        ("route53:ChangeResourceRecordSets", "aws-global", True),
        ("cloudfront:CreateDistribution", "aws-global", True),
        ("support:CreateCase", "eu-west-1", True),
    ],
)
@pytest.mark.parametrize("account", MEMBERS)
def test_things_are_made_in_two_regions(
    account: str, action: str, region: str, allowed: bool
) -> None:
    assert somebody(account).may(action, region=region, **TAGGED) is allowed
    assert somebody(account, ADMINISTRATOR).may(action, region=region, **TAGGED) is allowed


def test_regions_are_a_parameter() -> None:
    parameters = {**GIVEN, "AllowedRegions": ["eu-central-1"]}
    content = resources(**parameters)["RegionsPolicy"]["Properties"]["Content"]

    def asked(region: str) -> Request:
        return Request("lambda:CreateFunction", context={"aws:RequestedRegion": region})

    assert not denies(content["Statement"], asked("eu-central-1"))
    assert denies(content["Statement"], asked("us-east-1"))


def test_regions_are_those_of_the_environments() -> None:
    allowed = TEMPLATE["Parameters"]["AllowedRegions"]["Default"].split(",")
    assert {each.region for each in load(ROOT / "environments")} <= set(allowed)
    assert "us-west-2" in allowed  # where recovery goes


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:UpdateAssumeRolePolicy", PIPELINE),
        ("iam:PutRolePolicy", PIPELINE),
        ("iam:AttachRolePolicy", PIPELINE),
        ("iam:DeleteRole", PIPELINE),
        ("iam:CreatePolicyVersion", "arn:aws:iam::666666666666:policy/skafu-delivery-Boundary-1A"),
        ("iam:CreateOpenIDConnectProvider", PROVIDER),
        ("iam:UpdateOpenIDConnectProviderThumbprint", PROVIDER),
        ("iam:AddClientIDToOpenIDConnectProvider", PROVIDER),
        ("iam:DeleteOpenIDConnectProvider", PROVIDER),
        ("cloudformation:UpdateStack", "arn:aws:cloudformation:us-east-1:1:stack/skafu-delivery/1"),
        ("cloudformation:DeleteStack", "arn:aws:cloudformation:us-east-1:1:stack/skafu-delivery/1"),
        ("s3:DeleteObject", f"{ARTEFACTS}/tested/1.json"),
        ("s3:PutBucketPolicy", ARTEFACTS),
    ],
)
@pytest.mark.parametrize("account", WORKLOADS)
def test_only_administrators_change_who_delivers_and_what_was_tested(
    account: str, action: str, resource: str
) -> None:
    assert not somebody(account).may(action, resource)
    assert not holder("BreakGlass", account).may(action, resource)
    assert somebody(account, ADMINISTRATOR).may(action, resource)


def test_other_roles_are_the_accounts_own() -> None:
    for action in ("iam:PutRolePolicy", "iam:DeleteRole"):
        assert somebody("StagingAccount").may(action, "arn:aws:iam::5:role/another")
    assert somebody("StagingAccount").may("iam:PassRole", PIPELINE)


@pytest.mark.parametrize(
    "action",
    [
        "backup:DeleteBackupVault",
        "backup:DeleteRecoveryPoint",
        "backup:DeleteBackupVaultLockConfiguration",
        "kms:ScheduleKeyDeletion",
        "kms:DisableKey",
        "dynamodb:DeleteTable",
        "dynamodb:DeleteBackup",
        "s3:DeleteObjectVersion",
        "cognito-idp:DeleteUserPool",
    ],
)
def test_production_data_go_by_breaking_glass_alone(action: str) -> None:
    production = "ProductionAccount"
    for name in ("role/somebody", ADMINISTRATOR, "role/skafu-delivery-ExecutionRole-1A"):
        assert not somebody(production, name).may(action)
    # The name alone does not do: nobody but Identity Center makes roles there.
    assert not somebody(production, "role/AWSReservedSSO_SkafuBreakGlass_1").may(action)
    assert holder("BreakGlass", production).may(action)
    assert somebody("DevelopmentAccount").may(action)


def test_glass_that_is_broken_leaves_the_alarm_on() -> None:
    for action in EVERYWHERE:
        assert not holder("BreakGlass", "ProductionAccount").may(action)
    assert not holder("BreakGlass", "ProductionAccount").may("kms:CreateKey", region="eu-west-1")


def test_the_root_account_is_not_held_by_any_policy() -> None:
    assert guardrails("Root") == []


def test_no_bucket_is_public_by_the_organizations_own_setting() -> None:
    policy = properties("AWS::Organizations::Policy")["NothingPublicPolicy"]
    assert policy["Type"] == "S3_POLICY"
    setting = policy["Content"]["s3_attributes"]["public_access_block_configuration"]
    assert setting == {"@@assign": "all"}
    assert policy["TargetIds"] == [{"Fn::GetAtt": ["Organization", "RootId"]}]


@pytest.mark.parametrize("name", list(properties("AWS::Organizations::Policy")))
def test_policies_are_as_short_as_organizations_takes_them(name: str) -> None:
    content = properties("AWS::Organizations::Policy")[name]["Content"]
    assert len(json.dumps(content)) <= 5120  # spaces counted, as CloudFormation may send them


@pytest.mark.parametrize("place", ["Root", *(n for n in complete() if n.endswith("Unit"))])
def test_no_more_than_five_hang_in_one_place(place: str) -> None:
    assert len(attached(place)) + 1 <= 5  # FullAWSAccess is there already


# --- whose it is ----------------------------------------------------------------------------------

# What costs, and a resource that is asked for where there is one.
COSTS = {
    "lambda:CreateFunction": "arn:aws:lambda:us-east-1:1:function:f",
    "sqs:CreateQueue": "arn:aws:sqs:us-east-1:1:q",
    "sns:CreateTopic": "arn:aws:sns:us-east-1:1:t",
    "kms:CreateKey": "*",
    "cognito-idp:CreateUserPool": "*",
    "backup:CreateBackupVault": "arn:aws:backup:us-east-1:1:backup-vault:v",
    "rds:CreateDBInstance": "arn:aws:rds:us-east-1:1:db:d",
    "kafka:CreateClusterV2": "*",
    "ec2:RunInstances": "arn:aws:ec2:us-east-1:1:instance/*",
    "ec2:CreateNatGateway": "arn:aws:ec2:us-east-1:1:natgateway/*",
    "ec2:CreateVpcEndpoint": "arn:aws:ec2:us-east-1:1:vpc-endpoint/*",
    "wafv2:CreateWebACL": "arn:aws:wafv2:us-east-1:1:global/webacl/a/1",
}
# What AWS tells no tags of, or makes itself and tags afterwards, if at all.
UNTAGGED = [
    "dynamodb:CreateTable",
    "dynamodb:CreateTableReplica",
    "dynamodb:RestoreTableFromBackup",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:CreateBackup",
    "s3:CreateBucket",
    "logs:CreateLogGroup",
    "cloudwatch:PutMetricAlarm",
    "cloudfront:CreateDistribution",
    "secretsmanager:CreateSecret",
    "apigateway:POST",
    "route53:CreateHostedZone",
]


def refused() -> set[str]:
    """The actions that are refused without tags."""
    content = properties("AWS::Organizations::Policy")["OwnersPolicy"]["Content"]
    return {each for statement in content["Statement"] for each in statement["Action"]}


def made_by(kind: str) -> list[str]:
    """What CloudFormation calls to make a resource."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return list(schema.get("handlers", {}).get("create", {}).get("permissions", ()))


def is_made_with_tags(kind: str) -> bool:
    """Whether CloudFormation hands tags over with the creation; where its schema does not say so,
    it does not.
    """
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return bool(schema.get("tagging", {}).get("tagOnCreate"))


@pytest.mark.parametrize("account", WORKLOADS)
@pytest.mark.parametrize(("action", "resource"), COSTS.items())
def test_what_costs_is_made_with_all_three_tags_or_not_at_all(
    account: str, action: str, resource: str
) -> None:
    for name in ("role/somebody", ADMINISTRATOR, "role/skafu-delivery-ExecutionRole-1A"):
        who = somebody(account, name)
        assert who.may(action, resource, **TAGGED)
        assert not who.may(action, resource)
        for missing in TAGGED:
            others = {key: value for key, value in TAGGED.items() if key != missing}
            assert not who.may(action, resource, **others), missing


@pytest.mark.parametrize("action", UNTAGGED)
def test_what_cannot_say_so_is_not_asked(action: str) -> None:
    assert somebody("ProductionAccount").may(action)


def test_an_instance_is_asked_and_what_it_is_made_of_is_not() -> None:
    for each in ("image/ami-1", "subnet/subnet-1", "network-interface/*", "security-group/sg-1"):
        there = f"arn:aws:ec2:us-east-1:1:{each}"
        assert somebody("DevelopmentAccount").may("ec2:RunInstances", there)


def test_an_emergency_and_control_tower_are_not_asked_for_tags() -> None:
    for action, resource in COSTS.items():
        assert holder("BreakGlass", "ProductionAccount").may(action, resource)
        assert not somebody("ProductionAccount", "role/AWSReservedSSO_SkafuBreakGlass_1").may(
            action, resource
        )
        assert somebody("StagingAccount", "role/AWSControlTowerExecution").may(action, resource)
        assert somebody("SecurityAccount").may(action, resource)  # has no environment


@pytest.mark.parametrize("environment", ["development", "staging", "production"])
def test_everything_that_the_application_has_can_be_made(environment: str) -> None:
    """With the stack's tags, as CloudFormation hands them on."""
    role = somebody("ProductionAccount", "role/skafu-delivery-ExecutionRole-1A")
    stopped = set()
    for kind in {each["Type"] for each in transformed(environment)["Resources"].values()}:
        told = TAGGED if is_made_with_tags(kind) else {}
        stopped |= {(kind, each) for each in made_by(kind) if not role.may(each, **told)}
    assert {(kind, each) for kind, each in stopped if each not in NOT_ASKED} == set()


CALLED = {
    "aoss": "opensearchserverless",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "es": "opensearch",
}
"""What policies call otherwise than libraries do."""


def calls(action: str) -> set[str]:
    """The methods of boto's clients that an action of a policy is about."""
    service, name = action.rstrip("*").split(":")
    known = botocore.session.Session().get_service_model(CALLED.get(service, service))
    # pylint: disable-next=not-an-iterable  # a property that is worked out once
    return {xform_name(each) for each in known.operation_names if each.startswith(name)}


def test_no_command_makes_something_without_tags() -> None:
    """Commands call AWS themselves here and there; none makes what is refused."""
    sources = [path.read_text("utf-8") for path in (ROOT / "backend").rglob("*.py")]
    for action in refused():
        methods = calls(action)
        assert methods, action
        assert not [each for each in methods if any(f".{each}(" in text for text in sources)]


def test_tags_are_written_in_one_way_and_name_environments_that_there_are() -> None:
    policy = properties("AWS::Organizations::Policy")["TagsPolicy"]
    assert policy["TargetIds"] == [{"Fn::GetAtt": ["Organization", "RootId"]}]
    tags = policy["Content"]["tags"]
    assert {name: each["tag_key"]["@@assign"] for name, each in tags.items()} == {
        key: key for key in ("project", "environment", "team")
    }
    environments = [each.name for each in load(ROOT / "environments") if each.name != "local"]
    assert tags["environment"]["tag_value"]["@@assign"] == [*OTHERS, *environments]
    assert len({tuple(each["enforced_for"]["@@assign"]) for each in tags.values()}) == 1


def test_tags_are_asked_for_once_somebody_says_so() -> None:
    asking = {"OwnersPolicy", "TagsPolicy"}
    assert asking <= set(resources(**GIVEN))
    for parameters in ({"Tagging": "off"}, {"Guardrails": "off"}):
        assert not asking & set(resources(**{**GIVEN, **parameters}))


def test_a_policy_only_refuses() -> None:
    for account in MEMBERS:
        assert {each["Effect"] for each in guardrails(account)} == {"Deny"}


def test_the_guardrails_stop_no_delivery() -> None:
    accounts = dict(zip(("development", "staging", "production"), WORKLOADS, strict=True))
    stopped = set()
    for environment, name, statement in pipelines():
        role = somebody(accounts[environment], f"role/skafu-delivery-{name}-1A")
        for action in many(statement["Action"]):
            for resource in many(statement["Resource"]):
                # What only AWS knows stands for the names that it would choose.
                there = str(resource).replace("${Bucket}", "skafu-foundation-artefactbucket-1a")
                if not role.may(action, there, region=REGION, **TAGGED):
                    stopped.add((name, action, there))
    assert stopped == set()


# Only for a key that is made disabled.
NOT_ASKED = {"kms:DisableKey"}
STACKS = [
    path
    for path in sorted((ROOT / "infrastructure").glob("*.yaml"))
    if "Resources" in written(f"infrastructure/{path.name}")
]


@pytest.mark.parametrize("path", STACKS, ids=[path.stem for path in STACKS])
def test_the_guardrails_stop_no_stack_that_administrators_make(path: Path) -> None:
    """What CloudFormation does to make each of its resources, in production."""
    administrator = somebody("ProductionAccount", ADMINISTRATOR)
    stopped = set()
    for kind in {
        each["Type"] for each in written(f"infrastructure/{path.name}")["Resources"].values()
    }:
        told = TAGGED if is_made_with_tags(kind) else {}
        for action in made_by(kind):
            if action not in NOT_ASKED and not administrator.may(action, **told):
                stopped.add((kind, action))
    assert stopped == set()
