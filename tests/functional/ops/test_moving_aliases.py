"""Aliases are moved in a Lambda that checks what it is asked for (moto)."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from skafu.ops.artefact.sources import Refused
from skafu.ops.rollback.aliases import move_all
from skafu.ops.rollback.plan import Move

REGION = "eu-west-1"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Lambda with two functions of two versions each; `live` is at the second."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        session = botocore.session.get_session()
        iam: Any = session.create_client("iam", region_name=REGION)
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        made: Any = session.create_client("lambda", region_name=REGION)
        for name in ("a", "b"):
            made.create_function(
                FunctionName=name,
                Runtime="python3.12",
                Role=role,
                Handler="x.y",
                Code={"ZipFile": code("1")},
                Publish=True,
            )
            made.update_function_code(FunctionName=name, ZipFile=code("2"), Publish=True)
            made.create_alias(
                FunctionName=name,
                Name="live",
                FunctionVersion="2",
                RoutingConfig={"AdditionalVersionWeights": {"1": 0.05}},
            )
        yield made


def code(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x.py", text)
    return made.getvalue()


def move(name: str, new: str) -> Move:
    return Move(name.upper(), name, "2", {"1": 0.05}, new)


def test_all_go_where_they_shall_with_all_their_calls(client: Any) -> None:
    move_all(client, [move("a", "1"), move("b", "1")], waiting)
    for name in ("a", "b"):
        found = client.get_alias(FunctionName=name, Name="live")
        assert found["FunctionVersion"] == "1"
        assert not (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights")


def test_a_function_that_is_not_there_keeps_no_other_back(client: Any) -> None:
    with pytest.raises(Refused, match="1 of 2 aliases were not moved, the others were. C: "):
        move_all(client, [move("a", "1"), move("c", "1")], waiting)
    assert client.get_alias(FunctionName="a", Name="live")["FunctionVersion"] == "1"


def test_nothing_to_move_is_nothing_to_ask(client: Any) -> None:
    move_all(client, [], waiting)
    assert client.get_alias(FunctionName="a", Name="live")["FunctionVersion"] == "2"


def waiting(_seconds: float) -> None:
    pytest.fail("nothing is in the way")
