"""docs/query-language.md: every request on the page has the answer that the page shows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from skafu.metrics.query import limits
from skafu.metrics.query.evaluation import MAX_WORK
from skafu.metrics.query.parsing import ARITIES
from skafu.metrics.query.question import Fill, Resolution
from skafu.metrics.query.service import MAX_SAMPLES
from tests.support.clocks import NOON
from tests.support.metrics_api import Function

PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text("utf-8")
BLOCKS = re.findall(r"^```json (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
POINTS = [text for kind, text in BLOCKS if kind == "points"]
EXAMPLES = [
    (request, answer)
    for (kind, request), (next_kind, answer) in zip(BLOCKS, BLOCKS[1:], strict=False)
    if (kind, next_kind) == ("request", "answer")
]


def test_every_example_has_an_answer() -> None:
    assert len(POINTS) == 1
    assert len(EXAMPLES) >= 5
    assert [kind for kind, _ in BLOCKS] == ["points", *("request", "answer") * len(EXAMPLES)]


@pytest.mark.parametrize(("request_", "answer"), EXAMPLES)
def test_the_page_shows_what_is_answered(request_: str, answer: str) -> None:
    function = Function()
    function.clock.now = NOON + 180_000
    assert function.post(POINTS[0])[1]["rejected"] == []
    found: tuple[int, Any] = function.ask(request_)
    assert found == (200, json.loads(answer))


def test_the_page_names_every_function_fill_resolution_and_limit() -> None:
    for name in ARITIES:
        assert f"`{name}(" in PAGE
    for word in (*Fill, *Resolution):
        assert f"`{word}`" in PAGE
    for limit in (
        limits.MAX_SERIES,
        limits.MAX_POINTS,
        limits.MAX_HIDDEN_SERIES,
        limits.MAX_HIDDEN_POINTS,
        MAX_WORK,
        MAX_SAMPLES,
    ):
        assert f"{limit:,}" in PAGE
