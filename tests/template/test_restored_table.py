"""A stack that uses a restored table uses it everywhere, and keeps its own."""

import json

import pytest

from skafu.ops.recovery.place import KEY, TABLE
from skafu.ops.recovery.switching import NAME, STREAM
from tests.support.transformed import of_type, resolved, written

RESTORED = {NAME: "skafu-production-restored-1", STREAM: "2026-11-23T00:00:00.000"}
OWN_ARN = {"Fn::GetAtt": ["SkafuTable", "Arn"]}


def test_every_function_reads_and_writes_the_restored_table() -> None:
    for function in of_type(resolved("production", **RESTORED), "AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"]["TABLE_NAME"] == RESTORED[NAME]


def test_no_role_may_touch_the_table_that_is_left() -> None:
    # Whoever still runs with it is refused and tries again: nothing is acknowledged there.
    before, after = resolved("production"), resolved("production", **RESTORED)
    roles = of_type(after, "AWS::IAM::Role")
    assert "SkafuTable" in json.dumps(of_type(before, "AWS::IAM::Role"))
    assert "SkafuTable" not in json.dumps(roles)
    assert f'table/{RESTORED[NAME]}"' in json.dumps(roles)
    assert f"table/{RESTORED[NAME]}/index/GSI1" in json.dumps(roles)


def test_the_evaluator_follows_the_restored_tables_stream() -> None:
    mappings = of_type(resolved("production", **RESTORED), "AWS::Lambda::EventSourceMapping")
    streams = json.dumps([each["EventSourceArn"] for each in mappings.values()])
    assert f"table/{RESTORED[NAME]}/stream/{RESTORED[STREAM]}" in streams
    assert "SkafuTable" not in streams


def test_each_function_gets_a_new_version() -> None:
    before = of_type(resolved("production"), "AWS::Lambda::Version")
    after = of_type(resolved("production", **RESTORED), "AWS::Lambda::Version")
    for name, version in before.items():
        assert RESTORED[NAME] in after[name]["Description"]
        assert after[name]["Description"] != version["Description"]


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_stacks_own_table_and_key_stay_as_they_are(environment: str) -> None:
    before, after = resolved(environment), resolved(environment, **RESTORED)
    assert before[TABLE] == after[TABLE]
    assert before[KEY] == after[KEY]


def test_without_a_restored_table_nothing_is_named_after_one() -> None:
    roles = json.dumps(of_type(resolved("production"), "AWS::IAM::Role"))
    assert "Restored" not in roles
    assert written()["Parameters"][NAME]["Default"] == ""
