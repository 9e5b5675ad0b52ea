"""Lambda Insights where an environment's file asks for it: the layer, and what it may write."""

import json
import re
from typing import Any

import pytest
from cfnlint.api import lint

from tests.support.transformed import Resolver, of_type, resolved, transformed, written

ENVIRONMENTS = ("local", "development", "staging", "production")


def switched_on(environment: str, **parameters: str) -> dict[str, Any]:
    """What an environment has when its file says `insights: true`."""
    template = json.loads(json.dumps(transformed(environment)))
    template["Mappings"]["Environments"][environment]["Insights"] = "on"
    defaults = {key: each.get("Default", "") for key, each in template["Parameters"].items()}
    told = {**defaults, "Environment": environment, **parameters}
    resolver = Resolver(template, told)
    return {
        key: resolver.resolve(each)
        for key, each in template["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_as_environments_are_nothing_of_it_is_there(environment: str) -> None:
    found = json.dumps(resolved(environment))
    assert "LambdaInsightsExtension" not in found
    assert "InsightsLogs" not in found


@pytest.mark.parametrize(
    ("architecture", "layer"),
    [("arm64", "LambdaInsightsExtension-Arm64:20"), ("x86_64", "LambdaInsightsExtension:38")],
)
def test_every_function_has_the_layer_of_its_region_and_architecture(
    architecture: str, layer: str
) -> None:
    functions = of_type(switched_on("staging", Architecture=architecture), "AWS::Lambda::Function")
    assert functions
    for function in functions.values():
        own, insights = function["Layers"]
        assert "PowertoolsLayer" in json.dumps(own)
        assert insights == f"arn:aws:lambda:us-east-1:580247275435:layer:{layer}"


def test_every_function_may_write_what_was_measured_and_nothing_more() -> None:
    made = switched_on("staging")
    for name, function in of_type(made, "AWS::Lambda::Function").items():
        role = made[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        [policy] = role["Policies"]
        about = [
            each
            for each in policy["PolicyDocument"]["Statement"]
            if each["Resource"] == {"Fn::GetAtt": ["InsightsLogs", "Arn"]}
        ]
        assert [each["Action"] for each in about] == [
            ["logs:CreateLogStream", "logs:PutLogEvents"]
        ], name
    logs = made["InsightsLogs"]["Properties"]
    assert (logs["LogGroupName"], logs["RetentionInDays"]) == ("/aws/lambda-insights", 90)


def test_layers_are_named_for_regions_with_their_numbers() -> None:
    layers = written()["Mappings"]["InsightsLayers"]
    assert {"us-east-1", "us-west-2"} <= set(layers)
    for region, each in layers.items():
        assert re.fullmatch(r"LambdaInsightsExtension-Arm64:\d+", each["Arm"]), region
        assert re.fullmatch(r"LambdaInsightsExtension:\d+", each["Intel"]), region


def test_cloudformation_takes_a_function_with_it() -> None:
    function = switched_on("staging")["MetricsFunction"]["Properties"]
    function["Layers"][0] = "arn:aws:lambda:us-east-1:123456789012:layer:own:1"
    function |= {"Role": "arn:aws:iam::123456789012:role/own"}
    kept = {key: function[key] for key in ("Layers", "Role", "Code", "Handler", "Runtime")}
    template = {"Resources": {"Own": {"Type": "AWS::Lambda::Function", "Properties": kept}}}
    assert not [str(each) for each in lint(json.dumps(template))]
