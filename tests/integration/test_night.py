"""A night on call, and a fire drill in it. It began before the first test (conftest.py)."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from tests.integration.nights import Played


def test_a_night_on_call_comes_about_as_it_should(night: Future[Played]) -> None:
    found = night.result()

    assert found.met, "\n".join(found.told)
    assert [each["to"] for each in found.drill["decisions"]] == ["ALARM", "OK"]
    assert outcomes(found.drill) == [("firing", "delivered"), ("resolved", "delivered")]
    assert all(b"[DRILL]" in page for page in found.pages)
    assert any("did not fire" in line for line in found.told)


def outcomes(drill: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["told"], each["outcome"]) for each in drill["tellings"]]
