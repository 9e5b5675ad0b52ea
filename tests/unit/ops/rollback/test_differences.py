"""What an older template changes is told before it is deployed."""

import yaml

from skafu.ops.rollback.differences import between, coded_at

TABLE = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}
QUEUE = {"Type": "AWS::SQS::Queue"}
RULE = {"Type": "AWS::Events::Rule"}


def template(**resources: object) -> str:
    return yaml.safe_dump({"Resources": resources})


def test_what_comes_goes_and_changes_is_told_apart() -> None:
    now = template(A={**RULE, "Properties": {"State": "ENABLED"}}, B=QUEUE, C=TABLE, D=RULE)
    then = template(A=RULE, D=RULE, E=RULE, G=QUEUE)
    found = between(now, then, {}, {})
    assert list(found.lines()) == [
        "changed: A",
        "created again: E (AWS::Events::Rule), G (AWS::SQS::Queue)",
        "deleted: B (AWS::SQS::Queue)",
        "left to themselves: C (AWS::DynamoDB::Table)",
    ]
    assert found.holding == ("B",)


def test_parameters_are_told_with_both_values() -> None:
    now, then = {"LogLevel": "DEBUG", "New": "1", "Same": "x"}, {"LogLevel": "INFO", "Same": "x"}
    assert between(template(), template(), now, then).parameters == (
        "LogLevel: 'DEBUG' -> 'INFO'",
        "New: '1' -> what the template says",
    )
    assert between(template(), template(), {}, {"Old": "1"}).parameters == (
        "Old: 'not set' -> '1'",
    )


def test_parts_are_found_wherever_they_are() -> None:
    text = template(
        A={"Type": "F", "Properties": {"CodeUri": "s3://artefacts/parts/1"}},
        L={"Type": "L", "Properties": {"ContentUri": "s3://other/parts/2"}},
        B={"Type": "F", "Properties": {"CodeUri": {"Fn::Sub": "x"}}},
        C=RULE,
    )
    assert coded_at(text) == (("artefacts", "parts/1"), ("other", "parts/2"))
