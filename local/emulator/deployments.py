"""CloudFormation: what a deployment itself needs.

Parameters in the transform
    AWS gives SAM the values of the parameters, so that a property may refer to one where SAM needs to know it.
    MiniStack gives it none, and SAM sees the defaults. An environment given as a parameter would be ignored in such
    places, silently.
CodeDeploy
    AWS shifts an alias by CodeDeploy. MiniStack refuses the stack because it does not know the types. Here they are
    accepted and do nothing: an alias moves at once.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import samtranslator.translator.transform as sam
from ministack.services.cloudformation import changesets, engine, handlers
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

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


def _create(logical_id: str, _props: Any, stack: str) -> tuple[str, dict[str, str]]:
    return f"{stack}-{logical_id}", {}


def _update(
    physical_id: str, _old: Any, _new: Any, _stack: str, logical_id: str = ""
) -> tuple[str, dict[str, str]]:
    del logical_id
    return physical_id, {}


def _delete(_physical_id: str, _props: Any) -> None:
    """Nothing was made."""


def apply() -> None:
    """Put the parameters into the transform and accept CodeDeploy's types."""
    sam.transform = _sam_with_parameters(sam.transform)
    transform = _with_parameters(engine._apply_transforms)
    for module in (engine, changesets, handlers):
        module._apply_transforms = transform
    for resource in ("Application", "DeploymentGroup"):
        _RESOURCE_HANDLERS[f"AWS::CodeDeploy::{resource}"] = {
            "create": _create,
            "update": _update,
            "delete": _delete,
        }
