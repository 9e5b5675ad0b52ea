"""The client of the operators' command: patient where the API asks for it, and plain about what it
says.
"""

import json
from collections.abc import Mapping

import pytest

from skafu.ops.alerts_client import ATTEMPTS, Answer, Client, Trouble, trouble_of


class Script:
    """A server that answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Answer | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes | None, Mapping[str, str]]] = []
        self.pauses: list[float] = []

    def __call__(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        self.asked.append((method, url, body, headers))
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def client(self) -> Client:
        return Client("https://api.example/live/", "t0ken", self, self.pauses.append)


def answer(status: int, body: object = None, **headers: str) -> Answer:
    return Answer(status, headers, b"" if body is None else json.dumps(body).encode())


def test_a_call_carries_token_query_and_body() -> None:
    script = Script(answer(200, {"a": 1}))

    assert script.client().json("POST", "/api/x", {"b": 2}, label=["c=d", "e=f"]) == {"a": 1}

    method, url, body, headers = script.asked[0]
    assert (method, url) == ("POST", "https://api.example/live/api/x?label=c%3Dd&label=e%3Df")
    assert body == b'{"b": 2}'
    assert headers == {"Authorization": "Bearer t0ken", "Content-Type": "application/json"}


def test_what_may_succeed_later_is_tried_again() -> None:
    script = Script(
        answer(503, **{"retry-after": "7"}), ConnectionResetError(), answer(429), answer(200, {})
    )

    assert script.client().json("GET", "/api/x") == {}
    assert script.pauses == [7.0, 2.0, 4.0]


def test_no_pause_lasts_longer_than_somebody_would_wait() -> None:
    script = Script(answer(429, **{"retry-after": "86400"}), answer(200, {}))

    script.client().json("GET", "/api/x")

    assert script.pauses == [30.0]


def test_after_some_tries_the_last_answer_stands() -> None:
    script = Script(*[answer(503, {"detail": "try again"})] * ATTEMPTS)

    with pytest.raises(Trouble, match=r"try again \(status 503\)"):
        script.client().json("GET", "/api/x")
    assert len(script.pauses) == ATTEMPTS - 1


def test_nobody_there_is_said_after_some_tries() -> None:
    script = Script(*[ConnectionRefusedError("refused")] * ATTEMPTS)

    with pytest.raises(Trouble, match=r"GET https://api.example/live/api/x: no answer \(refused\)"):
        script.client().json("GET", "/api/x")


def test_a_refusal_is_not_tried_again() -> None:
    script = Script(answer(403, {"detail": "this needs the role editor"}))

    with pytest.raises(Trouble) as refused:
        script.client().json("PUT", "/api/x")
    assert (refused.value.status, script.pauses) == (403, [])


def test_a_problem_is_told_with_the_fields_at_fault() -> None:
    problem = {"detail": "some fields are wrong", "errors": [{"field": "a.0", "reason": "is odd"}]}

    trouble = trouble_of("PUT /x", answer(422, problem))

    assert (str(trouble), trouble.details) == (
        "some fields are wrong (status 422)",
        ("a.0: is odd",),
    )


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"message": "Forbidden"}', b"\xff"])
def test_what_is_no_problem_document_is_told_as_it_is(body: bytes) -> None:
    assert str(trouble_of("GET /x", Answer(502, {}, body))).startswith("GET /x: 502")
