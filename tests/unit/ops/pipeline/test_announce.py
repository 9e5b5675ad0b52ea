"""Telling others how a deployment went."""

from dataclasses import dataclass
from typing import Any

import pytest

from skafu.ops.pipeline import announce
from tests.support.http_script import HttpScript, read_by, says

ADDRESS = "https://hooks.example.com/services/T0/S3CR3T"
TOLD = ["--environment", "production", "--status", "success"]


def no_account(service: str, **_: Any) -> Any:
    raise AssertionError(f"{service} is not needed")


@dataclass
class Announced:
    code: int
    script: HttpScript
    pauses: list[float]


def announced(script: HttpScript, *more: str, address: str = ADDRESS) -> Announced:
    pauses: list[float] = []
    variables = {announce.ADDRESS: address} if address else {}
    code = announce.main([*TOLD, *more], no_account, variables, read_by(script), pauses.append)
    return Announced(code, script, pauses)


def test_status_and_environment_are_posted() -> None:
    done = announced(HttpScript([says(200)]))
    [asked] = done.script.asked
    assert (done.code, asked.method, asked.url) == (0, "POST", ADDRESS)
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.json() == {"status": "success", "environment": "production"}


def test_release_commit_and_link_are_told_where_they_are_known() -> None:
    more = ["--release", "20261123T012117Z-3fa2b1c4", "--commit", "c" * 40, "--link", "https://x/1"]
    [asked] = announced(HttpScript([says(204)]), *more).script.asked
    assert asked.json() == {
        "status": "success",
        "environment": "production",
        "release": "20261123T012117Z-3fa2b1c4",
        "commit": "c" * 40,
        "link": "https://x/1",
    }


def test_without_an_address_nobody_is_told_and_that_is_all_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = announced(HttpScript([says(200)]), address="")
    assert (done.code, done.script.asked) == (0, [])
    assert "DEPLOYMENT_WEBHOOK_URL is not set" in capsys.readouterr().out


@pytest.mark.parametrize("first", [says(500), says(429), OSError("no route"), TimeoutError()])
def test_a_receiver_that_is_busy_is_asked_again(first: Any) -> None:
    done = announced(HttpScript([first, says(200)]))
    assert (done.code, len(done.script.asked), done.pauses) == (0, 2, [1.0])


def test_it_gives_up_after_three_tries() -> None:
    done = announced(HttpScript([says(503)]))
    assert (done.code, len(done.script.asked), done.pauses) == (1, 3, [1.0, 4.0])


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 410])
def test_a_no_is_a_no_and_nobody_is_followed_elsewhere(status: int) -> None:
    done = announced(HttpScript([says(status, Location="https://elsewhere.example.com")]))
    assert (done.code, len(done.script.asked), done.pauses) == (1, 1, [])


@pytest.mark.parametrize(
    "answer", [says(200), says(404), says(503), OSError(f"cannot reach {ADDRESS}")]
)
def test_the_address_is_never_printed(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    announced(HttpScript([answer]))
    said = capsys.readouterr()
    for secret in (ADDRESS, "hooks.example.com", "S3CR3T"):
        assert secret not in said.out + said.err


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https:///x",
        "hooks.example.com/x",
        "https://me:S3CR3T@hooks.example.com/x",
        "http://localhost.example.com/x",
    ],
)
def test_an_address_that_others_can_listen_to_is_refused(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = announced(HttpScript([says(200)]), address=address)
    assert (done.code, done.script.asked) == (1, [])
    assert "S3CR3T" not in capsys.readouterr().err


def test_this_machine_may_be_told_without_encryption() -> None:
    assert announced(HttpScript([says(200)]), address="http://127.0.0.1:8000/x").code == 0


@pytest.mark.parametrize("status", ["Success", "", "succeeded"])
def test_other_statuses_there_are_none(status: str) -> None:
    with pytest.raises(SystemExit):
        announce.main(["--environment", "production", "--status", status])
