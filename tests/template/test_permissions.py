"""Least privilege: single actions on single resources, and each exception by name."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from skafu.ops.security.roles import reasons
from tests.support.transformed import of_type, resolved, written

type Json = dict[str, Any]

HOOKS = {"ValidateReleaseRole", "WatchReleaseRole"}

# Actions that may be done to anything: their reasons are recorded, role by role
# (test_security_doc.py).
WITHOUT_RESOURCE = {
    (role, action)
    for reason in reasons()
    if "*" in reason.resources
    for role in reason.roles
    for action in reason.actions or ()
}


def _roles() -> Json:
    return of_type(resolved("production"), "AWS::IAM::Role")


def _statements() -> Iterator[tuple[str, Json]]:
    for name, role in _roles().items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _allowed(role: str) -> dict[str, set[str]]:
    """Action -> logical ids (with attribute) that a role may do it to."""
    found: dict[str, set[str]] = {}
    for name, statement in _statements():
        if name == role:
            for action in _list(statement["Action"]):
                found.setdefault(action, set()).update(map(_name, _list(statement["Resource"])))
    return found


def _name(resource: Any) -> str:
    if isinstance(resource, dict):
        return ".".join(resource.get("Fn::GetAtt", [resource.get("Ref", "")]))
    return str(resource)


def test_no_policy_of_aws_is_attached() -> None:
    for name, role in _roles().items():
        assert "ManagedPolicyArns" not in role, name


def test_sam_adds_no_policies_of_its_own() -> None:
    for resource in written()["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            assert "Policies" not in resource["Properties"]
    assert set(_roles()) == {
        "MetricsRole",
        "MetricsCompactorRole",
        "AlertsRole",
        "WorkspaceRole",
        "AlertEvaluatorRole",
        "AlertSweeperRole",
        "AlertNotifierRole",
        "ShiftRole",
        "FlagsAlarmRole",
        "ValidateReleaseRole",
        "WatchReleaseRole",
        "ProbeRole",
        "ScalingRole",
    }


def test_every_statement_allows_and_names_whole_actions() -> None:
    for name, statement in _statements():
        assert statement["Effect"] == "Allow", name
        for action in _list(statement["Action"]):
            assert "*" not in action, (name, action)
        assert not {"NotAction", "NotResource"} & set(statement)


def test_any_resource_stands_only_where_there_is_none_to_name() -> None:
    for name, statement in _statements():
        for resource in _list(statement["Resource"]):
            # An alias that waits for its role cannot be named in it; a release's versions could,
            # but a policy that changes with them takes effect too late (test_hooks.py: the rest).
            if statement["Action"] == "lambda:GetProvisionedConcurrencyConfig" or (
                statement["Action"] == "lambda:InvokeFunction" and name in HOOKS
            ):
                assert re.fullmatch(r"\$\{\w+Function\.Arn}:\*", resource)
            elif "codedeploy:GetDeployment" in statement["Action"]:
                # CloudFormation makes up names of groups, where there are any.
                assert ":skafu-test-ServerlessDeploymentApplication-*/" in resource
            elif "*" in str(resource):
                assert resource == "*", (name, resource)
                assert {(name, x) for x in _list(statement["Action"])} <= WITHOUT_RESOURCE


def test_only_lambda_takes_on_the_roles_and_two_services_their_own() -> None:
    services = {"ShiftRole": "codedeploy", "FlagsAlarmRole": "appconfig"}
    for name, role in _roles().items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = services.get(name, "lambda")
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_nobody_scans_the_table_or_deletes_it() -> None:
    actions = {action for _, statement in _statements() for action in _list(statement["Action"])}
    assert not {"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:BatchWriteItem"} & actions


READ = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
CHANGE = {
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
}


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("MetricsRole", READ | {"dynamodb:PutItem", "dynamodb:UpdateItem"}),
        (
            "MetricsCompactorRole",
            READ | {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
        ),
        ("WorkspaceRole", READ | CHANGE),
        ("AlertsRole", READ | CHANGE),
        ("AlertEvaluatorRole", READ | CHANGE),
        ("AlertSweeperRole", READ | CHANGE),
        ("AlertNotifierRole", READ | CHANGE),
    ],
)
def test_functions_do_to_items_what_their_code_does(role: str, actions: set[str]) -> None:
    done = {
        action
        for action, resources in _allowed(role).items()
        if action.startswith("dynamodb:") and "SkafuTable.Arn" in resources
    }
    assert done == actions


def test_the_index_is_read_only_by_those_who_ask_it() -> None:
    readers = {name for name, statement in _statements() if "GSI1" in str(statement["Resource"])}
    assert readers == {"AlertNotifierRole", "AlertSweeperRole", "AlertsRole", "WorkspaceRole"}
    for name, statement in _statements():
        if "GSI1" in str(statement["Resource"]):
            assert statement["Action"] == "dynamodb:Query", name


def test_the_workspace_alone_makes_people_and_machines_in_this_pool_only() -> None:
    makers = {name for name, statement in _statements() if "cognito-idp" in str(statement)}
    assert makers == {"WorkspaceRole"}
    allowed = _allowed("WorkspaceRole")
    actions = {action for action in allowed if action.startswith("cognito-idp:")}
    assert all(allowed[action] == {"UserPool.Arn"} for action in actions)
    # Passwords are nobody's but their owner's: nothing here sets one, or signs in as somebody.
    assert actions == {
        f"cognito-idp:{action}"
        for action in (
            "AdminGetUser",
            "AdminCreateUser",
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminUserGlobalSignOut",
            "AdminDeleteUser",
            "ListUserPoolClients",
            "CreateUserPoolClient",
            "DeleteUserPoolClient",
        )
    }


def test_the_stream_is_read_by_its_one_consumer() -> None:
    readers = {name for name, statement in _statements() if "StreamArn" in str(statement)}
    assert readers == {"AlertEvaluatorRole"}


def test_the_key_opens_only_through_the_services_that_hold_the_data() -> None:
    for name, statement in _statements():
        if any(action.startswith("kms:") for action in _list(statement["Action"])):
            (service,) = statement["Condition"]["StringEquals"].values()
            services = {"dynamodb", "sns"} if name != "ProbeRole" else {"secretsmanager"}
            assert service in {f"{each}.us-east-1.amazonaws.com" for each in services}
            assert statement["Resource"] == {"Fn::GetAtt": ["DataKey", "Arn"]}, name


@pytest.mark.parametrize(
    ("role", "written_to", "read_from"),
    [
        ("MetricsRole", {"InvocationsDeadLetters.Arn"}, set()),
        ("MetricsCompactorRole", {"InvocationsDeadLetters.Arn"}, set()),
        ("AlertsRole", {"DeliveriesQueue.Arn", "InvocationsDeadLetters.Arn"}, set()),
        ("WorkspaceRole", {"InvocationsDeadLetters.Arn"}, set()),
        (
            "AlertEvaluatorRole",
            {
                "DeliveriesQueue.Arn",
                "WakeupsQueue.Arn",
                "ParkedRecordsQueue.Arn",
                "InvocationsDeadLetters.Arn",
            },
            set(),
        ),
        (
            "AlertSweeperRole",
            {"DeliveriesQueue.Arn", "WakeupsQueue.Arn", "InvocationsDeadLetters.Arn"},
            {"WakeupsQueue.Arn"},
        ),
        (
            "AlertNotifierRole",
            {"DeliveriesQueue.Arn", "InvocationsDeadLetters.Arn"},
            {"DeliveriesQueue.Arn"},
        ),
    ],
)
def test_queues_are_written_and_read_by_those_whose_part_it_is(
    role: str, written_to: set[str], read_from: set[str]
) -> None:
    allowed = _allowed(role)
    assert allowed.get("sqs:SendMessage", set()) == written_to
    assert allowed.get("sqs:ReceiveMessage", set()) == read_from
    assert allowed.get("sqs:DeleteMessage", set()) == read_from


def test_every_function_writes_its_own_logs_and_no_others() -> None:
    for name in _roles().keys() - {"ShiftRole", "FlagsAlarmRole"}:
        own = {f"{name.removesuffix('Role')}Logs.Arn"}
        assert _allowed(name)["logs:PutLogEvents"] == own
        assert _allowed(name)["logs:CreateLogStream"] == own
        assert "logs:CreateLogGroup" not in _allowed(name)


def test_the_role_of_the_account_s_gateway_writes_logs_and_nothing_else() -> None:
    role = written("infrastructure/foundation.yaml")["Resources"]["GatewayLogsRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        for action in _list(statement["Action"]):
            assert action.startswith("logs:") and "*" not in action


def test_who_sends_to_an_address_may_look_whether_it_is_read() -> None:
    for role in ("AlertsRole", "AlertNotifierRole"):
        allowed = _allowed(role)
        assert allowed["sns:GetSubscriptionAttributes"] == {"*"}
        assert allowed["sns:Publish"] >= {"ChannelsTopic"}
    assert "sns:SetSubscriptionAttributes" in _allowed("AlertsRole")
    assert "sns:Subscribe" not in _allowed("AlertNotifierRole")
