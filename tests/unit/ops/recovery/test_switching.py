"""From one table to another by a change set."""

from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.switching import NAME, STREAM, Means, label_of, look, switch
from tests.support.restored import Formation

ARN = "arn:aws:dynamodb:us-east-1:1:table/skafu-prod-2/stream/2026-11-23T00:00:00.000"
FUNCTION = {
    "Action": "Modify",
    "ResourceType": "AWS::Lambda::Function",
    "LogicalResourceId": "MetricsFunction",
    "Replacement": "False",
}


def given(**more: str) -> dict[str, str]:
    told = {NAME: "", STREAM: "", "Strategy": "canary", "AliasesMovedBy": "CodeDeploy"}
    return told | {"DeadManUrl": "****", "Environment": "production"} | more


def go(formation: Formation, table: str = "skafu-prod-2", stream: str = ARN) -> bool:
    means = Means(formation, None, lambda _: None, lambda _: None)
    return switch(look(formation, "skafu-prod"), table, stream, means, 7)


def told(formation: Formation) -> dict[str, Any]:
    return {each["ParameterKey"]: each.get("ParameterValue") for each in formation.given}


def test_two_parameters_change_and_aliases_move_at_once() -> None:
    formation = Formation(given(), changes=[FUNCTION])
    assert go(formation)
    assert told(formation) == {
        NAME: "skafu-prod-2",
        STREAM: "2026-11-23T00:00:00.000",
        "Strategy": "all-at-once",
        "AliasesMovedBy": "CloudFormation",
        "DeadManUrl": None,
        "Environment": None,
    }
    kept = [each for each in formation.given if each.get("UsePreviousValue")]
    assert {each["ParameterKey"] for each in kept} == {"DeadManUrl", "Environment"}
    assert formation.executed == ["switch-7"]


def test_back_is_both_parameters_empty() -> None:
    formation = Formation(given(**{NAME: "skafu-prod-2"}), changes=[FUNCTION])
    assert go(formation, "", "")
    assert (told(formation)[NAME], told(formation)[STREAM]) == ("", "")


def test_again_is_nothing_to_do() -> None:
    formation = Formation(given(), refusal="The submitted information didn't contain changes.")
    assert not go(formation)
    assert (formation.executed, formation.deleted) == ([], ["switch-7"])


@pytest.mark.parametrize(
    "change",
    [
        {"ResourceType": "AWS::DynamoDB::GlobalTable", "Action": "Modify", "Replacement": "True"},
        {"ResourceType": "AWS::S3::Bucket", "Action": "Remove"},
        {"ResourceType": "AWS::Cognito::UserPool", "Action": "Modify", "Replacement": "True"},
    ],
)
def test_what_holds_data_is_not_touched(change: dict[str, str]) -> None:
    formation = Formation(given(), changes=[FUNCTION, change | {"LogicalResourceId": "Holding"}])
    with pytest.raises(Refused, match="would touch Holding: nothing was changed"):
        go(formation)
    assert (formation.executed, formation.deleted) == ([], ["switch-7"])


def test_a_mapping_of_the_stream_may_be_replaced() -> None:
    mapping = {
        "ResourceType": "AWS::Lambda::EventSourceMapping",
        "Action": "Modify",
        "Replacement": "True",
        "LogicalResourceId": "NewPoints",
    }
    assert go(Formation(given(), changes=[mapping]))


def test_what_cloudformation_takes_back_is_no_switch_over() -> None:
    ends = ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    with pytest.raises(Refused, match="UPDATE_ROLLBACK_COMPLETE: it is as it was"):
        go(Formation(given(), changes=[FUNCTION], ends=ends))


def test_other_refusals_are_told() -> None:
    with pytest.raises(Refused, match="makes no change set of it: no such role"):
        go(Formation(given(), refusal="no such role"))


def test_a_stack_that_changes_is_waited_for_by_people() -> None:
    with pytest.raises(Refused, match="wait, then"):
        go(Formation(given(), status="UPDATE_IN_PROGRESS"))


def test_a_release_that_knows_no_restored_tables_is_refused() -> None:
    with pytest.raises(Refused, match="deploy a newer one"):
        look(Formation({"Environment": "production"}), "skafu-prod")


def test_a_stream_is_named_by_the_end_of_its_arn() -> None:
    assert label_of(ARN) == "2026-11-23T00:00:00.000"
    assert label_of("") == ""
