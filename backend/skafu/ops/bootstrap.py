"""The first people and machines of an environment: a tenant, its admin, a machine client.

Nobody can invite the first admin, and no admin can make the first machine client, so an operator
with AWS credentials of the account does both. Everything is looked for first: a second run changes
nothing.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from skafu.ops.environments import NAMES, load
from skafu.ops.generated import ROOT
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Identity, Kind, Role, random_id
from skafu.shared.membership import Members, Profile
from skafu.shared.table import Table
from skafu.workspace.clients.app_clients import CognitoAppClients
from skafu.workspace.clients.model import Client
from skafu.workspace.clients.store import ClientStore
from skafu.workspace.conflicts import Transactions
from skafu.workspace.members.cognito import BY_MAIL, WITHOUT_MAIL, CognitoAccounts
from skafu.workspace.pool import Pool

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
    scopes: tuple[str, ...] = ()


class Directory(Protocol):
    """Who can sign in, and how."""

    def person(self, person: Person) -> str:
        """The subject of the person with this address, who is made if there is none."""

    def machine(self, name: str) -> Machine:
        """The client of this name, which is made with every scope of the API."""


class CognitoDirectory:
    """Signing in by a Cognito user pool; `client` is a botocore client of cognito-idp."""

    def __init__(self, client: Any, pool: str) -> None:
        self._pool = Pool(client, pool)
        self._accounts = CognitoAccounts(self._pool)
        self._app_clients = CognitoAppClients(self._pool)

    def person(self, person: Person) -> str:
        known = self._accounts.find(person.email)
        if known is not None:
            return known.subject
        delivery = BY_MAIL if person.password is None else WITHOUT_MAIL
        made = self._accounts.create(person.email, person.name, delivery)
        if person.password is not None:
            self._pool.call(
                "admin_set_user_password",
                Username=person.email,
                Password=person.password,
                Permanent=True,
            )
        return made.subject

    def machine(self, name: str) -> Machine:
        known = self._app_clients.labelled(name)
        if known:
            found = self._pool.call("describe_user_pool_client", ClientId=known[0])[
                "UserPoolClient"
            ]
            scopes = tuple(found.get("AllowedOAuthScopes", ()))
            return Machine(found["ClientId"], found["ClientSecret"], False, scopes)
        scopes = self._scopes()
        made = self._app_clients.create(name, scopes)
        return Machine(made.client_id, made.secret, True, scopes)

    def _scopes(self) -> tuple[str, ...]:
        server = self._pool.call("describe_resource_server", Identifier=RESOURCE_SERVER)[
            "ResourceServer"
        ]
        return tuple(f"{RESOURCE_SERVER}/{scope['ScopeName']}" for scope in server["Scopes"])


@dataclass(frozen=True)
class Founded:
    """What there is after a bootstrap."""

    admin: Identity
    machine: Machine


@dataclass(frozen=True)
class Workspace:
    """Where tenants, their members and their machine clients are kept."""

    members: Members
    clients: ClientStore
    clock: Clock

    @classmethod
    def over(cls, table: Table, clock: Clock) -> Self:
        """The one of a deployed stack's table."""
        members = Members(table, clock, random_id)
        return cls(members, ClientStore(table, Transactions(table)), clock)


def bootstrap(
    directory: Directory, workspace: Workspace, person: Person, machine_name: str
) -> Founded:
    """Make what is missing of the first tenant, its admin and its machine client, which the admin
    then finds among the others.

    Raises Conflict when the machine belongs to another tenant already.
    """
    members, subject = workspace.members, directory.person(person)
    profile = Profile(person.email.lower(), person.name)
    known = members.member(subject)
    admin = known or members.create_tenant(subject, Kind.PERSON, profile)
    machine = directory.machine(machine_name)
    members.add_member(machine.client_id, Kind.MACHINE, admin.tenant, Role.EDITOR)
    client = Client(
        id=random_id(),
        name=machine_name,
        role=Role.EDITOR,
        scopes=machine.scopes,
        created=workspace.clock(),
        client_id=machine.client_id,
    )
    workspace.clients.adopt(admin.tenant, client)
    return Founded(admin, machine)


def outputs(cloudformation: Any, stack: str, needed: Sequence[str] = OUTPUTS) -> dict[str, str]:
    """A stack's outputs by name. Raises KeyError naming the needed ones that are missing."""
    [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    values = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
    if missing := [name for name in needed if name not in values]:
        raise KeyError(f"the stack {stack} has no output {', '.join(missing)}")
    return values


def connect(values: Mapping[str, str]) -> tuple[CognitoDirectory, Workspace]:
    """The directory and the workspace of a deployed stack, by its outputs."""
    directory = CognitoDirectory(aws.client("cognito-idp"), values["UserPoolId"])
    table = DynamoTable(aws.client("dynamodb"), values["TableName"])
    return directory, Workspace.over(table, system_clock)


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
    directory, workspace = connect(outputs(aws.client("cloudformation"), stack))
    founded = bootstrap(directory, workspace, admin, options.machine)
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
