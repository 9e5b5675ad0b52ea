"""An environment's private network: what is in it, what it reaches, what is written down of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from skafu.ops.environments import Environment, load
from tests.support.policies import Request, allows, many
from tests.support.transformed import ACCOUNT, REGION, ROOT, Resolver, of_type, written

type Json = Any

TEMPLATE: dict[str, Json] = written("infrastructure/network.yaml")
IN_ACCOUNTS = [each for each in load(ROOT / "environments") if each.network]
NAMES = [each.name for each in IN_ACCOUNTS]
SERVICES = (
    *("appconfigdata", "cognito-idp", "kms", "logs", "monitoring"),
    *("secretsmanager", "sns", "sqs", "ssm", "xray"),
)


def made(environment: str, endpoints: tuple[str, ...] = ()) -> dict[str, Json]:
    """The resources of an environment, with these interface endpoints besides its own."""
    template: dict[str, Json] = json.loads(json.dumps(TEMPLATE))
    for name, resource in template["Resources"].items():
        if resource["Properties"].get("ServiceName", "") and resource.get("Condition"):
            service = resource["Properties"]["ServiceName"]["Fn::Sub"].rpartition(".")[2]
            if service in endpoints:
                template["Mappings"]["Environments"][environment][name[: -len("Endpoint")]] = "on"
    resolver = Resolver(template, {"EnvironmentName": environment})
    return {
        name: resolver.resolve(each)
        for name, each in template["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


def endpoints(resources: dict[str, Json]) -> dict[str, Json]:
    """By service."""
    found = of_type(resources, "AWS::EC2::VPCEndpoint").values()
    return {each["ServiceName"].removeprefix(f"com.amazonaws.{REGION}."): each for each in found}


def through(endpoint: Json, action: str, resource: str, **context: str) -> bool:
    """Whether an endpoint lets a request pass."""
    told = {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}
    told |= {f"aws:{name}": value for name, value in context.items()}
    return allows(endpoint["PolicyDocument"]["Statement"], Request(action, resource, told))


@pytest.mark.parametrize("environment", IN_ACCOUNTS, ids=NAMES)
def test_a_network_is_as_its_environments_file_says(environment: Environment) -> None:
    resources, network = made(environment.name), environment.network
    assert network
    assert resources["Network"]["Properties"]["CidrBlock"] == network.cidr
    assert resources["FlowLogs"]["Properties"]["RetentionInDays"] == network.flow_log_days
    assert set(endpoints(resources)) == {"dynamodb", "s3", *network.interface_endpoints}


def test_networks_do_not_overlap() -> None:
    """They may be joined one day."""
    ranges = {each.network.cidr for each in IN_ACCOUNTS if each.network}
    assert len(ranges) == len(IN_ACCOUNTS)


def test_there_is_a_subnet_in_each_of_three_zones() -> None:
    subnets = list(of_type(made("production"), "AWS::EC2::Subnet").values())
    zones = [each["AvailabilityZone"]["Fn::Select"][0] for each in subnets]
    blocks = [each["CidrBlock"]["Fn::Select"][0] for each in subnets]
    assert zones == blocks == [0, 1, 2]
    assert not any(each["MapPublicIpOnLaunch"] for each in subnets)


def test_no_way_leads_to_the_internet_or_from_there() -> None:
    kinds = {each["Type"] for each in TEMPLATE["Resources"].values()}
    doors = "InternetGateway NatGateway Route EIP VPCPeeringConnection TransitGatewayAttachment"
    assert not kinds & {f"AWS::EC2::{each}" for each in doors.split()}


def test_each_subnet_has_the_routes_of_the_gateway_endpoints() -> None:
    resources = made("production")
    ways = of_type(resources, "AWS::EC2::SubnetRouteTableAssociation").values()
    assert {each["SubnetId"]["Ref"] for each in ways} == set(of_type(resources, "AWS::EC2::Subnet"))
    [table] = {each["RouteTableId"]["Ref"] for each in ways}
    for service in ("dynamodb", "s3"):
        assert endpoints(resources)[service]["RouteTableIds"] == [{"Ref": table}]


# --- who may talk to whom -------------------------------------------------------------------------


def rules(kind: str) -> Iterator[Json]:
    """Of all groups, with every endpoint there could be."""
    for group in of_type(made("production", SERVICES), "AWS::EC2::SecurityGroup").values():
        yield from group.get(kind, ())


def test_nobody_is_let_in_but_functions_into_endpoints() -> None:
    [rule] = rules("SecurityGroupIngress")
    assert rule["SourceSecurityGroupId"] == {"Ref": "FunctionsGroup"}
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    assert not {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(rule)


def test_functions_say_what_they_say_encrypted_and_endpoints_begin_nothing() -> None:
    ways = {(each.get("FromPort"), each["CidrIp"]) for each in rules("SecurityGroupEgress")}
    assert ways == {(443, "0.0.0.0/0"), (None, "127.0.0.1/32")}


def test_nothing_is_in_the_default_group() -> None:
    """CloudFormation cannot take its rules away; a group without members lets nobody in."""
    for each in endpoints(made("production", SERVICES)).values():
        if each["VpcEndpointType"] == "Interface":
            assert each["SecurityGroupIds"] == [{"Ref": "EndpointsGroup"}]
    names = {"DefaultSecurityGroup", "Network.DefaultSecurityGroup"}
    assert not any(each in json.dumps(TEMPLATE) for each in names)


# --- what passes through endpoints ----------------------------------------------------------------


@pytest.mark.parametrize("environment", NAMES)
def test_rows_of_the_environments_table_pass_and_of_no_other(environment: str) -> None:
    gateway = endpoints(made(environment))["dynamodb"]
    tables = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
    for action in ("PutItem", "Query", "BatchGetItem", "ConditionCheckItem"):
        assert through(gateway, f"dynamodb:{action}", f"{tables}/skafu-{environment}")
    assert through(gateway, "dynamodb:Query", f"{tables}/skafu-{environment}/index/GSI1")
    assert through(gateway, "dynamodb:Query", f"{tables}/skafu-{environment}-restored-1")
    assert not through(gateway, "dynamodb:PutItem", f"{tables}/mine")
    elsewhere = f"{tables}/skafu-{environment}".replace(ACCOUNT, "999999999999")
    assert not through(gateway, "dynamodb:PutItem", elsewhere)
    assert not through(gateway, "dynamodb:DeleteTable", f"{tables}/skafu-{environment}")


def test_the_gateway_to_buckets_reads_skafus_and_writes_none() -> None:
    gateway = endpoints(made("production"))["s3"]
    artefact = "arn:aws:s3:::skafu-foundation-artefactbucket-1/parts/1"
    assert through(gateway, "s3:GetObject", artefact)
    assert through(gateway, "s3:GetObject", "arn:aws:s3:::skafu-prod-consolebucket-1/index.html")
    assert not through(gateway, "s3:PutObject", artefact)
    assert not through(gateway, "s3:GetObject", "arn:aws:s3:::somebodys/1")
    # The same name in another account.
    assert not through(gateway, "s3:GetObject", artefact, ResourceAccount="999999999999")


@pytest.mark.parametrize("service", SERVICES)
def test_an_interface_endpoint_is_there_when_it_is_asked_for(service: str) -> None:
    assert service not in endpoints(made("staging"))
    found = endpoints(made("staging", (service,)))[service]
    assert len(found["SubnetIds"]) == 3
    assert found["PrivateDnsEnabled"]


@pytest.mark.parametrize("service", ["dynamodb", "s3", *SERVICES])
def test_nobody_elses_credentials_pass(service: str) -> None:
    found = endpoints(made("staging", SERVICES))[service]
    for statement in found["PolicyDocument"]["Statement"]:
        for action in many(statement["Action"]):
            for resource in many(statement["Resource"]):
                asked = (action.replace("*", "Any"), resource)
                assert through(found, *asked)
                assert not through(found, *asked, PrincipalAccount="999999999999")
                if service != "dynamodb":  # whose tables are named with their account
                    assert not through(found, *asked, ResourceAccount="999999999999")


# --- what is written down -------------------------------------------------------------------------


def test_what_went_through_is_written_down_encrypted() -> None:
    resources = made("production")
    [log] = of_type(resources, "AWS::EC2::FlowLog").values()
    assert (log["ResourceId"], log["TrafficType"]) == ({"Ref": "Network"}, "ALL")
    assert log["LogGroupName"] == {"Ref": "FlowLogs"}
    group = resources["FlowLogs"]["Properties"]
    assert group["KmsKeyId"] == {"Fn::GetAtt": ["FlowKey", "Arn"]}


def test_the_key_turns_over_and_opens_for_that_log_alone() -> None:
    resources = made("production")
    key = resources["FlowKey"]["Properties"]
    assert key["EnableKeyRotation"]
    _, logs = key["KeyPolicy"]["Statement"]
    assert logs["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}
    name = resources["FlowLogs"]["Properties"]["LogGroupName"]
    [group] = logs["Condition"]["ArnEquals"].values()
    assert group == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"


def test_only_this_accounts_network_writes_there() -> None:
    [trust] = made("production")["FlowLogsRole"]["Properties"]["AssumeRolePolicyDocument"][
        "Statement"
    ]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


@pytest.mark.parametrize("environment", NAMES)
def test_others_find_it_by_its_environments_name(environment: str) -> None:
    kept = of_type(made(environment), "AWS::SSM::Parameter").values()
    place = f"/skafu/{environment}/network"
    assert {each["Name"] for each in kept} == {
        f"{place}/{name}" for name in ("id", "subnets", "functions-group")
    }
