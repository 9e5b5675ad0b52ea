"""Programs that commands run, and questions that they ask."""

import pytest

from skafu.ops import terminal


def test_a_program_is_run_with_its_variables() -> None:
    assert terminal.run(["/bin/sh", "-c", "exit $CODE"], {"CODE": "7"}) == 7


@pytest.mark.parametrize(("said", "means"), [("y", True), ("Yes", True), ("", False), ("n", False)])
def test_only_yes_means_yes(monkeypatch: pytest.MonkeyPatch, said: str, means: bool) -> None:
    monkeypatch.setattr("builtins.input", lambda _: said)
    assert terminal.ask("Deploy?") is means
