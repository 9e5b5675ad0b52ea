"""Functions in the environment's private network: which of them, where, and what it gives them."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from skafu.ops.build_record import ENVIRONMENTS
from skafu.ops.configuration import mapping_of
from skafu.ops.environments import load
from skafu.ops.transformed import section
from tests.support.policies import Request, allows, many
from tests.support.transformed import (
    ACCOUNT,
    REGION,
    ROOT,
    Resolver,
    of_type,
    resolved,
    transformed,
    written,
)

type Json = Any

GIVEN = {"VpcSubnetIds": "subnet-1,subnet-2,subnet-3", "VpcSecurityGroupId": "sg-1"}
ALONE = {"MetricsFunction"}
"""What calls nothing but the table."""
BY_SERVICE = {
    "appconfigdata": {"MetricsCompactorFunction"},
    "cognito-idp": {"WorkspaceFunction"},
    "sqs": {"AlertEvaluatorFunction", "AlertSweeperFunction"},
}
# Lambda itself writes logs and traces and sends what failed, from outside of the network; its
# pollers read the stream and take messages from queues.
BY_LAMBDA = ("logs:", "xray:", "ec2:", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueue")
SERVICES = {"appconfig": "appconfigdata"}


@cache
def _attached(services: tuple[str, ...]) -> str:
    production = next(each for each in load(ROOT / "environments") if each.name == "production")
    assert production.network
    changes = {"functions_attached": True, "interface_endpoints": list(services)}
    network = production.network.model_copy(update=changes)
    made = transformed("production")
    made["Mappings"]["Environments"]["production"] = mapping_of(
        production.model_copy(update={"network": network})
    )
    return json.dumps(section("Resources", made, "production", GIVEN))


def attached(*services: str) -> dict[str, Json]:
    """Production's resources when its file attaches functions and asks for these endpoints."""
    found: dict[str, Json] = json.loads(_attached(services))
    return found


def in_network(resources: dict[str, Json]) -> dict[str, Json]:
    """The functions that are, by their names."""
    functions = of_type(resources, "AWS::Lambda::Function")
    return {name: each for name, each in functions.items() if "VpcConfig" in each}


def statements(resources: dict[str, Json], function: str) -> Iterator[Json]:
    """Of a function's role."""
    role = resources[resources[function]["Properties"]["Role"]["Fn::GetAtt"][0]]
    for policy in role["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def makes_interfaces(resources: dict[str, Json]) -> set[str]:
    """The roles that do."""
    roles = of_type(resources, "AWS::IAM::Role")
    return {name for name, role in roles.items() if "ec2:" in json.dumps(role)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_functions_are_in_no_network_unless_the_environments_file_says_so(environment: str) -> None:
    for parameters in ({}, GIVEN):
        found = resolved(environment, **parameters)
        assert not in_network(found)
        assert not makes_interfaces(found)


def test_without_a_network_the_files_word_attaches_nothing() -> None:
    """A deployment by hand that names none does not take the functions' way to the table away."""
    found = resolved("production", VpcSecurityGroupId="")
    assert not in_network(found)


@pytest.mark.parametrize("services", [(), *((each,) for each in BY_SERVICE), tuple(BY_SERVICE)])
def test_attached_is_what_reaches_everything_that_it_calls(services: tuple[str, ...]) -> None:
    found = attached(*services)
    wanted = ALONE.union(*(BY_SERVICE[each] for each in services))
    assert set(in_network(found)) == wanted
    for function in in_network(found).values():
        assert function["VpcConfig"] == {
            "SubnetIds": ["subnet-1", "subnet-2", "subnet-3"],
            "SecurityGroupIds": ["sg-1"],
        }
    assert makes_interfaces(found) == {
        name.removesuffix("Function") + "Role" for name in wanted
    }, "roles are called like their functions"


def called(resources: dict[str, Json], function: str) -> set[str]:
    """The services that its code may call from within the network."""
    return {
        SERVICES.get(action.partition(":")[0], action.partition(":")[0])
        for statement in statements(resources, function)
        for action in many(statement["Action"])
        if not action.startswith(BY_LAMBDA)
        # DynamoDB uses the table's key in the caller's name; dead letters are Lambda's to send.
        and "kms:ViaService" not in json.dumps(statement)
        and statement["Resource"] != {"Fn::GetAtt": ["InvocationsDeadLetters", "Arn"]}
    }


@pytest.mark.parametrize("function", sorted(ALONE.union(*BY_SERVICE.values())))
def test_what_an_attached_function_calls_has_an_endpoint(function: str) -> None:
    """Who gives one of them a further service: it needs an endpoint, and a condition here."""
    lone = {name for name, functions in BY_SERVICE.items() if function in functions}
    found = attached(*BY_SERVICE)
    assert called(found, function) <= {"dynamodb", *lone}


@pytest.mark.parametrize("function", ["AlertsFunction", "AlertNotifierFunction"])
def test_who_calls_addresses_that_people_chose_is_never_attached(function: str) -> None:
    """The alerts' API tests channels, the notifier pages."""
    assert function not in in_network(attached(*BY_SERVICE))


@pytest.mark.parametrize("function", sorted(ALONE.union(*BY_SERVICE.values())))
def test_what_an_attached_function_does_to_the_table_passes_the_gateway(function: str) -> None:
    network = written("infrastructure/network.yaml")
    resolver = Resolver(network, {"EnvironmentName": "production"})
    gateway = resolver.resolve(network["Resources"]["TableEndpoint"])["Properties"]
    told = {"aws:PrincipalAccount": ACCOUNT}
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/skafu-production"
    for statement in statements(attached(*BY_SERVICE), function):
        for action in many(statement["Action"]):
            if action.startswith("dynamodb:") and "Stream" not in action + str(statement):
                passes = Request(action, table, told)
                assert allows(gateway["PolicyDocument"]["Statement"], passes), action


def test_the_functions_own_code_makes_no_interfaces() -> None:
    for name in in_network(found := attached(*BY_SERVICE)):
        [statement] = [each for each in statements(found, name) if "ec2:" in str(each["Action"])]
        by_lambda = Request("ec2:CreateNetworkInterface")
        by_code = Request(by_lambda.action, context={"lambda:SourceFunctionArn": "the function"})
        assert allows([statement], by_lambda)
        assert not allows([statement], by_code)


def test_another_network_is_another_version() -> None:
    """Callers hold the alias; without a new version they would stay where they were."""
    template = written()
    description = template["Resources"]["MetricsFunction"]["Properties"]["VersionDescription"]
    assert "${VpcSecurityGroupId}" in description["Fn::Sub"][0]
