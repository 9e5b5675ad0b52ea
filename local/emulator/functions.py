"""Lambda: what runs a function, and what the template says about it.

Interpreter
    AWS runs a function with the runtime, the layer and nothing else. MiniStack runs it with its own
    interpreter, so a package that the layer lacks is found in MiniStack's environment. Here it is
    SKAFU_LAMBDA_PYTHON, an environment that has what the runtime has.
Environment
    AWS gives a function the runtime's variables and its own. MiniStack adds all of its own process.
Settings
    AWS honours dead-letter queues and reserved concurrency, and turns numbers among the variables
    into text. MiniStack's provisioner drops the first two and cannot start a function that has a
    number.
Latency
    MiniStack waits 50 ms after a silent call for log lines that never come.
Logs
    AWS forgets log events after the group's retention. MiniStack keeps one stream a call for ever:
    a day of Skafu's own agent is 20,000 of them.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import os
from collections.abc import Mapping
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import cloudwatch_logs, lambda_svc
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::Lambda::Function"
_SEEN_BY_FUNCTIONS = ("PATH", "LANG", "TMPDIR", "GATEWAY_PORT", "AWS_SECRET_ACCESS_KEY")
_KEPT_STREAMS = 2_000

_detect_runtime_binary = lambda_runtime._detect_runtime_binary
_drain = lambda_runtime.Worker._drain_stderr_bounded
_emit_lambda_logs = lambda_svc._emit_lambda_logs


class _BareOs:
    """The `os` module with a small environment, for the module that starts functions."""

    environ = {name: os.environ[name] for name in _SEEN_BY_FUNCTIONS if name in os.environ} | {
        "TZ": ":UTC",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12",
        "PYTHONDONTWRITEBYTECODE": "1",  # a function's folder is read-only in AWS
    }

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def _clean_interpreter(runtime: str) -> tuple[str, str]:
    binary, script = _detect_runtime_binary(runtime)
    return (os.environ["SKAFU_LAMBDA_PYTHON"] if runtime.startswith("python") else binary), script


def _drain_quickly(
    worker: Any, first_line_wait: float = 0.003, idle_confirm: float = 0.002, hard_cap: float = 0.25
) -> Any:
    return _drain(worker, first_line_wait, idle_confirm, hard_cap)


def _settle(name: str, props: Mapping[str, Any]) -> None:
    function = lambda_svc._functions[name]
    function["config"].pop("DeadLetterConfig", None)
    if props.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]
    reserved = props.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)


def _texts(props: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, with every variable a text."""
    variables = (props.get("Environment") or {}).get("Variables") or {}
    texts = {name: str(value) for name, value in variables.items()}
    return {**props, "Environment": {"Variables": texts}}


def _create(logical_id: str, props: Mapping[str, Any], stack: str) -> Any:
    name, attributes = provisioners._lambda_create(logical_id, _texts(props), stack)
    _settle(name, props)
    return name, attributes


def _update(
    physical_id: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    stack: str,
    logical_id: str | None = None,
) -> Any:
    name, attributes = provisioners._lambda_update(physical_id, old, _texts(new), stack, logical_id)
    _settle(name, new)
    return name, attributes


def _emit_and_forget(function: Mapping[str, Any], *rest: Any, **named: Any) -> None:
    """Write the log of a call, and forget the oldest ones of its group."""
    _emit_lambda_logs(function, *rest, **named)
    config = function.get("config") or function
    group = (config.get("LoggingConfig") or {}).get("LogGroup")
    name = group or f"/aws/lambda/{config.get('FunctionName')}"
    streams = cloudwatch_logs._log_groups[name]["streams"]
    for oldest in list(streams)[: max(0, len(streams) - _KEPT_STREAMS)]:
        streams.pop(oldest, None)


def apply() -> None:
    """Run functions on their own interpreter, with their settings."""
    lambda_runtime._detect_runtime_binary = _clean_interpreter
    lambda_runtime.os = _BareOs()
    lambda_runtime.Worker._drain_stderr_bounded = _drain_quickly
    lambda_svc._emit_lambda_logs = _emit_and_forget
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_TYPE] = {**handlers[_TYPE], "create": _create, "update": _update}
