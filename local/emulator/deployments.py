"""CloudFormation: what a deployment itself needs.

Parameters in the transform
    AWS gives SAM the values of the parameters, so that a property may refer to one where SAM needs
    to know it. MiniStack gives it none, and SAM sees the defaults. An environment given as a
    parameter would be ignored in such places, silently.
Mappings and places in conditions
    AWS looks a mapping up inside a condition, and knows there which region and account it is in.
    MiniStack compares the unresolved function, or the words "AWS::Region", with the value, so such
    a condition is false, or with Not true, everywhere.
CodeDeploy, deliveries of logs, records of a network's flows, health checks
    AWS shifts an alias by CodeDeploy, delivers CloudFront's logs, writes down what went through a
    network and asks whether an endpoint is there. MiniStack refuses the stack because it does not
    know the types. Here they are accepted and do nothing: no log is written, nobody asks.
    What CodeDeploy does for an alias is in codedeploy.py.
A role's policy as a resource of its own
    AWS knows AWS::IAM::RolePolicy beside AWS::IAM::Policy. MiniStack knows the latter, which with
    one role is the same.
Providers of identities
    AWS makes them. Here a template's provider has its ARN and nothing else: nobody comes from
    there.
What backups take, what firewalls stand before and write down
    The same as CodeDeploy: a plan selects nothing, nothing is refused, and nobody logs it.
What follows its use
    The same: nobody makes more or fewer instances ready than the template says.
Composite alarms, saved queries, groups and sampling of traces
    The same: a composite alarm never rings here.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import samtranslator.translator.transform as sam
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

_INERT = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Backup::BackupSelection",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::EC2::FlowLog",
    "AWS::Logs::Delivery",
    "AWS::Logs::DeliveryDestination",
    "AWS::Logs::DeliverySource",
    "AWS::Logs::QueryDefinition",
    "AWS::Route53::HealthCheck",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::XRay::Group",
    "AWS::XRay::SamplingRule",
)

_parameters: ContextVar[Mapping[str, str] | None] = ContextVar("parameters", default=None)


def _with_parameters(apply_transforms: Callable[..., Any]) -> Callable[..., Any]:
    def transform(template: Any, provided: Any = None, previous: Any = None) -> Any:
        token = _parameters.set(engine._transform_parameters(template, provided, previous))
        try:
            return apply_transforms(template, provided, previous)
        finally:
            _parameters.reset(token)

    return transform


def _sam_with_parameters(transform: Callable[..., Any]) -> Callable[..., Any]:
    def with_parameters(template: Any, values: Mapping[str, str], *rest: Any, **named: Any) -> Any:
        return transform(template, {**values, **(_parameters.get() or {})}, *rest, **named)

    return with_parameters


_evaluate_conditions = engine._evaluate_conditions


def _conditions(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
    """Evaluate the conditions with their mappings looked up and their places put in."""
    mappings = template.get("Mappings") or {}
    places = {"AWS::Region": engine.get_region(), "AWS::AccountId": engine.get_account_id()}

    def look_up(value: Any) -> Any:
        if isinstance(value, list):
            return [look_up(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "Fn::FindInMap" in value:
            return engine.find_in_map(value["Fn::FindInMap"], mappings, look_up)
        if value.get("Ref") in parameters:
            return parameters[value["Ref"]]["Value"]
        if value.get("Ref") in places:
            return places[value["Ref"]]
        return {name: look_up(each) for name, each in value.items()}

    found = look_up(template.get("Conditions") or {})
    return _evaluate_conditions({**template, "Conditions": found}, parameters)


def _create(logical_id: str, _props: Any, stack: str) -> tuple[str, dict[str, str]]:
    name = provisioners._physical_name(stack, logical_id)
    return name, {"Arn": f"arn:aws:none:::{name}"}


def _provider(_logical_id: str, props: Any, _stack: str) -> tuple[str, dict[str, str]]:
    host = str(props["Url"]).removeprefix("https://")
    arn = f"arn:aws:iam::{provisioners.get_account_id()}:oidc-provider/{host}"
    return arn, {"Arn": arn}


def _update(
    physical_id: str, _old: Any, _new: Any, _stack: str, logical_id: str = ""
) -> tuple[str, dict[str, str]]:
    del logical_id
    return physical_id, {}


def _of_role(props: Mapping[str, Any]) -> dict[str, Any]:
    """As AWS::IAM::Policy has it."""
    return {**props, "Roles": [props["RoleName"]]}


def _delete(_physical_id: str, _props: Any) -> None:
    """Nothing was made."""


def apply() -> None:
    """Give transform and conditions what they need, and accept types that do nothing here."""
    sam.transform = _sam_with_parameters(sam.transform)
    transform = _with_parameters(engine._apply_transforms)
    for module in (engine, changesets, handlers):
        module._apply_transforms = transform
    for module in (engine, changesets, handlers, stacks):
        module._evaluate_conditions = _conditions
    _RESOURCE_HANDLERS["AWS::IAM::OIDCProvider"] = {
        "create": _provider,
        "update": _update,
        "delete": _delete,
    }
    policy = _RESOURCE_HANDLERS["AWS::IAM::Policy"]
    _RESOURCE_HANDLERS["AWS::IAM::RolePolicy"] = {
        "create": lambda name, props, stack: policy["create"](name, _of_role(props), stack),
        "update": lambda known, old, new, stack, name="": policy["update"](
            known, _of_role(old), _of_role(new), stack, name
        ),
        "update_with_logical_id": True,
        "delete": lambda known, props: policy["delete"](known, _of_role(props)),
    }
    for resource in _INERT:
        _RESOURCE_HANDLERS[resource] = {
            "create": _create,
            "update": _update,
            "delete": _delete,
        }
