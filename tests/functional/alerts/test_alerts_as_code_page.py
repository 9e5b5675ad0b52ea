"""docs/alerts-as-code.md: every command on the page, in its order, prints what the page shows."""

import re
import shlex
from pathlib import Path

import pytest

from skafu.alerts.code.planning import MAX_ALERTS
from skafu.ops.alerts_series import OVER_TIME
from skafu.shared.audit import KEEP_S
from tests.functional.alerts.test_ops_alerts import Shell

PAGE = (Path(__file__).parents[3] / "docs" / "alerts-as-code.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMAND = ".venv/bin/python -m skafu.ops alerts "


def test_the_page_shows_what_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path, capsys)
    shell.happened(10, 20, 10, 60, 60, 10, 20, 10)
    code = commands = 0
    for kind, name, text in BLOCKS:
        if kind in ("yaml", "json"):
            Path(name).write_text(text, encoding="utf-8")
        elif kind == "console":
            for typed, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                if typed == "echo $?":
                    assert printed == f"{code}\n"
                    continue
                assert typed.startswith(COMMAND)
                code = shell.run(*shlex.split(typed.removeprefix(COMMAND)))
                screen = "".join(f"{x}\n" for x in (shell.out, shell.err.rstrip("\n")) if x)
                assert screen == printed, typed
                commands += 1
    assert commands >= 9


def test_the_page_names_every_function_and_limit() -> None:
    for function in (*OVER_TIME, "quantile_over_time"):
        assert f"`{function}`" in PAGE
    assert f"{MAX_ALERTS:,} alerts" in PAGE
    assert f"{KEEP_S // 86_400} days" in PAGE
