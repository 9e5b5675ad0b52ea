"""CodeDeploy: a version is validated before callers reach it.

Aliases
    AWS gives an alias that has a deployment group (its UpdatePolicy) to CodeDeploy, which invokes
    the hook before traffic, waits for what it tells, and moves the alias only then: a hook that
    says no, or nothing, fails the update of the stack. MiniStack moves the alias. Here the hook is
    asked first, and its no fails the update.
Order
    The hook is to know the new version, so what an UpdatePolicy refers to comes before the alias.
    MiniStack looks at references among the properties alone.
API
    Hooks ask CodeDeploy what they are about and tell it what they found. MiniStack knows no such
    service. Here there are GetDeployment and PutLifecycleEventHookExecutionStatus, and for people
    ListDeployments; they ask for the permissions that AWS asks for.

What it leaves out: all traffic moves at once whatever the strategy, alarms take nothing back, and
hooks after the traffic are not invoked. An alias that is made, or goes back with its stack, is
moved without CodeDeploy.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import copy
import json
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import _stacks, engine, provisioners, stacks

_ALIAS = "AWS::Lambda::Alias"
_POLICY = "CodeDeployLambdaAliasUpdate"
_TARGET = "CodeDeploy_20141006."
_JSON = {"Content-Type": "application/x-amz-json-1.1"}  # copied: MiniStack adds the length to it


@dataclass
class _Deployment:
    """One of an alias; `told` is what the hook said, by its execution's id, `is_over` whether it is
    no longer under way.
    """

    id: str
    application: str
    group: str
    account: str
    region: str
    told: dict[str, str]
    is_over: bool = False

    @property
    def arn(self) -> str:
        """What permissions are about."""
        place = f"{self.region}:{self.account}"
        return f"arn:aws:codedeploy:{place}:deploymentgroup:{self.application}/{self.group}"


_deployments: dict[str, _Deployment] = {}
_template: ContextVar[tuple[Mapping[str, Any], Any] | None] = ContextVar("template", default=None)
_alias_update = provisioners._lambda_alias_update
_extract_deps = engine._extract_deps
_runs_on_worker_thread = stacks._runs_on_worker_thread
_handle_special = app._handle_special_data_plane_request


# --- aliases --------------------------------------------------------------------------------------


def _deps(resource: Mapping[str, Any], names: set[str]) -> set[str]:
    """What a resource needs, its UpdatePolicy included."""
    policy = resource.get("UpdatePolicy") or {}
    referred = {name for name, _ in engine._intrinsic_references(policy) if name in names}
    return set(_extract_deps(resource, names)) | referred


def _remembering(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Remember what is being deployed: an alias's handler is told its properties alone."""

    def conditions(template: Mapping[str, Any], parameters: Any) -> Any:
        _template.set((template, parameters))
        return evaluate(template, parameters)

    return conditions


def _policy(stack: Mapping[str, Any], logical_id: str) -> Mapping[str, Any]:
    """The resolved UpdatePolicy of an alias; empty without CodeDeploy."""
    found = _template.get()
    if found is None:
        return {}
    template, parameters = found
    resource = (template.get("Resources") or {}).get(logical_id) or {}
    policy = (resource.get("UpdatePolicy") or {}).get(_POLICY)
    if not policy:
        return {}
    resolved: Mapping[str, Any] = stacks._resolve_refs(
        copy.deepcopy(policy),
        stack.get("_resources", {}),
        parameters,
        engine._evaluate_conditions(template, parameters),
        template.get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    return resolved


def _update(
    physical_id: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    stack_name: str,
    logical_id: str | None = None,
) -> Any:
    """Move an alias once its hook has nothing against it."""
    stack = _stacks[stack_name]
    is_moved = old.get("FunctionVersion") != new.get("FunctionVersion")
    if is_moved and stack["StackStatus"] == "UPDATE_IN_PROGRESS":
        policy = _policy(stack, logical_id or "")
        if hook := policy.get("BeforeAllowTrafficHook"):
            _ask(str(hook), policy)
    return _alias_update(physical_id, old, new, stack_name, logical_id)


def _ask(hook: str, policy: Mapping[str, Any]) -> None:
    """Raises ValueError, which fails the alias, unless the hook tells that the version is good."""
    deployment = _Deployment(
        f"d-{secrets.token_hex(5).upper()[:9]}",
        str(policy.get("ApplicationName")),
        str(policy.get("DeploymentGroupName")),
        get_account_id(),
        get_region(),
        {},
    )
    _deployments[deployment.id] = deployment
    execution = secrets.token_urlsafe(24)
    function, _ = lambda_svc._get_func_record_for_qualifier(hook, None)
    if function is None:
        raise ValueError(f"CodeDeploy: there is no function {hook}")
    event = {"DeploymentId": deployment.id, "LifecycleEventHookExecutionId": execution}
    try:
        lambda_svc._execute_function(function, event)
    finally:
        deployment.is_over = True
    said = deployment.told.get(execution, "nothing")
    if said != "Succeeded":
        raise ValueError(
            f"Deployment {deployment.id} of {deployment.group} failed: {hook} said {said}"
        )


# --- API ------------------------------------------------------------------------------------------


async def _special(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query: Any,
    request_id: str,
    **named: Any,
) -> Any:
    """Answer for CodeDeploy, and leave everything else to what there is."""
    target = headers.get("x-amz-target", "")
    if not target.startswith(_TARGET):
        return await _handle_special(method, path, headers, body, query, request_id, **named)
    asked, action = json.loads(body or b"{}"), target.removeprefix(_TARGET)
    if action == "ListDeployments":
        denied = _denied(action, _group_arn(asked), headers, query, request_id)
        listed = {"deployments": [each.id for each in _under_way(asked)]}
        return denied or (200, dict(_JSON), json.dumps(listed).encode())
    deployment = _deployments.get(str(asked.get("deploymentId")))
    if deployment is None or deployment.account != get_account_id():
        return _refusal("DeploymentDoesNotExistException", "The deployment does not exist")
    if denied := _denied(action, deployment.arn, headers, query, request_id):
        return denied
    if action == "GetDeployment":
        return 200, dict(_JSON), json.dumps({"deploymentInfo": _info(deployment)}).encode()
    if action == "PutLifecycleEventHookExecutionStatus":
        execution = str(asked["lifecycleEventHookExecutionId"])
        deployment.told[execution] = str(asked["status"])
        told = {"lifecycleEventHookExecutionId": execution}
        return 200, dict(_JSON), json.dumps(told).encode()
    return _refusal("InvalidOperationException", f"{action} is not there")


def _denied(action: str, arn: str, headers: Mapping[str, str], query: Any, request_id: str) -> Any:
    """The refusal of who may not do this; None for who may."""
    return app._enforce_data_plane(
        "codedeploy", f"codedeploy:{action}", headers, query, request_id, resource_arn=arn
    )


def _group_arn(asked: Mapping[str, Any]) -> str:
    place = f"{get_region()}:{get_account_id()}"
    name = f"{asked.get('applicationName')}/{asked.get('deploymentGroupName')}"
    return f"arn:aws:codedeploy:{place}:deploymentgroup:{name}"


def _under_way(asked: Mapping[str, Any]) -> list[_Deployment]:
    """The deployments of a group, as AWS lists those whose status is InProgress."""
    arn = _group_arn(asked)
    return [each for each in _deployments.values() if each.arn == arn and not each.is_over]


def _info(deployment: _Deployment) -> dict[str, Any]:
    return {
        "deploymentId": deployment.id,
        "applicationName": deployment.application,
        "deploymentGroupName": deployment.group,
        "status": "InProgress",
        "computePlatform": "Lambda",
    }


def _refusal(kind: str, message: str) -> Any:
    return 400, dict(_JSON), json.dumps({"__type": kind, "message": message}).encode()


def apply() -> None:
    """Have hooks asked before aliases move. After deployments.apply()."""
    stacks._evaluate_conditions = _remembering(stacks._evaluate_conditions)
    stacks._runs_on_worker_thread = lambda kind: kind == _ALIAS or _runs_on_worker_thread(kind)
    engine._extract_deps = _deps
    app._handle_special_data_plane_request = _special
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_ALIAS] = {**handlers[_ALIAS], "update": _update}
