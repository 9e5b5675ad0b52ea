"""Every function's role allows what the function needs, and nothing beside it.

That each function works with its role is proved by all the other tests here: the embedded AWS runs
with AUTH=true, so a permission that is missing is an error. What follows proves the other half.
"""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.home import STACK
from tests.integration.system import System

TRUST = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "sts:AssumeRole",
   "Principal": {"Service": "lambda.amazonaws.com", "AWS": "arn:aws:iam::000000000000:root"}}]}"""
KEY = {"pk": {"S": "nobody"}, "sk": {"S": "nothing"}}
ITEM = {**KEY, "k": {"S": "nothing"}}

HOOKS = tuple(f"CodeDeployHook_{STACK}-{end}" for end in ("validate", "watch"))

type Call = Callable[["Clients"], Any]


class Clients:
    """Clients with a function's own permissions."""

    def __init__(self, system: System, credentials: Mapping[str, str]) -> None:
        self.names = system.outputs()
        self.pool = system.stack["user_pool_id"]
        self._endpoint = system.stack["endpoint_url"]
        self._credentials = credentials

    def __call__(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload] # the name comes as an argument
            endpoint_url=self._endpoint,
            region_name="us-east-1",
            aws_access_key_id=self._credentials["AccessKeyId"],
            aws_secret_access_key=self._credentials["SecretAccessKey"],
            aws_session_token=self._credentials["SessionToken"],
        )


def table(action: str, **arguments: Any) -> Call:
    return lambda clients: getattr(clients("dynamodb"), action)(
        TableName=clients.names["TableName"], **arguments
    )


def queue(action: str, output: str, **arguments: Any) -> Call:
    return lambda clients: getattr(clients("sqs"), action)(
        QueueUrl=clients.names[output], **arguments
    )


def publish(clients: Clients) -> Any:
    topic = clients.names["AlertsTopicArn"]
    return clients("sns").publish(TopicArn=topic, Message="from a test")


def read_flags(clients: Clients) -> Any:
    application, environment, profile = clients.names["FlagsAddress"].split("/")
    return clients("appconfigdata").start_configuration_session(
        ApplicationIdentifier=application,
        EnvironmentIdentifier=environment,
        ConfigurationProfileIdentifier=profile,
    )


def make_user(clients: Clients) -> Any:
    return clients("cognito-idp").admin_create_user(UserPoolId=clients.pool, Username="a@b.example")


def set_a_password(clients: Clients) -> Any:
    return clients("cognito-idp").admin_set_user_password(
        UserPoolId=clients.pool, Username="a@b.example", Password="Long-enough-1", Permanent=True
    )


def assume_a_role(clients: Clients) -> Any:
    return clients("sts").assume_role(
        RoleArn=f"arn:aws:iam::000000000000:role/{STACK}-any", RoleSessionName="escape"
    )


def call(version: str) -> Call:
    name = f"{STACK}-workspace"
    function = name if version == "$LATEST" else f"{name}:{version}"
    return lambda clients: clients("lambda").invoke(FunctionName=function, Payload=b"{}")


def move_an_alias(clients: Clients) -> Any:
    return clients("lambda").update_alias(
        FunctionName=f"{STACK}-workspace", Name="live", FunctionVersion="1"
    )


# pylint: disable=invalid-name # constants, though they are made by calls
READ = table("get_item", Key=KEY)
PUT = table("put_item", Item=ITEM)
DELETE = table("delete_item", Key=KEY)
UPDATE = table(
    "update_item",
    Key=KEY,
    UpdateExpression="SET k = :k",
    ExpressionAttributeValues={":k": {"S": "nothing"}},
)
SCAN = table("scan")
DROP = table("delete_table")
INDEX = table(
    "query",
    IndexName="GSI1",
    KeyConditionExpression="gsi1pk = :p",
    ExpressionAttributeValues={":p": {"S": "nobody"}},
)
SEND = {"MessageBody": "from a test"}

ALLOWED: dict[str, Mapping[str, Call]] = {
    "metrics": {"read": READ, "put": PUT, "update": UPDATE},
    # It deletes late items that a manifest names.
    "metrics-compactor": {
        "read": READ,
        "put": PUT,
        "update": UPDATE,
        "delete": DELETE,
        "read flags": read_flags,
    },
    # It publishes when somebody tries a channel out.
    "alerts": {
        "read": READ,
        "put": PUT,
        "index": INDEX,
        "publish": publish,
        "read flags": read_flags,
    },
    # It deletes dashboards and machine clients, and invites people, which no other function does.
    "workspace": {
        "read": READ,
        "put": PUT,
        "delete": DELETE,
        "index": INDEX,
        "make users": make_user,
    },
    # It deletes the instances of deleted alerts.
    "alert-evaluator": {"read": READ, "put": PUT, "delete": DELETE},
    "alert-sweeper": {"read": READ, "put": PUT, "index": INDEX},
    "alert-notifier": {"read": READ, "put": PUT, "publish": publish},
    # Of which items is a condition on keys, which the embedded AWS does not look at.
    **{hook: {"read": READ, "put": PUT, "call a version": call("1")} for hook in HOOKS},
}
NEVER: Mapping[str, Call] = {
    "scan": SCAN,
    "drop the table": DROP,
    "read the parked records": queue("receive_message", "ParkedRecordsQueueUrl"),
    "purge a dead-letter queue": queue("purge_queue", "DeliveriesDeadLettersUrl"),
    "make users": make_user,
    "assume a role": assume_a_role,
}
FORBIDDEN: dict[str, Mapping[str, Call]] = {
    "metrics": {
        "read flags": read_flags,
        "delete": DELETE,
        "index": INDEX,
        "page somebody": queue("send_message", "DeliveriesQueueUrl", **SEND),
        "publish": publish,
    },
    "metrics-compactor": {
        "index": INDEX,
        "page somebody": queue("send_message", "DeliveriesQueueUrl", **SEND),
        "wake the sweeper": queue("send_message", "WakeupsQueueUrl", **SEND),
        "publish": publish,
    },
    "alerts": {
        "park records": queue("send_message", "ParkedRecordsQueueUrl", **SEND),
        "read deliveries": queue("receive_message", "DeliveriesQueueUrl"),
        "wake the sweeper": queue("send_message", "WakeupsQueueUrl", **SEND),
    },
    "workspace": {
        "read flags": read_flags,
        "set passwords": set_a_password,
        "wake the sweeper": queue("send_message", "WakeupsQueueUrl", **SEND),
        "publish": publish,
    },
    "alert-evaluator": {
        "read flags": read_flags,
        "read deliveries": queue("receive_message", "DeliveriesQueueUrl"),
        "publish": publish,
    },
    "alert-sweeper": {
        "read flags": read_flags,
        "park records": queue("send_message", "ParkedRecordsQueueUrl", **SEND),
        "read deliveries": queue("receive_message", "DeliveriesQueueUrl"),
        "publish": publish,
    },
    "alert-notifier": {
        "read flags": read_flags,
        "park records": queue("send_message", "ParkedRecordsQueueUrl", **SEND),
        "wake the sweeper": queue("send_message", "WakeupsQueueUrl", **SEND),
        "read wakeups": queue("receive_message", "WakeupsQueueUrl"),
    },
    **{
        hook: {
            "delete": DELETE,
            "update": UPDATE,
            "index": INDEX,
            "call what nobody has released": call("$LATEST"),
            "move an alias": move_an_alias,
            "page somebody": queue("send_message", "DeliveriesQueueUrl", **SEND),
            "publish": publish,
        }
        for hook in HOOKS
    },
}


@pytest.fixture(scope="module")
def role_of(system: System) -> Callable[[str], Clients]:
    """Clients with the permissions of a function, by the function's name."""
    known: dict[str, Clients] = {}

    def assume(function: str) -> Clients:
        if function not in known:
            name = function if function in HOOKS else f"{STACK}-{function}"
            found = system.aws("lambda").get_function_configuration(FunctionName=name)
            # Only Lambda may assume the role, and the embedded AWS enforces it: the test lets
            # itself in, which changes what may be assumed and not what the role may do.
            name = found["Role"].rsplit("/", 1)[-1]
            system.aws("iam").update_assume_role_policy(RoleName=name, PolicyDocument=TRUST)
            session = system.aws("sts").assume_role(
                RoleArn=found["Role"], RoleSessionName="least-privilege"
            )
            known[function] = Clients(system, session["Credentials"])
        return known[function]

    return assume


def denied(call: Call, clients: Clients) -> bool:
    """Whether the call fails for want of permission, and not for another reason."""
    try:
        call(clients)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert "AccessDenied" in code or "AuthorizationError" in code, error
        return True
    return False


@pytest.mark.parametrize(
    ("function", "action"),
    [(function, action) for function, calls in ALLOWED.items() for action in calls],
)
def test_a_role_allows_what_its_function_needs(
    role_of: Callable[[str], Clients], function: str, action: str
) -> None:
    assert not denied(ALLOWED[function][action], role_of(function))


@pytest.mark.parametrize(
    ("function", "action"),
    [(function, action) for function, calls in FORBIDDEN.items() for action in calls],
)
def test_a_role_denies_what_another_function_does(
    role_of: Callable[[str], Clients], function: str, action: str
) -> None:
    assert denied(FORBIDDEN[function][action], role_of(function))


@pytest.mark.parametrize(
    ("function", "action"),
    [
        (function, action)
        for function in FORBIDDEN
        for action in NEVER
        if action not in ALLOWED[function]
    ],
)
def test_no_role_allows_what_no_function_does(
    role_of: Callable[[str], Clients], function: str, action: str
) -> None:
    assert denied(NEVER[action], role_of(function))


def test_every_function_of_the_stack_is_looked_at(system: System) -> None:
    pages = system.aws("lambda").get_paginator("list_functions").paginate()
    names = {each["FunctionName"] for page in pages for each in page["Functions"]}
    ours = {name.removeprefix(f"{STACK}-") for name in names if STACK in name}
    assert ours == set(FORBIDDEN) == set(ALLOWED)


def test_nobody_but_lambda_assumes_a_functions_role(system: System) -> None:
    role = system.aws("iam").create_role(
        RoleName="stranger",
        AssumeRolePolicyDocument=TRUST,
    )["Role"]
    system.aws("iam").put_role_policy(
        RoleName="stranger",
        PolicyName="assume",
        PolicyDocument="""{"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}""",
    )
    session = system.aws("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="stranger")
    found = system.aws("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="WorkspaceRole"
    )["StackResourceDetail"]["PhysicalResourceId"]
    system.aws("iam").update_assume_role_policy(
        RoleName=found,
        PolicyDocument=TRUST.replace(', "AWS": "arn:aws:iam::000000000000:root"', ""),
    )
    arn = f"arn:aws:iam::000000000000:role/{found}"
    stranger = Clients(system, session["Credentials"])
    assert denied(
        lambda clients: clients("sts").assume_role(RoleArn=arn, RoleSessionName="stranger"),
        stranger,
    )
