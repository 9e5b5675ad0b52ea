from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.session import get_session
from botocore.stub import Stubber
from skafu.ops.bootstrap import (
    CognitoDirectory,
    Founded,
    Machine,
    Person,
    Workspace,
    bootstrap,
    outputs,
    report,
)
from skafu.shared import keys
from skafu.shared.errors import Conflict
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import Members, Profile
from skafu.shared.quotas import MACHINE_CLIENTS
from skafu.workspace.clients.store import ClientStore
from skafu.workspace.conflicts import Transactions

from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

POOL = "us-east-1_pool"
EMAIL = "ada@example.com"
ADA = Person(EMAIL, "Ada")
SECRET = "hush" * 8
SCOPES = ["skafu/metrics.write", "skafu/alerts.read"]


@dataclass
class Directory:
    """People by address, machines by name."""

    people: dict[str, str] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)

    def person(self, person: Person) -> str:
        return self.people.setdefault(person.email, f"sub-{len(self.people)}")

    def machine(self, name: str) -> Machine:
        if name in self.machines:
            known = self.machines[name]
            return Machine(known.client_id, known.secret, is_new=False)
        made = Machine(f"client-{name}", "secret", is_new=True)
        self.machines[name] = made
        return made


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable()


@pytest.fixture
def members(table: InMemoryTable) -> Members:
    ids = iter("abcdefgh")
    return Members(table, FakeClock(), lambda: next(ids))


@pytest.fixture
def workspace(table: InMemoryTable, members: Members) -> Workspace:
    return Workspace(members, ClientStore(table, Transactions(table)), FakeClock())


def test_the_first_run_makes_tenant_admin_and_machine(
    workspace: Workspace, members: Members
) -> None:
    there = bootstrap(Directory(), workspace, ADA, "agent")
    assert there.admin == Identity("sub-0", Kind.PERSON, "a", Role.ADMIN)
    assert there.machine == Machine("client-agent", "secret", is_new=True)
    machine = members.member("client-agent")
    assert machine == Identity("client-agent", Kind.MACHINE, "a", Role.EDITOR)


def test_the_second_run_changes_nothing(workspace: Workspace, table: InMemoryTable) -> None:
    directory = Directory()
    first = bootstrap(directory, workspace, ADA, "agent")
    stored = dict(table.items)
    second = bootstrap(directory, workspace, ADA, "agent")
    assert table.items == stored
    assert second.admin == first.admin
    assert second.machine == Machine("client-agent", "secret", is_new=False)


def test_the_admin_is_known_by_address_and_finds_the_machine_among_the_others(
    workspace: Workspace, members: Members
) -> None:
    there = bootstrap(Directory(), workspace, ADA, "agent")
    assert members.profile(there.admin.subject) == Profile(EMAIL, "Ada")
    assert members.profile("client-agent") == Profile(name="agent")
    (client,), _ = workspace.clients.page("a", 10, None)
    assert (client.name, client.client_id, client.role) == ("agent", "client-agent", Role.EDITOR)


def test_machines_of_operators_count_and_no_quota_keeps_them_out(
    workspace: Workspace, table: InMemoryTable
) -> None:
    directory = Directory()
    for number in range(MACHINE_CLIENTS + 1):
        bootstrap(directory, workspace, ADA, f"agent{number}")
    counted = table.get(keys.machine_client_count("a"))
    assert counted is not None and counted["count"] == MACHINE_CLIENTS + 1


def test_a_second_machine_joins_the_same_tenant(workspace: Workspace, members: Members) -> None:
    directory = Directory()
    bootstrap(directory, workspace, ADA, "agent")
    bootstrap(directory, workspace, ADA, "exporter")
    machine = members.member("client-exporter")
    assert machine is not None and machine.tenant == "a"


def test_a_machine_of_another_tenant_is_not_taken_over(workspace: Workspace) -> None:
    directory = Directory()
    bootstrap(directory, workspace, ADA, "agent")
    with pytest.raises(Conflict):
        bootstrap(directory, workspace, Person("bob@example.com", "Bob"), "agent")


def test_a_secret_is_told_once() -> None:
    admin = Identity("sub-0", Kind.PERSON, "a", Role.ADMIN)
    told = report(Founded(admin, Machine("client", "hush", is_new=True)), EMAIL)
    assert "hush" in told and EMAIL in told and "client" in told
    assert "hush" not in report(Founded(admin, Machine("client", "hush", is_new=False)), EMAIL)


class Cloud:
    """Answers one service's calls in the order that a test expects them."""

    def __init__(self, service: str) -> None:
        self.client = get_session().create_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.stub = Stubber(self.client)

    def expect(self, method: str, answer: dict[str, Any], **arguments: Any) -> None:
        self.stub.add_response(method, answer, arguments)


@pytest.fixture
def cognito() -> Iterator[Cloud]:
    cloud = Cloud("cognito-idp")
    with cloud.stub:
        yield cloud
        cloud.stub.assert_no_pending_responses()


def user(sub: str) -> dict[str, Any]:
    return {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}]}


def attributes() -> list[dict[str, str]]:
    return [
        {"Name": "email", "Value": EMAIL},
        {"Name": "name", "Value": "Ada"},
        {"Name": "email_verified", "Value": "true"},
    ]


def test_a_person_is_invited_by_mail(cognito: Cloud) -> None:
    cognito.stub.add_client_error("admin_get_user", "UserNotFoundException")
    cognito.expect(
        "admin_create_user",
        {"User": user("s")},
        UserPoolId=POOL,
        Username=EMAIL,
        UserAttributes=attributes(),
        DesiredDeliveryMediums=["EMAIL"],
    )
    assert CognitoDirectory(cognito.client, POOL).person(ADA) == "s"


def test_a_person_with_a_password_gets_no_mail(cognito: Cloud) -> None:
    cognito.stub.add_client_error("admin_get_user", "UserNotFoundException")
    cognito.expect(
        "admin_create_user",
        {"User": user("s")},
        UserPoolId=POOL,
        Username=EMAIL,
        UserAttributes=attributes(),
        MessageAction="SUPPRESS",
    )
    cognito.expect(
        "admin_set_user_password",
        {},
        UserPoolId=POOL,
        Username=EMAIL,
        Password="Long-enough-1",
        Permanent=True,
    )
    directory = CognitoDirectory(cognito.client, POOL)
    assert directory.person(Person(EMAIL, "Ada", "Long-enough-1")) == "s"


def test_a_person_who_is_there_is_left_alone(cognito: Cloud) -> None:
    found = {"Username": "s", "UserAttributes": [{"Name": "sub", "Value": "s"}]}
    cognito.expect("admin_get_user", found, UserPoolId=POOL, Username=EMAIL)
    assert CognitoDirectory(cognito.client, POOL).person(ADA) == "s"


def test_a_machine_gets_every_scope_and_nobody_signs_in_through_it(cognito: Cloud) -> None:
    cognito.expect(
        "list_user_pool_clients", {"UserPoolClients": []}, UserPoolId=POOL, MaxResults=60
    )
    server = {"Scopes": [{"ScopeName": s.split("/")[1], "ScopeDescription": s} for s in SCOPES]}
    cognito.expect(
        "describe_resource_server",
        {"ResourceServer": server},
        UserPoolId=POOL,
        Identifier="skafu",
    )
    cognito.expect(
        "create_user_pool_client",
        {"UserPoolClient": {"ClientId": "c", "ClientSecret": SECRET}},
        UserPoolId=POOL,
        ClientName="agent",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=SCOPES,
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        EnableTokenRevocation=True,
        PreventUserExistenceErrors="ENABLED",
    )
    made = CognitoDirectory(cognito.client, POOL).machine("agent")
    assert made == Machine("c", SECRET, is_new=True, scopes=tuple(SCOPES))


def test_a_machine_that_is_there_is_found_on_any_page(cognito: Cloud) -> None:
    others = [{"ClientId": "x", "ClientName": "another"}]
    cognito.expect(
        "list_user_pool_clients",
        {"UserPoolClients": others, "NextToken": "more"},
        UserPoolId=POOL,
        MaxResults=60,
    )
    cognito.expect(
        "list_user_pool_clients",
        {"UserPoolClients": [{"ClientId": "c", "ClientName": "agent"}]},
        UserPoolId=POOL,
        MaxResults=60,
        NextToken="more",
    )
    cognito.expect(
        "describe_user_pool_client",
        {
            "UserPoolClient": {
                "ClientId": "c",
                "ClientSecret": SECRET,
                "AllowedOAuthScopes": SCOPES,
            }
        },
        UserPoolId=POOL,
        ClientId="c",
    )
    found = CognitoDirectory(cognito.client, POOL).machine("agent")
    assert found == Machine("c", SECRET, is_new=False, scopes=tuple(SCOPES))


def stack_with(values: dict[str, str]) -> Any:
    cloud = Cloud("cloudformation")
    stack = {
        "StackName": "s",
        "CreationTime": "2026-01-01",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in values.items()],
    }
    cloud.expect("describe_stacks", {"Stacks": [stack]}, StackName="s")
    cloud.stub.activate()
    return cloud.client


def test_a_stack_tells_its_outputs_by_name() -> None:
    values = {"UserPoolId": POOL, "TableName": "skafu"}
    assert outputs(stack_with(values), "s") == values


def test_a_stack_that_lacks_an_output_is_another_stack() -> None:
    with pytest.raises(KeyError, match="TableName"):
        outputs(stack_with({"UserPoolId": POOL}), "s")
