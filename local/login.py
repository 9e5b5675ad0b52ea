"""Who may use the running system, and the file that tells: stack.json."""

import json
import os
import secrets
import warnings
from collections.abc import Mapping
from typing import Any

from pycognito.aws_srp import AWSSRP

from skafu.ops.bootstrap import CognitoDirectory, Person, Workspace, bootstrap
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role
from skafu.shared.membership import Profile

from local import cloud
from local.api import Api, MachineToken
from local.home import REGION, Home, Refused

MACHINE = "demo-agent"
ADMIN = "admin@example.com"
VIEWER = "viewer@example.com"
OUTSIDER = "outsider@example.com"


def found(home: Home, outputs: dict[str, str]) -> dict[str, Any]:
    """Make tenant, people and machine where they are missing, and write stack.json; its content."""
    pool = outputs["UserPoolId"]
    cognito = cloud.client(home, "cognito-idp")
    directory = CognitoDirectory(cognito, pool)
    table = DynamoTable(cloud.client(home, "dynamodb"), outputs["TableName"])
    workspace = Workspace.over(table, system_clock)
    passwords = _known_passwords(home)
    for email in (ADMIN, VIEWER, OUTSIDER):
        if email not in passwords:
            passwords[email] = f"{secrets.token_urlsafe(12)}aA1"
            directory.person(_person(email, passwords[email]))
            # The person may be older than stack.json, whose passwords are the ones that count.
            cognito.admin_set_user_password(
                UserPoolId=pool, Username=email, Password=passwords[email], Permanent=True
            )
    there = bootstrap(directory, workspace, _person(ADMIN, passwords[ADMIN]), MACHINE)
    viewer = directory.person(_person(VIEWER, passwords[VIEWER]))
    profile = Profile(VIEWER, _person(VIEWER, "").name)
    workspace.members.add_member(viewer, Kind.PERSON, there.admin.tenant, Role.VIEWER, profile)
    roles = {ADMIN: Role.ADMIN.label, VIEWER: Role.VIEWER.label, OUTSIDER: None}
    stack = {
        "endpoint_url": home.endpoint,
        "region": REGION,
        "api_url": outputs["ApiEndpoint"],
        "console_url": outputs["ConsoleUrl"],
        "user_pool_id": pool,
        "user_pool_client_id": outputs["UserPoolClientId"],
        "machine_client_id": there.machine.client_id,
        "machine_client_secret": there.machine.secret,
        "token_url": f"{home.endpoint}/oauth2/token",
        "table_name": outputs["TableName"],
        "topic_arn": outputs["AlertsTopicArn"],
        "username": ADMIN,
        "password": passwords[ADMIN],
        "users": [
            {"username": name, "password": passwords[name], "role": role}
            for name, role in roles.items()
        ],
    }
    write(home, stack)
    return stack


def write(home: Home, stack: dict[str, Any]) -> None:
    """Write stack.json, readable by its owner alone: it holds passwords."""
    text = json.dumps(stack, indent=2) + "\n"
    descriptor = os.open(home.stack_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def read(home: Home) -> dict[str, Any]:
    """The content of stack.json. Raises Refused when there is none."""
    try:
        return dict(json.loads(home.stack_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Refused("Nothing is running here: start it with `make up`.") from None


def machine_api(home: Home) -> Api:
    """The API as the machine client of the first tenant."""
    stack = read(home)
    token = MachineToken(
        stack["token_url"],
        stack["machine_client_id"],
        stack["machine_client_secret"],
        system_clock,
    )
    return Api(stack["api_url"], token)


def admin_api(home: Home) -> Api:
    """The API as the admin, signed in as the console does: by SRP."""
    stack = read(home)
    session = AWSSRP(
        username=stack["username"],
        password=stack["password"],
        pool_id=stack["user_pool_id"],
        client_id=stack["user_pool_client_id"],
        client=cloud.client(home, "cognito-idp"),
    )
    with warnings.catch_warnings():
        # pycognito still asks for utcnow(); what it says is right.
        warnings.filterwarnings("ignore", "datetime.datetime.utcnow", DeprecationWarning)
        answer: Mapping[str, Any] = session.authenticate_user()
    token = str(answer["AuthenticationResult"]["AccessToken"])
    return Api(stack["api_url"], lambda: token)


def _person(email: str, password: str) -> Person:
    return Person(email, email.partition("@")[0].title(), password)


def _known_passwords(home: Home) -> dict[str, str]:
    if not home.stack_file.exists():
        return {}
    return {user["username"]: user["password"] for user in read(home)["users"]}
