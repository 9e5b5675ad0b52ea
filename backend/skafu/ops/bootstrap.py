"""The first people and machines of an environment: a tenant, its admin, a machine client.

Nobody can invite the first admin, and no admin can make the first machine client, so an operator
with AWS credentials of the account does both. Everything is looked for first: a second run changes
nothing.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from skafu.ops.environments import NAMES, load
from skafu.ops.generated import ROOT
from skafu.shared import aws
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Identity, Kind, Role, random_id
from skafu.shared.membership import Members

RESOURCE_SERVER = "skafu"
OUTPUTS = ("UserPoolId", "TableName")


@dataclass(frozen=True)
class Person:
    """Who signs in with an address: invited by mail, unless there is a password already."""

    email: str
    name: str
    password: str | None = None


@dataclass(frozen=True)
class Machine:
    """A client that signs in by itself. `is_new` tells whether this run has made it."""

    client_id: str
    secret: str
    is_new: bool


class Directory(Protocol):
    """Who can sign in, and how."""

    def person(self, person: Person) -> str:
        """The subject of the person with this address, who is made if there is none."""

    def machine(self, name: str) -> Machine:
        """The client of this name, which is made with every scope of the API."""


class CognitoDirectory:
    """Signing in by a Cognito user pool; `client` is a botocore client of cognito-idp."""

    def __init__(self, client: Any, pool: str) -> None:
        self._client = client
        self._pool = pool

    def person(self, person: Person) -> str:
        name = {"UserPoolId": self._pool, "Username": person.email}
        try:
            user = self._client.admin_get_user(**name)
            return _subject(user["UserAttributes"])
        except self._client.exceptions.UserNotFoundException:
            pass
        attributes = [
            {"Name": "email", "Value": person.email},
            {"Name": "name", "Value": person.name},
            {"Name": "email_verified", "Value": "true"},
        ]
        delivery: dict[str, Any] = (
            {"DesiredDeliveryMediums": ["EMAIL"]}
            if person.password is None
            else {"MessageAction": "SUPPRESS"}
        )
        user = self._client.admin_create_user(**name, UserAttributes=attributes, **delivery)["User"]
        if person.password is not None:
            self._client.admin_set_user_password(**name, Password=person.password, Permanent=True)
        return _subject(user["Attributes"])

    def machine(self, name: str) -> Machine:
        pages = self._client.get_paginator("list_user_pool_clients").paginate(UserPoolId=self._pool)
        for page in pages:
            for known in page["UserPoolClients"]:
                if known["ClientName"] == name:
                    found = self._client.describe_user_pool_client(
                        UserPoolId=self._pool, ClientId=known["ClientId"]
                    )["UserPoolClient"]
                    return Machine(found["ClientId"], found["ClientSecret"], is_new=False)
        made = self._client.create_user_pool_client(
            UserPoolId=self._pool,
            ClientName=name,
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=self._scopes(),
            # Named, because the default would let people sign in through it.
            ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
            EnableTokenRevocation=True,
            PreventUserExistenceErrors="ENABLED",
        )["UserPoolClient"]
        return Machine(made["ClientId"], made["ClientSecret"], is_new=True)

    def _scopes(self) -> list[str]:
        server = self._client.describe_resource_server(
            UserPoolId=self._pool, Identifier=RESOURCE_SERVER
        )["ResourceServer"]
        return [f"{RESOURCE_SERVER}/{scope['ScopeName']}" for scope in server["Scopes"]]


@dataclass(frozen=True)
class Founded:
    """What there is after a bootstrap."""

    admin: Identity
    machine: Machine


def bootstrap(directory: Directory, members: Members, person: Person, machine_name: str) -> Founded:
    """Make what is missing of the first tenant, its admin and its machine client.

    Raises Conflict when the machine belongs to another tenant already.
    """
    subject = directory.person(person)
    admin = members.member(subject) or members.create_tenant(subject, Kind.PERSON)
    machine = directory.machine(machine_name)
    members.add_member(machine.client_id, Kind.MACHINE, admin.tenant, Role.EDITOR)
    return Founded(admin, machine)


def outputs(cloudformation: Any, stack: str, needed: Sequence[str] = OUTPUTS) -> dict[str, str]:
    """A stack's outputs by name. Raises KeyError naming the needed ones that are missing."""
    [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    values = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
    if missing := [name for name in needed if name not in values]:
        raise KeyError(f"the stack {stack} has no output {', '.join(missing)}")
    return values


def connect(values: Mapping[str, str]) -> tuple[CognitoDirectory, Members]:
    """The directory and the members of a deployed stack, by its outputs."""
    directory = CognitoDirectory(aws.client("cognito-idp"), values["UserPoolId"])
    table = DynamoTable(aws.client("dynamodb"), values["TableName"])
    return directory, Members(table, system_clock, random_id)


def main(arguments: Sequence[str]) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops bootstrap", description=__doc__)
    parser.add_argument("--environment", required=True, choices=NAMES)
    parser.add_argument(
        "--stack", help="the stack's name, if not the one of the environment's file"
    )
    parser.add_argument("--email", required=True, help="of the admin, who is sent an invitation")
    parser.add_argument("--name", help="of the admin, if not what stands before the @")
    parser.add_argument("--machine", default="bootstrap", metavar="NAME", help="(%(default)s)")
    options = parser.parse_args(arguments)
    stack = options.stack or next(
        each.stack_name for each in load(ROOT / "environments") if each.name == options.environment
    )
    admin = Person(options.email, options.name or options.email.partition("@")[0])
    directory, members = connect(outputs(aws.client("cloudformation"), stack))
    founded = bootstrap(directory, members, admin, options.machine)
    print(report(founded, options.email))
    return 0


def report(founded: Founded, email: str) -> str:
    """What the operator has to know; a secret is told by the run that made it, and never again."""
    machine = founded.machine
    secret = machine.secret if machine.is_new else "(told when the client was made)"
    return (
        f"tenant          {founded.admin.tenant}\n"
        f"admin           {email}\n"
        f"machine client  {machine.client_id}\n"
        f"machine secret  {secret}"
    )


def _subject(attributes: list[dict[str, str]]) -> str:
    return next(each["Value"] for each in attributes if each["Name"] == "sub")
