"""What a deployment would change, as CloudFormation tells it, with nothing changed."""

from typing import Any

import pytest

from skafu.ops.artefact.accounts import Settings
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.changes import Change, Effect, Means, changes, sections
from skafu.ops.release.place import Place
from tests.support.clouds import Cloud, StackRecord, failure
from tests.support.released import REGION, account_in
from tests.unit.ops.release.conftest import STACK, TEMPLATE

SETTINGS = Settings(STACK, REGION, "", "CAPABILITY_IAM", "project=skafu environment=a=b", True)
MADE = {"Status": "CREATE_COMPLETE"}


def place(cloud: Cloud) -> Place:
    return Place(account_in(cloud), SETTINGS, STACK)


def asked(cloud: Cloud, *answers: dict[str, Any], **parameters: str) -> list[Change]:
    waited: list[float] = []
    cloud.stacks.answers = list(answers)
    means = Means("diff-1", lambda _place, text: f"# packaged\n{text}", waited.append)
    found = changes(place(cloud), TEMPLATE % "a1", parameters, means)
    assert len(waited) == sum(each["Status"] == "CREATE_IN_PROGRESS" for each in answers)
    return found


def change(action: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    told = {"Action": action, "LogicalResourceId": name, "ResourceType": kind}
    return {"Type": "Resource", "ResourceChange": told | more}


@pytest.fixture(name="deployed")
def _deployed(cloud: Cloud) -> Cloud:
    known = {"Environment": "production", "Secret": "****"}
    cloud.stacks.named[STACK] = StackRecord(parameters=known)
    return cloud


def test_the_change_set_is_the_one_that_a_deployment_would_make(deployed: Cloud) -> None:
    asked(deployed, {"Status": "CREATE_IN_PROGRESS"}, MADE, Environment="staging", Strange="x")
    [told] = deployed.stacks.asked
    assert told["Parameters"] == [
        {"ParameterKey": "Environment", "ParameterValue": "staging"},
        {"ParameterKey": "Secret", "UsePreviousValue": True},
    ]
    assert told["Capabilities"] == ["CAPABILITY_IAM"]
    assert told["Tags"] == [
        {"Key": "project", "Value": "skafu"},
        {"Key": "environment", "Value": "a=b"},
    ]
    key = told["TemplateURL"].removeprefix("https://s3.eu-west-1.amazonaws.com/artefacts/")
    assert key.startswith("plans/")
    assert deployed.bucket.objects[key] == f"# packaged\n{TEMPLATE % 'a1'}".encode()


def test_it_is_deleted_again_and_the_stack_is_as_it_was(deployed: Cloud) -> None:
    before = deployed.stacks.named[STACK]
    asked(deployed, MADE)
    assert not deployed.stacks.change_sets
    assert deployed.stacks.named[STACK] is before


def test_what_cannot_be_undone_comes_first(deployed: Cloud) -> None:
    found = asked(
        deployed,
        MADE
        | {
            "Changes": [
                change("Add", "N", "AWS::S3::Bucket"),
                change("Modify", "M", "AWS::Lambda::Function", Replacement="False"),
                change("Remove", "R", "AWS::SQS::Queue"),
                change("Remove", "K", "AWS::S3::Bucket", PolicyAction="Retain"),
                change("Modify", "P", "AWS::SQS::Queue", Replacement="Conditional"),
                change(
                    "Modify",
                    "T",
                    "AWS::DynamoDB::GlobalTable",
                    Replacement="True",
                    Details=[
                        {"Target": {"Attribute": "Properties", "Name": "TableName"}},
                        {"Target": {"Attribute": "Tags"}},
                    ],
                ),
            ]
        },
    )
    assert [(each.effect, each.name) for each in found] == [
        (Effect.REPLACED, "T"),
        (Effect.PERHAPS, "P"),
        (Effect.DELETED, "R"),
        (Effect.LEFT, "K"),
        (Effect.CHANGED, "M"),
        (Effect.NEW, "N"),
    ]
    assert str(found[0]) == "T (AWS::DynamoDB::GlobalTable): TableName, Tags"
    assert [each.is_grave for each in sections(found) if each.lines] == [
        *(True, True, True, False, False, False),
    ]


def test_what_every_release_makes_anew_is_counted_and_not_alarming(deployed: Cloud) -> None:
    kind = "AWS::Lambda::Permission"
    told = [change("Modify", f"P{each}", kind, Replacement="Conditional") for each in range(3)]
    told += [change("Remove", "D", "AWS::ApiGateway::Deployment")]
    found = [each for each in sections(asked(deployed, MADE | {"Changes": told})) if each.lines]
    assert [(each.is_grave, each.lines) for each in found] == [
        (False, [f"3 {kind}"]),
        (False, ["1 AWS::ApiGateway::Deployment"]),
    ]


def test_a_replacement_is_alarming_whatever_is_replaced(deployed: Cloud) -> None:
    told = [change("Modify", "V", "AWS::Lambda::Version", Replacement="True")]
    [found] = [each for each in sections(asked(deployed, MADE | {"Changes": told})) if each.lines]
    assert found.is_grave and found.lines == ["V (AWS::Lambda::Version)"]


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
    ],
)
def test_a_change_set_without_changes_is_none(deployed: Cloud, reason: str) -> None:
    assert not asked(deployed, {"Status": "FAILED", "StatusReason": reason})
    assert not deployed.stacks.change_sets


def test_what_cloudformation_would_not_deploy_is_refused_in_its_words(deployed: Cloud) -> None:
    with pytest.raises(Refused, match="would not deploy this: no such property"):
        asked(deployed, {"Status": "FAILED", "StatusReason": "no such property"})
    assert not deployed.stacks.change_sets


def test_a_change_set_that_is_never_made_is_not_waited_for_for_ever(deployed: Cloud) -> None:
    deployed.stacks.answers = [{"Status": "CREATE_PENDING"}]
    means = Means("diff-1", lambda _place, text: text, lambda _: None)
    with pytest.raises(Refused, match="within 300 s"):
        changes(place(deployed), TEMPLATE % "a1", {}, means)
    assert not deployed.stacks.change_sets


def test_a_stack_that_is_not_there_yet_is_asked_about_and_not_left_behind(cloud: Cloud) -> None:
    found = asked(cloud, MADE | {"Changes": [change("Add", "A", "AWS::Lambda::Function")]})
    assert [each.effect for each in found] == [Effect.NEW]
    [told] = cloud.stacks.asked
    assert told["Parameters"] == []
    assert STACK not in cloud.stacks.named


def test_who_may_only_look_is_told_what_stays(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_asked: object) -> None:
        raise failure("AccessDenied", "may not delete", "DeleteStack")

    cloud.stacks.delete_stack = refuse  # type: ignore[method-assign]  # denied
    assert not asked(cloud, MADE)
    assert "The empty stack skafu-prod stays" in capsys.readouterr().err
