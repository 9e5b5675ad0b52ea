"""Feature flags in the template: who may read them, how they are handed out, what takes them back.

That AppConfig's schema and the page are those of the catalogue is told here, too.
"""

import json
import re
from typing import Any

import jsonschema  # type: ignore[import-untyped] # it has no types of its own
import pytest

from skafu.ops.artefact.sources import PATHS
from skafu.ops.environments import NAMES
from skafu.ops.flags import catalogue
from skafu.ops.flags.document import compiled
from skafu.ops.flags.settings import parsed
from skafu.ops.generated import ROOT, Generated
from tests.support.transformed import of_type, outputs, resolved

type Json = dict[str, Any]

USERS = {"AlertsFunction": "AlertsRole", "MetricsCompactorFunction": "MetricsCompactorRole"}
ADDRESS = "${FlagsApplication}/${FlagsEnvironment}/${FlagsProfile}"
WATCHED = ["staging", "production"]


@pytest.mark.parametrize("page", catalogue.generated(ROOT), ids=lambda page: str(page.path))
def test_what_the_catalogue_decides_is_up_to_date(page: Generated) -> None:
    assert not page.is_stale(ROOT), "run python -m skafu.ops flag-catalogue"


def test_functions_that_use_flags_know_where_they_are_and_no_others() -> None:
    functions = of_type(resolved("production"), "AWS::Lambda::Function")
    told = {
        name: each["Environment"]["Variables"]["FLAGS"]
        for name, each in functions.items()
        if "FLAGS" in each["Environment"]["Variables"]
    }
    assert told == dict.fromkeys(USERS, ADDRESS)


def test_their_roles_may_read_this_configuration_and_do_nothing_else_in_appconfig() -> None:
    allowed = {}
    for name, role in of_type(resolved("production"), "AWS::IAM::Role").items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                if "appconfig" in json.dumps(statement):
                    allowed[name] = (statement["Action"], statement["Resource"])
    actions = ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"]
    one = (
        "arn:aws:appconfig:us-east-1:123456789012:application/${FlagsApplication}"
        "/environment/${FlagsEnvironment}/configuration/${FlagsProfile}"
    )
    assert allowed == dict.fromkeys(USERS.values(), (actions, one))


def test_a_document_is_a_version_of_its_own_that_no_deployment_of_the_stack_makes() -> None:
    for environment in NAMES:
        found = resolved(environment)
        assert not of_type(found, "AWS::AppConfig::HostedConfigurationVersion")
        assert not of_type(found, "AWS::AppConfig::Deployment")


def test_what_cannot_be_deleted_once_something_was_set_does_not_keep_the_stack_from_it() -> None:
    found = resolved("local")
    for name in ("FlagsApplication", "FlagsProfile"):
        assert found[name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert found[name]["UpdateReplacePolicy"] == "Retain"


def test_flags_are_no_part_of_an_artefact() -> None:
    """Changing one must not make another artefact, which would have to be tested and promoted; and
    going back to an old release must not switch on what was switched off since.
    """
    assert not [path for path in PATHS if path.startswith("flags")]


@pytest.mark.parametrize("environment", NAMES)
def test_appconfig_accepts_the_environment_s_file(environment: str) -> None:
    (profile,) = of_type(resolved(environment), "AWS::AppConfig::ConfigurationProfile").values()
    assert (profile["LocationUri"], profile["Type"]) == ("hosted", "AWS.Freeform")
    (validator,) = profile["Validators"]
    assert validator["Type"] == "JSON_SCHEMA"
    # As long as AppConfig takes one.
    assert len(validator["Content"]) < 32_768
    document = compiled(parsed((ROOT / "flags" / f"{environment}.json").read_text("utf-8")))
    jsonschema.Draft4Validator(json.loads(validator["Content"])).validate(json.loads(document))


@pytest.mark.parametrize("environment", NAMES)
def test_changes_are_gradual_where_alarms_watch_and_at_once_elsewhere(environment: str) -> None:
    strategy = {"Ref": "FlagsGradually" if environment in WATCHED else "FlagsAtOnce"}
    told = outputs(environment)
    assert told["FlagsStrategy"]["Value"] == strategy
    assert told["FlagsAtOnce"]["Value"] == {"Ref": "FlagsAtOnce"}
    assert told["FlagsAddress"]["Value"] == ADDRESS


def test_strategies_give_alarms_time_or_none() -> None:
    found = of_type(resolved("production"), "AWS::AppConfig::DeploymentStrategy")
    gradually, at_once = found["FlagsGradually"], found["FlagsAtOnce"]
    assert (gradually["GrowthType"], gradually["GrowthFactor"]) == ("LINEAR", 20)
    assert gradually["DeploymentDurationInMinutes"] == gradually["FinalBakeTimeInMinutes"] == 10
    assert at_once["GrowthFactor"] == 100
    assert at_once["DeploymentDurationInMinutes"] == at_once["FinalBakeTimeInMinutes"] == 0


@pytest.mark.parametrize("environment", NAMES)
def test_alarms_that_ring_take_a_change_back(environment: str) -> None:
    found = resolved(environment)
    (place,) = of_type(found, "AWS::AppConfig::Environment").values()
    monitors = place.get("Monitors", [])
    watching = [each["AlarmArn"]["Fn::GetAtt"][0] for each in monitors]
    expected = ["CompactorFailingAlarm", "ApiErrorsAlarm"] if environment in WATCHED else []
    assert watching == expected
    alarms = of_type(found, "AWS::CloudWatch::Alarm")
    for name in watching:
        # AppConfig takes a change back also while an alarm has no data.
        assert alarms[name]["TreatMissingData"] == "notBreaching"
        # What refers to a function, or to the API that does, cannot be watched: functions refer to
        # their flags.
        watches = {key: alarms[name].get(key) for key in ("Dimensions", "Metrics")}
        assert not re.findall(r'"(?:Ref|Fn::GetAtt|Fn::Sub)": ', json.dumps(watches))


def test_a_deployment_that_nobody_watches_leaves_no_monitor_of_what_is_not_there() -> None:
    found = resolved("staging", Strategy="all-at-once")
    (place,) = of_type(found, "AWS::AppConfig::Environment").values()
    for monitor in place["Monitors"]:
        assert monitor["AlarmArn"]["Fn::GetAtt"][0] in found
