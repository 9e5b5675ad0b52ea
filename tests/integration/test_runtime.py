"""What functions of the embedded AWS find around them: the runtime, their layer, nothing else."""

import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from local.home import STACK
from tests.integration.system import System

CODE = """
import importlib, os
def handler(event, context):
    missing = []
    for name in event["names"]:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return {"missing": missing, "variables": sorted(os.environ)}
"""
LAYER = ["orjson", "pydantic", "aws_lambda_powertools"]
RUNTIME = ["boto3", "botocore"]
OURS = ["pytest", "moto", "hypothesis", "psutil", "pycognito", "uv"]
THEIRS = ["ministack", "samtranslator", "hypercorn", "samcli", "skafu", "local"]


@pytest.fixture(scope="module")
def probe(system: System) -> Iterator[str]:
    """A function without a layer; its name."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", CODE)
    functions = system.aws("lambda")
    role = functions.get_function_configuration(FunctionName=f"{STACK}-workspace")["Role"]
    functions.create_function(
        FunctionName="probe",
        Runtime="python3.12",
        Role=role,
        Handler="probe.handler",
        Timeout=20,
        Code={"ZipFile": code.getvalue()},
    )
    yield "probe"
    functions.delete_function(FunctionName="probe")


def ask(system: System, function: str, names: list[str]) -> dict[str, list[str]]:
    answer = system.aws("lambda").invoke(
        FunctionName=function, Payload=json.dumps({"names": names}).encode()
    )
    said: dict[str, list[str]] = json.loads(answer["Payload"].read())
    return said


def test_a_function_finds_what_the_runtime_brings(system: System, probe: str) -> None:
    assert not ask(system, probe, RUNTIME)["missing"]


def test_a_package_that_the_layer_should_bring_is_missing_without_it(
    system: System, probe: str
) -> None:
    assert ask(system, probe, LAYER)["missing"] == LAYER


def test_a_function_finds_none_of_the_tools(system: System, probe: str) -> None:
    assert ask(system, probe, OURS + THEIRS)["missing"] == OURS + THEIRS


def test_the_layer_brings_what_the_functions_import(system: System, probe: str) -> None:
    functions = system.aws("lambda")
    [layer] = functions.get_function_configuration(FunctionName=f"{STACK}-metrics")["Layers"]
    functions.update_function_configuration(FunctionName=probe, Layers=[layer["Arn"]])
    assert not ask(system, probe, LAYER)["missing"]


def test_a_function_sees_no_variable_of_the_emulator(system: System, probe: str) -> None:
    seen = ask(system, probe, [])["variables"]
    assert {"AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_ACCESS_KEY_ID"} <= set(seen)
    assert not {"STATE_DIR", "PERSIST_STATE", "HOME", "VIRTUAL_ENV", "PYTHONPATH"} & set(seen)
