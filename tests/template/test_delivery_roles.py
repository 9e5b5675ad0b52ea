"""Who may deliver to an account, and what deliveries may do there: infrastructure/delivery.yaml."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from skafu.ops.build_record import ENVIRONMENTS
from skafu.ops.environments import BELOW, load
from skafu.ops.security.roles import reasons
from skafu.ops.stacks.book import load as load_book
from skafu.ops.stacks.values import place_of
from skafu.shared.membership import stand_in_item
from tests.support.policies import Request, actions_of, allows, many, trusts
from tests.support.transformed import (
    ACCOUNT,
    REGION,
    ROOT,
    Resolver,
    of_type,
    resolved,
    written,
)

type Json = dict[str, Any]

AWAY, HOME_BUCKET = "us-west-2", "home-artefacts"
"""Where production's other stack is, and the bucket that it reads at home."""
TEMPLATE = written("infrastructure/delivery.yaml")
OURS = "skafu-org/skafu"
IN_ACCOUNTS = [each for each in ENVIRONMENTS if each != "local"]
ABOVE = {below: above for above, below in BELOW.items()}
STACKS = {each.name: each.stack_name for each in load(ROOT / "environments")}

# Actions for which AWS knows no resource, or none that could be named before it is made: their
# reasons are recorded, role by role (test_security_doc.py).
WITHOUT_RESOURCE = {
    action
    for reason in reasons()
    if "*" in reason.resources and reason.roles & {"DeployRole", "ExecutionRole", "PlanRole"}
    for action in reason.actions or ()
}

# What types of resources could need and this template's do not, by the beginning of the action.
NOT_USED = {
    "autoloop:": "another service's logs",
    "codewhisperer:": "another service's logs",
    "workmail:": "another service's logs",
    "logs:AllowVendedLogDeliveryForResource": "another service's logs",
    "ec2:AssociateVerifiedAccess": "no Verified Access",
    "ec2:DescribeVerifiedAccess": "no Verified Access",
    "ec2:DisassociateVerifiedAccess": "no Verified Access",
    "ec2:GetVerifiedAccess": "no Verified Access",
    "elasticfilesystem:": "no function has a file system",
    "s3files:": "no function has a file system",
    "lambda:AssociateRuntimeAlias": "the runtime is AWS's",
    "lambda:PassCapacityProvider": "functions run where AWS runs them",
    "lambda:PutFunctionScalingConfig": "functions run where AWS runs them",
    "lambda:PutFunctionCodeSigningConfig": "provenance is looked at before",
    "lambda:DeleteFunctionCodeSigningConfig": "provenance is looked at before",
    "lambda:GetCodeSigningConfig": "provenance is looked at before",
    "codedeploy:RegisterOnPremisesInstance": "no machines",
    "cloudfront:CreateConnectionGroup": "no tenants of distributions",
    "cloudfront:GetConnectionGroup": "no tenants of distributions",
    "cloudfront:CreateDistributionWithTags": "not an action: CreateDistribution",
    "cloudfront:GetVpcOrigin": "no origin in a network",
    "cloudfront:UpdateDistributionWithStagingConfig": "no staging distribution",
    "dynamodb:DeleteTable": "the table is retained, and so is its replica",
    "dynamodb:DeleteTableReplica": "who gives a region up breaks glass (organization.yaml)",
    "dynamodb:DisassociateTableReplica": "who gives a region up breaks glass (organization.yaml)",
    "dynamodb:EnableKinesisStreamingDestination": "no Kinesis",
    "dynamodb:DisableKinesisStreamingDestination": "no Kinesis",
    "dynamodb:UpdateKinesisStreamingDestination": "no Kinesis",
    "kinesis:": "no Kinesis",
    "cloudwatch:PutMetricData": "no Kinesis",
    "cloudwatch:GetMetricData": "nothing is scaled by forecasts",
    "secretsmanager:GetRandomPassword": "Cognito makes the one secret there is",
    "secretsmanager:ReplicateSecretToRegions": "each region's probe has its own",
    "secretsmanager:RemoveRegionsFromReplication": "each region's probe has its own",
    "iam:DeleteRolePermissionsBoundary": "it stays",
    "kms:GenerateDataKeyWithoutPlaintext": "Cognito has no custom sender and no key of ours",
    "kms:ReEncrypt": "Cognito has no custom sender and no key of ours",
    "kms:RevokeGrant": "the table keeps its key",
    "kms:DisableKey": "what is encrypted stays readable",
    "cognito-idp:ListUserPoolClientSecrets": "the console's client has none",
    "apigateway:UpdateRestApiPolicy": "the API has no policy of its own",
    "sns:PutDataProtectionPolicy": "no data protection policy",
    "payments:": "no rules that are bought",
    "amplify:": "the firewall stands before API and console",
    "apprunner:": "the firewall stands before API and console",
    "appsync:": "the firewall stands before API and console",
    "bedrock-agentcore:": "the firewall stands before API and console",
    "elasticloadbalancing:": "the firewall stands before API and console",
    "cognito-idp:AssociateWebACL": "the firewall stands before API and console",
    "cognito-idp:DisassociateWebACL": "the firewall stands before API and console",
    "cognito-idp:GetWebACLForResource": "the firewall stands before API and console",
    "wafv2:GetPermissionPolicy": "no rule groups of our own",
    "wafv2:PutPermissionPolicy": "no rule groups of our own",
    "iam:DescribeOrganization": "is no action of IAM",
    "sns:Subscribe": "subscriptions are made by people",
    "sns:Unsubscribe": "subscriptions are made by people",
    "firehose:": "no Firehose",
    "logs:AssociateKmsKey": "logs have CloudWatch's own key",
    "logs:DisassociateKmsKey": "logs have CloudWatch's own key",
    "logs:PutBearerTokenAuthentication": "not used",
    "logs:PutDataProtectionPolicy": "not used",
    "logs:DeleteDataProtectionPolicy": "not used",
    "logs:PutIndexPolicy": "not used",
    "logs:DeleteIndexPolicy": "not used",
    "logs:PutLogGroupDeletionProtection": "not used",
    "s3:REST.PUT.OBJECT": "is no action of IAM",
    "s3:CreateBucketMetadata": "no tables of metadata",
    "s3:DeleteBucketMetadata": "no tables of metadata",
    "s3:UpdateBucketMetadata": "no tables of metadata",
    "s3tables:": "no tables of metadata",
    "s3:PutObjectAcl": "buckets have no ACLs",
    "s3:PutBucketAcl": "buckets have no ACLs",
    "s3:PutBucketAbac": "not used",
    "s3:DeleteObject": "what people have published stays",
} | {
    f"s3:{verb}{what}": "not used"
    for verb in ("Put", "Delete")
    for what in (
        "AccelerateConfiguration AnalyticsConfiguration BucketAnalyticsConfiguration BucketCORS "
        "BucketCors BucketEncryption BucketLifecycle BucketLogging BucketMetricsConfiguration "
        "BucketNotification BucketObjectLockConfiguration BucketReplication BucketWebsite "
        "IntelligentTieringConfiguration InventoryConfiguration MetricsConfiguration "
        "ObjectLockConfiguration ReplicationConfiguration"
    ).split()
}

# Rows of tables, which AWS's registry names for imports and streams of a table's first content.
ROWS = "BatchWriteItem DeleteItem GetItem PutItem Query Scan UpdateItem".split()
# Changing who may read what is encrypted or kept, by a policy on the table.
ON_TABLES = ["DeleteResourcePolicy", "PutResourcePolicy"]


@cache
def resources(environment: str = "production", provider: str = "", region: str = REGION) -> Json:
    away = region != REGION
    parameters = {
        "EnvironmentName": environment,
        "GitHubRepository": OURS,
        "GitHubProviderArn": provider,
        "Above": ABOVE.get(environment, ""),
        "ReplicaOf": REGION if away else "",
        "HomeBucket": HOME_BUCKET if away else "none",
        "AWS::Region": region,
    }
    resolver = Resolver(TEMPLATE, parameters)
    return {
        name: resolver.resolve(each)
        for name, each in TEMPLATE["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


def role(name: str, environment: str = "production", region: str = REGION) -> Json:
    return dict(resources(environment, region=region)[name]["Properties"])


def statements(name: str, environment: str = "production", region: str = REGION) -> list[Json]:
    """What a role or a managed policy allows."""
    properties = role(name, environment, region)
    if "PolicyDocument" in properties:
        return list(properties["PolicyDocument"]["Statement"])
    inline = [each["PolicyDocument"] for each in properties.get("Policies", ())]
    attached = [each["Ref"] for each in properties.get("ManagedPolicyArns", ())]
    return [
        *(statement for policy in inline for statement in policy["Statement"]),
        *(each for policy in attached for each in statements(policy, environment, region)),
    ]


def every_statement(environment: str) -> Iterator[tuple[str, Json]]:
    """Of each role, with those of the policies that are attached to it; those of production in the
    region that stands by too.
    """
    for region in (REGION, AWAY) if environment == "production" else (REGION,):
        for name, resource in resources(environment, region=region).items():
            if resource["Type"] in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
                yield from ((name, each) for each in statements(name, environment, region))


# --- who ------------------------------------------------------------------------------------------


def token(sub: str, aud: str = "sts.amazonaws.com") -> dict[str, str]:
    return {"sub": sub, "aud": aud}


@pytest.mark.parametrize("environment", IN_ACCOUNTS)
def test_a_job_in_an_environment_gets_the_roles_of_that_environment(environment: str) -> None:
    job = token(f"repo:{OURS}:environment:{environment}")
    assert trusts(role("DeployRole", environment), job)
    plan = token(f"repo:{OURS}:environment:{environment}-plan")
    assert trusts(role("PlanRole", environment), plan)
    if environment in BELOW:
        assert trusts(role("ReaderRole", BELOW[environment]), job)


STRANGERS = {
    "another repository": f"repo:{OURS}-fork:environment:production",
    "another organisation": "repo:skafu-org-2/skafu:environment:production",
    "a repository whose name ends alike": f"repo:evil/{OURS}:environment:production",
    "a branch": f"repo:{OURS}:ref:refs/heads/main",
    "a tag": f"repo:{OURS}:ref:refs/tags/v1",
    "a pull request": f"repo:{OURS}:pull_request",
    "a job without an environment": f"repo:{OURS}",
    "another environment": f"repo:{OURS}:environment:sandbox",
    "an environment that begins alike": f"repo:{OURS}:environment:production2",
    "an environment with a star": f"repo:{OURS}:environment:*",
    "nobody": "",
}


@pytest.mark.parametrize("name", ["DeployRole", "PlanRole"])
@pytest.mark.parametrize("sub", STRANGERS.values(), ids=STRANGERS)
def test_nobody_else_gets_them(name: str, sub: str) -> None:
    assert not trusts(role(name), token(sub))


@pytest.mark.parametrize("environment", IN_ACCOUNTS)
def test_one_environment_does_not_get_another_ones_roles(environment: str) -> None:
    for other in {*IN_ACCOUNTS, *(f"{each}-plan" for each in IN_ACCOUNTS)}:
        job = token(f"repo:{OURS}:environment:{other}")
        assert trusts(role("DeployRole", environment), job) is (other == environment)
        assert trusts(role("PlanRole", environment), job) is (other == f"{environment}-plan")
        if environment in ABOVE:
            reader = role("ReaderRole", environment)
            assert trusts(reader, job) is (other == ABOVE[environment])


def test_a_token_that_was_made_for_others_is_refused() -> None:
    job = f"repo:{OURS}:environment:production"
    assert not trusts(role("DeployRole"), token(job, aud="https://github.com/skafu-org"))
    assert not trusts(role("DeployRole"), {"sub": job})
    assert not trusts(role("DeployRole"), {"aud": "sts.amazonaws.com"})


@pytest.mark.parametrize("text", ["*", "skafu-org/*", "*/skafu", "skafu-org", "a/b/c", "a/b:c"])
def test_a_repository_is_named_without_a_wildcard(text: str) -> None:
    pattern = TEMPLATE["Parameters"]["GitHubRepository"]["AllowedPattern"]
    assert re.search(pattern, OURS)
    assert not re.search(pattern, text)


def test_only_tokens_of_the_accounts_provider_count() -> None:
    made = resources()["GitHubProvider"]["Properties"]
    assert made["Url"] == "https://token.actions.githubusercontent.com"
    assert made["ClientIdList"] == ["sts.amazonaws.com"]
    there = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    reused = resources(provider=there)
    assert "GitHubProvider" not in reused
    for name in ("DeployRole", "PlanRole"):
        [own] = role(name)["AssumeRolePolicyDocument"]["Statement"]
        [other] = reused[name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert own["Principal"] == {"Federated": {"Ref": "GitHubProvider"}}
        assert other["Principal"] == {"Federated": there}


def test_cloudformation_alone_is_the_one_that_makes_things() -> None:
    [statement] = role("ExecutionRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudformation.amazonaws.com"}


def test_nobody_reads_what_production_tested() -> None:
    assert "ReaderRole" not in resources("production")


# --- what, in general -----------------------------------------------------------------------------


@pytest.mark.parametrize("environment", IN_ACCOUNTS)
def test_actions_are_named_one_by_one(environment: str) -> None:
    for name, statement in every_statement(environment):
        assert statement["Effect"] == "Allow", name
        assert not {"NotAction", "NotResource"} & set(statement), name
        assert [action for action in many(statement["Action"]) if "*" in action] == [], name


@pytest.mark.parametrize("environment", IN_ACCOUNTS)
def test_everything_is_allowed_only_where_there_is_nothing_to_name(environment: str) -> None:
    # The boundary gives nothing: it is what remains of what the template gives.
    for name, statement in every_statement(environment):
        if "*" in many(statement["Resource"]) and name != "Boundary":
            assert set(many(statement["Action"])) <= WITHOUT_RESOURCE, statement["Sid"]


def test_policies_are_as_short_as_iam_takes_them() -> None:
    for name, resource in resources(region=AWAY).items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            assert len(_compact(properties["PolicyDocument"])) < 6144, name
        elif resource["Type"] == "AWS::IAM::Role":
            inline = [each["PolicyDocument"] for each in properties.get("Policies", ())]
            assert sum(len(_compact(each)) for each in inline) < 10240, name


def _compact(policy: Json) -> str:
    """As IAM counts: what is not known yet, ARNs mostly, is longer than its name."""
    return re.sub(r'\{"(?:Ref|Fn::\w+)":[^}]*}', "x" * 80, json.dumps(policy)).replace(" ", "")


@pytest.mark.parametrize("environment", IN_ACCOUNTS)
def test_the_stack_is_the_environments(environment: str) -> None:
    assert TEMPLATE["Mappings"]["Environments"][environment]["Stack"] == STACKS[environment]


# What `smoke` does beside asking over HTTP, as a machine of the reserved tenant: the table and the
# pool by adapters of the product (bootstrap.py, canary/reserved.py).
SMOKE = (
    "cognito-idp:CreateUserPoolClient",
    "cognito-idp:DescribeResourceServer",
    "cognito-idp:DescribeUserPoolClient",
    "cognito-idp:ListUserPoolClients",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "kms:Decrypt",
    "kms:DescribeKey",
    "lambda:InvokeFunction",
)

# --- the pipeline's own role ----------------------------------------------------------------------

STACK = STACKS["production"]
SOME_STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-metrics"


def may(name: str, action: str, resource: str, **context: str) -> bool:
    told = {key.replace("__", ":"): value for key, value in context.items()}
    return allows(statements(name), Request(action, resource, told))


def test_a_deployment_is_made_with_cloudformations_role_or_not_at_all() -> None:
    create = "cloudformation:CreateChangeSet"
    statement = next(each for each in statements("DeployRole") if each["Sid"] == "ChangeTheStack")
    [wanted] = statement["Condition"]["StringEquals"].values()
    assert wanted == {"Fn::GetAtt": ["ExecutionRole", "Arn"]}
    assert may("DeployRole", create, SOME_STACK, cloudformation__RoleArn=str(wanted))
    assert not may("DeployRole", create, SOME_STACK, cloudformation__RoleArn="another")
    assert not may("DeployRole", create, SOME_STACK)


@pytest.mark.parametrize("name", ["DeployRole", "PlanRole", "ReaderRole"])
def test_what_comes_from_github_makes_no_resource_and_no_role_itself(name: str) -> None:
    environment = "staging"
    for action, statement in actions_of(statements(name, environment)):
        verb = action.partition(":")[2]
        if action == "iam:PassRole":
            assert statement["Resource"] == {"Fn::GetAtt": ["ExecutionRole", "Arn"]}
            continue
        assert not action.startswith(("iam:", "sts:"))
        if action.startswith(("kms:", "dynamodb:", "cognito-idp:")):
            assert action in SMOKE
        elif verb.startswith("Create"):
            assert action in {"cloudformation:CreateChangeSet", "cloudfront:CreateInvalidation"}


def test_old_versions_may_go_and_functions_may_not() -> None:
    assert may("DeployRole", "lambda:DeleteFunction", f"{FUNCTION}:7")
    assert not may("DeployRole", "lambda:DeleteFunction", FUNCTION)


def test_what_is_remembered_is_never_deleted_by_the_pipeline() -> None:
    bucket = "arn:aws:s3:::${Bucket}/releases/skafu-prod/1.json"
    assert may("DeployRole", "s3:PutObject", bucket)
    assert not may("DeployRole", "s3:DeleteObject", bucket)
    assert not may("DeployRole", "s3:DeleteObjectVersion", bucket)


@pytest.mark.parametrize("other", [each for each in STACKS.values() if each != STACK])
def test_a_pipeline_is_kept_to_its_own_stack(other: str) -> None:
    function = FUNCTION.replace(STACK, other)
    assert may("DeployRole", "lambda:UpdateAlias", FUNCTION)
    assert not may("DeployRole", "lambda:UpdateAlias", function)
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/skafu"
    assert may("DeployRole", "ssm:PutParameter", f"{parameter}/{STACK}/held")
    assert not may("DeployRole", "ssm:PutParameter", f"{parameter}/{other}/held")
    assert not may("DeployRole", "cloudformation:DescribeChangeSet", f"stack/{other}/1")


def test_the_delivery_and_the_foundation_are_out_of_reach() -> None:
    for stack in ("skafu-delivery", "skafu-foundation"):
        there = SOME_STACK.replace(STACK, stack)
        for action in ("CreateChangeSet", "ExecuteChangeSet", "DeleteStack"):
            assert not may("DeployRole", f"cloudformation:{action}", there)
        a_role = f"arn:aws:iam::{ACCOUNT}:role/{stack}-DeployRole-1"
        for action in ("PutRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole", "PassRole"):
            for environment in IN_ACCOUNTS:
                request = Request(f"iam:{action}", a_role)
                assert not allows(statements("ExecutionRole", environment), request)


def test_a_plan_changes_nothing() -> None:
    change = {
        action
        for action, _ in actions_of(statements("PlanRole"))
        if not action.partition(":")[2].startswith(("Get", "List", "Describe"))
    }
    assert change == {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "s3:PutObject",
    }
    bucket = "arn:aws:s3:::${Bucket}"
    assert may("PlanRole", "s3:PutObject", f"{bucket}/plans/1.yaml")
    for place in ("parts", "templates", "releases", "tested", "evidence", "deployed"):
        assert not may("PlanRole", "s3:PutObject", f"{bucket}/{place}/1")
    assert not may("PlanRole", "cloudformation:ExecuteChangeSet", SOME_STACK)


def test_a_plan_sees_all_that_a_deployment_sees() -> None:
    seen = {
        action
        for action, _ in actions_of(statements("DeployRole"))
        if action.partition(":")[2].startswith(("Get", "List", "Describe"))
    }
    planned = {action for action, _ in actions_of(statements("PlanRole"))}
    assert seen - set(SMOKE) <= planned


def test_the_environment_above_only_reads() -> None:
    found = {action for action, _ in actions_of(statements("ReaderRole", "development"))}
    assert found == {"cloudformation:DescribeStacks", "s3:GetObject", "s3:ListBucket"}
    readable = allows(
        statements("ReaderRole", "development"),
        Request("s3:GetObject", "arn:aws:s3:::${Bucket}/releases/skafu-dev/1.json"),
    )
    assert not readable


# --- what the commands call -----------------------------------------------------------------------

OPS = ROOT / "backend" / "skafu" / "ops"
PIPELINE = ("artefact", "release", "rollback", "promotion", "smoke", "console")
"""Packages whose commands workflows run. `recovery` is run by an administrator: DynamoDB asks
whoever restores for rights to write and delete rows, which the pipeline never has; what workflows
run of it is asked below, of the roles in the region that stands by.
"""
SERVICES = "appconfig cloudformation cloudfront cloudwatch codedeploy lambda s3 ssm".split()
# How S3 and others name the right to an operation, where it is not the operation's name.
RIGHT = {
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:DeleteObjects": "s3:DeleteObject",
}


@cache
def operations() -> Mapping[str, tuple[str, ...]]:
    """Method of a client -> the rights to it, one for each service that has such a method."""
    found: dict[str, tuple[str, ...]] = {}
    session = botocore.session.Session()
    for service in SERVICES:
        model = session.get_service_model(service)
        # pylint: disable-next=not-an-iterable  # a property that is worked out once
        for name in model.operation_names:
            right = f"{service}:{name}"
            key = xform_name(name)
            found[key] = (*found.get(key, ()), RIGHT.get(right, right))
    return found


def calls() -> set[tuple[str, str]]:
    """(module, method of a client) for what the pipeline's commands call."""
    found = set()
    paths = [path for folder in PIPELINE for path in sorted((OPS / folder).glob("**/*.py"))]
    for path in [*paths, OPS / "deployment.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                names = {node.func.attr}
                if node.func.attr == "get_paginator" and isinstance(node.args[0], ast.Constant):
                    names = {str(node.args[0].value)}
                module = str(path.relative_to(OPS))
                found |= {(module, name) for name in names if name in operations()}
    return found


# What is left to people: a change set for a stack that is not there yet leaves an empty one behind.
BY_PEOPLE = {("release/changes.py", "delete_stack")}


def test_there_are_calls() -> None:
    found = {name for _, name in calls()}
    assert {"get_object", "put_object", "put_parameter", "create_invalidation"} <= found


@pytest.mark.parametrize(("module", "call"), sorted(calls() - BY_PEOPLE))
def test_what_the_commands_call_is_allowed(module: str, call: str) -> None:
    allowed = {action for action, _ in actions_of(statements("DeployRole"))}
    assert allowed & set(operations()[call]), f"{module} calls {call}"


# What `sam deploy` calls (samcli/lib/deploy/deployer.py and samcli/lib/package/s3_uploader.py).
SAM = (
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplateSummary",
    "s3:GetObject",
    "s3:PutObject",
)


@pytest.mark.parametrize("action", SMOKE)
def test_what_exercises_a_deployment_is_allowed(action: str) -> None:
    assert action in {each for each, _ in actions_of(statements("DeployRole"))}


@pytest.mark.parametrize("action", SAM)
def test_what_the_sam_cli_calls_is_allowed(action: str) -> None:
    assert action in {each for each, _ in actions_of(statements("DeployRole"))}


# --- the region that stands by --------------------------------------------------------------------

HOMES = {"HomeRights", "StandbyRights"}
REGIONS = re.compile(r"arn:aws:[a-z0-9-]+:([a-z]{2}-[a-z]+-\d|\*):")
READING = ("Get", "List", "Describe")


def places(found: list[Json]) -> dict[str, set[str]]:
    """Regions that the resources of statements name, with the actions that are allowed there."""
    named: dict[str, set[str]] = {}
    for each in found:
        for resource in many(each["Resource"]):
            for region in REGIONS.findall(str(resource)):
                named.setdefault(region, set()).update(many(each["Action"]))
    return named


@pytest.mark.parametrize("region", [REGION, AWAY])
@pytest.mark.parametrize("name", ["DeployRole", "ExecutionRole", "PlanRole"])
def test_a_role_changes_things_in_its_own_region_alone_but_for_the_tables_replica(
    name: str, region: str
) -> None:
    own = [x for x in statements(name, region=region) if x["Sid"] not in ("Replica", "ReplicasKey")]
    found = places(own)
    assert found[region] and set(found) <= {REGION, AWAY, "*"}
    for elsewhere in set(found) - {region}:
        verbs = [action.partition(":")[2] for action in found[elsewhere]]
        globally = {"route53", "cloudfront", "wafv2"}
        assert all(
            verb.startswith(READING) or action.partition(":")[0] in globally
            for verb, action in zip(verbs, found[elsewhere], strict=True)
        ), (elsewhere, found[elsewhere])


def deploys(region: str, environment: str, where: str) -> bool:
    """Whether the deploy role of a region's stack may deploy the environment in a region."""
    stack = f"arn:aws:cloudformation:{where}:{ACCOUNT}:stack/{STACKS[environment]}/1"
    found = statements("DeployRole", environment, region)
    return allows(found, Request("cloudformation:ExecuteChangeSet", stack))


def test_production_is_deployed_in_two_regions_by_two_roles_and_in_no_third_one() -> None:
    assert deploys(REGION, "production", REGION) and deploys(AWAY, "production", AWAY)
    for region in (REGION, AWAY):
        for where in {REGION, AWAY, "eu-west-1"} - {region}:
            assert not deploys(region, "production", where)


def test_what_has_no_replica_has_no_role_in_another_region() -> None:
    book = load_book()
    for environment in load(ROOT / "environments"):
        if environment.name != "local":
            place = place_of(book, "environment", environment)
            replica = environment.dynamodb.replica_region
            wanted = {environment.region, *([replica] if replica else [])}
            assert set(place.regions(book.stack("delivery"))) == wanted
    assert not {*HOMES, "StandbyRole"} & set(resources("production"))
    assert not deploys(REGION, "staging", AWAY)


# What DynamoDB asks of whoever adds a replica, in the replica's region (AWS's developer guide, on
# global tables' security), and what CloudFormation does there to a replica that is there.
ADDS = [*ROWS, "CreateTable", "CreateTableReplica"]
SETTLES = ["DescribeTable", "TagResource", "UpdateContinuousBackups", "UpdateTable"]


@pytest.mark.parametrize("verb", [*ADDS, *SETTLES])
def test_the_home_region_makes_the_tables_replica_and_no_other_table_there(verb: str) -> None:
    def may(environment: str, table: str, where: str, region: str = REGION) -> bool:
        there = f"arn:aws:dynamodb:{where}:{ACCOUNT}:table/{table}"
        request = Request(f"dynamodb:{verb}", there)
        return allows(statements("ExecutionRole", environment, region), request)

    assert may("production", "skafu-production", AWAY)
    assert not may("production", "another", AWAY)
    assert not may("production", "skafu-production", "eu-west-1")
    # At home, where people's points are, and by the region that stands by: no rows.
    if verb in ROWS:
        assert not may("production", "skafu-production", REGION)
        assert not may("production", "skafu-production", AWAY, region=AWAY)
    # An environment without a replica makes none.
    assert not may("staging", "skafu-staging", AWAY)


def test_the_replica_is_encrypted_with_that_regions_key_by_dynamodb_alone() -> None:
    key = f"arn:aws:kms:{AWAY}:{ACCOUNT}:key/1"
    for service, allowed in (("dynamodb", True), ("s3", False)):
        context = {"kms:ViaService": f"{service}.{AWAY}.amazonaws.com"}
        request = Request("kms:CreateGrant", key, context)
        assert allows(statements("ExecutionRole"), request) is allowed


# What `failover standby` asks of home, and of the copy of the table, beside what a deployment asks.
STACK_AT_HOME = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1"
ASKED = {
    "cloudformation:DescribeStacks": STACK_AT_HOME,
    "cloudformation:DescribeStackResource": STACK_AT_HOME,
    "cloudformation:ListStackResources": STACK_AT_HOME,
    "cognito-idp:DescribeUserPool": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_a",
    "dynamodb:DescribeTable": f"arn:aws:dynamodb:{AWAY}:{ACCOUNT}:table/skafu-production",
    "lambda:GetAlias": FUNCTION,
    "lambda:GetFunctionConfiguration": f"{FUNCTION}:live",
    "s3:GetObject": f"arn:aws:s3:::{HOME_BUCKET}/parts/1",
    "s3:ListBucket": f"arn:aws:s3:::{HOME_BUCKET}",
    "ssm:GetParameter": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/skafu/{STACK}/release",
}


@pytest.mark.parametrize(("action", "resource"), ASKED.items())
def test_who_deploys_what_stands_by_sees_what_home_runs(action: str, resource: str) -> None:
    assert allows(statements("DeployRole", region=AWAY), Request(action, resource))
    # No other account's nor stack's.
    other = resource.replace(STACK, "other").replace("skafu-", "other-").replace(HOME_BUCKET, "x")
    if other != resource:
        assert not allows(statements("DeployRole", region=AWAY), Request(action, other))


def test_it_reads_at_home_and_changes_nothing() -> None:
    for name in HOMES:
        for action, _ in actions_of(statements(name, region=AWAY)):
            assert action.partition(":")[2].startswith(READING)
    release = f"arn:aws:s3:::{HOME_BUCKET}/releases/{STACK}/1.json"
    assert allows(statements("DeployRole", region=AWAY), Request("s3:GetObject", release))
    assert not allows(statements("DeployRole", region=AWAY), Request("s3:PutObject", release))


def test_nights_have_a_role_of_their_own() -> None:
    night = role("StandbyRole", region=AWAY)
    assert trusts(night, token(f"repo:{OURS}:environment:production-standby"))
    environments = [*IN_ACCOUNTS, *(f"{each}-plan" for each in IN_ACCOUNTS), "staging-standby"]
    others = [f"repo:{OURS}:environment:{each}" for each in environments]
    for sub in (*STRANGERS.values(), *others):
        assert not trusts(night, token(sub))
    for name in ("DeployRole", "PlanRole"):
        there = role(name, region=AWAY)
        assert not trusts(there, token(f"repo:{OURS}:environment:production-standby"))


# What `failover prepare` does there, and what `failover --dry-run` looks at in both regions.
PREPARING = {
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminSetUserPassword",
    "cognito-idp:CreateUserPoolClient",
    "cognito-idp:ListUserPoolClients",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "kms:Decrypt",
    "kms:DescribeKey",
}
LOOKING = {
    "cloudformation:DescribeStackResource",
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "lambda:GetFunctionConfiguration",
}


def test_a_night_makes_who_is_missing_looks_at_both_regions_and_does_nothing_else() -> None:
    found = places(statements("StandbyRole", region=AWAY))
    assert found[AWAY] == PREPARING | LOOKING
    assert found[REGION] == LOOKING
    assert set(found) == {REGION, AWAY}
    table = f"arn:aws:dynamodb:{AWAY}:{ACCOUNT}:table/skafu-production"
    for key, allowed in {"member#1": True, "t1#points": False, "region": False}.items():
        request = Request("dynamodb:PutItem", table, {"dynamodb:LeadingKeys": key})
        assert allows(statements("StandbyRole", region=AWAY), request) is allowed


@pytest.mark.parametrize("name", [f"{STACK}-metrics", f"CodeDeployHook_{STACK}-validate"])
def test_what_runs_is_compared_function_by_function_hooks_too(name: str) -> None:
    for where in (REGION, AWAY):
        function = f"arn:aws:lambda:{where}:{ACCOUNT}:function:{name}:live"
        request = Request("lambda:GetFunctionConfiguration", function)
        for who in ("StandbyRole", "DeployRole"):
            assert allows(statements(who, region=AWAY), request), (who, where)
    alias = Request("lambda:GetAlias", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
    assert allows(statements("DeployRole", region=AWAY), alias)


def test_those_who_stand_in_are_written_where_nights_may_write() -> None:
    assert stand_in_item("a", "b", 1)["pk"] == "member#a"


# --- what CloudFormation does ---------------------------------------------------------------------


@cache
def kinds() -> Mapping[str, bool]:
    """Type of resource -> whether each of that type outlives its stack, over all environments."""
    found: dict[str, bool] = {}
    for environment in ENVIRONMENTS:
        for resource in resolved(environment).values():
            kept = str(resource.get("UpdateReplacePolicy", "")).startswith("Retain")
            found[resource["Type"]] = found.get(resource["Type"], True) and kept
    return found


def needs(kind: str) -> set[str]:
    """What CloudFormation says that it does to make, read, change and - where nothing is retained -
    delete a resource of this type, in its registry's schema.
    """
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    handlers = ["create", "read", "update"] + ([] if kinds()[kind] else ["delete"])
    return {
        action
        for name in handlers
        for action in schema.get("handlers", {}).get(name, {}).get("permissions", ())
    }


def excused(action: str) -> bool:
    service, _, verb = action.partition(":")
    if service in ("dynamodb", "application-autoscaling") and verb == "Describe*":
        return True  # named one by one
    if service == "dynamodb" and verb in (*ROWS, *ON_TABLES):
        return True
    return any(action.startswith(each) for each in NOT_USED)


def made_by_template() -> set[str]:
    return set(kinds()) - {"AWS::CloudFormation::Stack"}


@pytest.mark.parametrize("kind", sorted(made_by_template()))
def test_cloudformation_may_do_what_a_type_of_resource_needs(kind: str) -> None:
    allowed = {action.lower() for action, _ in actions_of(statements("ExecutionRole"))}
    lacking = {each for each in needs(kind) if each.lower() not in allowed and not excused(each)}
    # The template's clients of the pool have neither a role nor a policy of their own.
    if kind.startswith("AWS::Cognito"):
        lacking -= {"iam:PutRolePolicy", "iam:DeleteRolePolicy", "cloudfront:updateDistribution"}
    assert lacking == set()


@pytest.mark.parametrize(
    "action",
    [
        "dynamodb:DeleteTable",
        "cognito-idp:DeleteUserPool",
        "s3:DeleteBucket",
        "kms:ScheduleKeyDeletion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:CreateUser",
        "iam:CreatePolicyVersion",
    ],
)
def test_what_cannot_be_made_good_again_is_nobodys_right(action: str) -> None:
    for environment in IN_ACCOUNTS:
        named = {
            each for _, found in every_statement(environment) for each in many(found["Action"])
        }
        assert action not in named


def test_a_role_is_made_within_the_boundary_or_not_at_all() -> None:
    a_role = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-MetricsRole-1"
    boundary = str({"Ref": "Boundary"})
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"):
        request = f"iam:{action}"
        assert may("ExecutionRole", request, a_role, iam__PermissionsBoundary=boundary)
        assert not may("ExecutionRole", request, a_role)
        assert not may("ExecutionRole", request, a_role, iam__PermissionsBoundary="arn:other")


@pytest.mark.parametrize("name", ["DeployRole", "ExecutionRole", "PlanRole"])
def test_whoever_makes_or_executes_change_sets_may_transform_the_template(name: str) -> None:
    transform = f"arn:aws:cloudformation:{REGION}:aws:transform/Serverless-2016-10-31"
    assert may(name, "cloudformation:CreateChangeSet", transform)


def test_what_it_makes_it_passes_to_those_alone_that_the_template_gives_roles() -> None:
    a_role = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-MetricsRole-1"
    passes = {"lambda": True, "codedeploy": True, "appconfig": True, "ec2": False, "ecs": False}
    for service, passed in passes.items():
        told = f"{service}.amazonaws.com"
        assert may("ExecutionRole", "iam:PassRole", a_role, iam__PassedToService=told) is passed
    assert not may("ExecutionRole", "iam:PassRole", "arn:aws:iam::1:role/admin")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_the_template_gives_to_its_roles_is_within_the_boundary(environment: str) -> None:
    within = {action for action, _ in actions_of(statements("Boundary"))}
    for name, properties in of_type(resolved(environment), "AWS::IAM::Role").items():
        for policy in properties.get("Policies", ()):
            for action, _ in actions_of(policy["PolicyDocument"]["Statement"]):
                assert action in within, name


def test_the_boundary_gives_no_way_to_more() -> None:
    services = {action.partition(":")[0] for action, _ in actions_of(statements("Boundary"))}
    assert not {"iam", "sts", "cloudformation", "s3", "ssm", "organizations"} & services


def test_interfaces_are_lambdas_to_make_and_not_the_functions_code() -> None:
    found = statements("Boundary")
    networks = [each for each in found if any("ec2:" in action for action in each["Action"])]
    [statement] = networks
    named = ("NetworkInterface", "Addresses")
    assert all(any(part in each for part in named) for each in statement["Action"][:4])
    by_lambda = Request("ec2:CreateNetworkInterface")
    by_code = Request(by_lambda.action, context={"lambda:SourceFunctionArn": FUNCTION})
    assert allows(found, by_lambda)
    assert not allows(found, by_code)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_role_of_the_template_is_within_the_boundary_that_a_deployment_names(
    environment: str,
) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/skafu-delivery-Boundary-1"
    bound = of_type(resolved(environment, PermissionsBoundaryArn=boundary), "AWS::IAM::Role")
    assert bound
    for name, properties in bound.items():
        assert properties.get("PermissionsBoundary") == boundary, name
    free = of_type(resolved(environment), "AWS::IAM::Role")
    assert all("PermissionsBoundary" not in properties for properties in free.values())
