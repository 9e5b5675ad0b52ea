import base64
import gzip

import pytest

from local.api import Answer, Api, ApiError, MachineToken
from tests.support.clocks import FakeClock
from tests.support.http_script import HttpScript, says

BASE = "http://api.example/local"


def api(*answers: Answer | Exception) -> tuple[Api, HttpScript, list[float]]:
    """An API that answers by a script, and the pauses it makes."""
    script, pauses = HttpScript(list(answers)), list[float]()
    return Api(BASE, lambda: "token", script, pauses.append, lambda: 1.0), script, pauses


def token(script: HttpScript, clock: FakeClock) -> MachineToken:
    return MachineToken("http://auth.example/oauth2/token", "me", "secret", clock, script)


def test_a_call_carries_token_body_query_and_key() -> None:
    calls, script, _ = api(says(200, {"ok": True}))
    answer = calls.call("POST", "/api/x", {"a": 1}, query={"filter": ["a=1", "b=2"]}, key="k")
    assert answer.json() == {"ok": True}
    [asked] = script.asked
    assert (asked.method, asked.url) == (
        "POST",
        f"{BASE}/api/x?filter=a%3D1&filter=b%3D2",
    )
    assert asked.json() == {"a": 1}
    assert asked.headers["Authorization"] == "Bearer token"
    assert asked.headers["Idempotency-Key"] == "k"


def test_a_large_body_goes_compressed_and_a_small_one_as_it_is() -> None:
    calls, script, _ = api(says(202))
    calls.call("POST", "/api/x", {"a": "b" * 2_000})
    calls.call("POST", "/api/x", {"a": "b"})
    large, small = script.asked
    assert large.headers["Content-Encoding"] == "gzip"
    assert large.body is not None and len(large.body) < 200
    assert large.json() == {"a": "b" * 2_000}
    assert "Content-Encoding" not in small.headers and small.json() == {"a": "b"}


def test_what_is_sent_once_is_not_tried_again() -> None:
    calls, script, pauses = api(says(503))
    assert calls.send("/api/x", gzip.compress(b"{}"), "k").status == 503
    [asked] = script.asked
    assert (asked.method, asked.json(), pauses) == ("POST", {}, [])
    assert asked.headers["Idempotency-Key"] == "k"
    assert asked.headers["Authorization"] == "Bearer token"


def test_a_refusal_is_an_answer_and_is_not_tried_again() -> None:
    calls, script, pauses = api(says(422, {"title": "no"}))
    assert calls.call("GET", "/api/x").status == 422
    assert (len(script.asked), pauses) == (1, [])


@pytest.mark.parametrize("trouble", [says(503), says(429), OSError("reset")])
def test_what_may_succeed_later_is_tried_again(trouble: Answer | Exception) -> None:
    calls, script, pauses = api(trouble, trouble, says(200))
    assert calls.call("GET", "/api/x").status == 200
    assert len(script.asked) == 3
    assert pauses == [1.0, 2.0]


def test_a_pause_is_at_least_as_long_as_the_api_asks_for() -> None:
    calls, _, pauses = api(says(503, retry_after="7"), says(200))
    calls.call("GET", "/api/x")
    assert pauses == [7.0]


def test_trouble_that_lasts_is_answered_as_it_is() -> None:
    calls, script, _ = api(says(503))
    assert calls.call("GET", "/api/x").status == 503
    assert len(script.asked) == 5


def test_silence_that_lasts_is_an_error() -> None:
    calls, _, _ = api(OSError("nobody there"))
    with pytest.raises(ApiError, match="nobody there"):
        calls.call("GET", "/api/x")


def test_a_question_that_has_to_succeed_raises_what_the_api_said() -> None:
    calls, _, _ = api(says(404, {"detail": "no such alert"}))
    with pytest.raises(ApiError, match="no such alert"):
        calls.ask("GET", "/api/alerts/x")


def test_an_empty_answer_has_no_document() -> None:
    calls, _, _ = api(says(204))
    assert calls.ask("DELETE", "/api/x") is None


def test_a_token_is_asked_for_with_the_clients_credentials() -> None:
    script = HttpScript([says(200, {"access_token": "t", "expires_in": 3600})])
    assert token(script, FakeClock())() == "t"
    [asked] = script.asked
    assert asked.body == b"grant_type=client_credentials"
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"me:secret").decode()


def test_a_token_is_kept_until_a_minute_before_it_expires() -> None:
    clock = FakeClock()
    script = HttpScript(
        [
            says(200, {"access_token": "one", "expires_in": 3600}),
            says(200, {"access_token": "two", "expires_in": 3600}),
        ]
    )
    current = token(script, clock)
    assert current() == "one"
    clock.advance(3_539_999)
    assert current() == "one"
    clock.advance(1)
    assert current() == "two"


def test_refused_credentials_are_an_error() -> None:
    script = HttpScript([says(400, {"error": "invalid_client"})])
    with pytest.raises(ApiError, match="invalid_client"):
        token(script, FakeClock())()
