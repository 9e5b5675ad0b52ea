import json
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.scan.templates import Misplaced, hand_on, resources, write

SKIP = {"id": "CKV_AWS_1", "comment": "it is so"}


def resource(*skips: Any, **more: Any) -> dict[str, Any]:
    metadata = {"Metadata": {"checkov": {"skip": list(skips)}}} if skips else {}
    return {"Type": "AWS::S3::Bucket", "Properties": {}, **metadata, **more}


def skips_of(found: dict[str, Any]) -> list[Any]:
    return list(found.get("Metadata", {}).get("checkov", {}).get("skip", []))


def test_what_is_made_of_a_resource_takes_its_suppressions_along() -> None:
    written = {"Resources": {"Api": resource(SKIP), "ApiLogs": resource()}}
    made = {"Resources": {"Api": resource(SKIP), "ApiStage": resource(), "ApiLogsRole": resource()}}
    hand_on(written, made)
    assert skips_of(made["Resources"]["ApiStage"]) == [SKIP]
    assert not skips_of(made["Resources"]["ApiLogsRole"])


def test_a_suppression_may_be_for_some_environments() -> None:
    template = {"Resources": {"A": resource({**SKIP, "environments": ["development"]})}}
    assert skips_of(resources(template, "development")["A"])
    assert not skips_of(resources(template, "production")["A"])


@pytest.mark.parametrize(
    ("skip", "told"),
    [
        ({"id": "CKV_AWS_1"}, "A: a suppression has an id and a comment"),
        ({"id": "CKV_AWS_1", "comment": " "}, "has an id and a comment"),
        ({**SKIP, "environments": ["producton"]}, "there is no environment producton"),
    ],
)
def test_a_suppression_without_a_reason_is_refused(skip: Any, told: str) -> None:
    with pytest.raises(Misplaced, match=told):
        resources({"Resources": {"A": resource(skip)}}, "production")


def test_values_are_those_of_the_environment() -> None:
    template = {
        "Parameters": {"Environment": {"Default": "local"}, "Other": {}},
        "Mappings": {"Environments": {"staging": {"Days": 90}}},
        "Conditions": {"IsStaging": {"Fn::Equals": [{"Ref": "Environment"}, "staging"]}},
        "Resources": {
            "A": resource(
                Properties={
                    "Days": {"Fn::FindInMap": ["Environments", {"Ref": "Environment"}, "Days"]},
                    "Unknown": {"Fn::FindInMap": ["Environments", {"Ref": "Other"}, "Days"]},
                },
                Condition="IsStaging",
            )
        },
    }
    found = resources(template, "staging")["A"]["Properties"]
    assert found["Days"] == 90 and "Fn::FindInMap" in found["Unknown"]
    assert not resources(template, "development")


def test_what_nobody_has_asked_for_yet_is_looked_at_where_most_is() -> None:
    template = {
        "Parameters": {"Domain": {"Default": ""}},
        "Conditions": {"HasDomain": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, ""]}]}},
        "Resources": {"A": resource(Condition="HasDomain")},
    }
    assert set(resources(template, "production")) == {"A"}
    assert not resources(template, "staging")


def test_templates_keep_their_names_by_their_files(tmp_path: Path) -> None:
    names = write(tmp_path, iter([("infrastructure/a.yaml:staging", {"A": resource()})]))
    assert names == {"infrastructure.a.yaml.staging.json": "infrastructure/a.yaml:staging"}
    [path] = tmp_path.iterdir()
    assert set(json.loads(path.read_text(encoding="utf-8"))["Resources"]) == {"A"}
