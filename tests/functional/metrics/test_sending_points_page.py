"""docs/sending-points.md: every request on the page has the answer that the page shows."""

import json
import re
from pathlib import Path
from typing import Any

from skafu.metrics.columnar import MAX_COLUMNS
from skafu.metrics.ingest import MAX_POINTS
from skafu.metrics.observations import MAX_BOUNDS, MAX_SKETCH_BINS, MAX_VALUES
from skafu.metrics.points import MAX_TAG_KEY, MAX_TAG_VALUE, MAX_TAGS
from tests.support.metrics_api import Function

PAGE = (Path(__file__).parents[3] / "docs" / "sending-points.md").read_text("utf-8")
BLOCKS = re.findall(r"^```json (\w+) ?(\d*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_is_answered() -> None:
    function = Function()
    assert [kind for kind, _, _ in BLOCKS] == ["request", "answer"] * 5
    for (_, status, request), (_, _, shown) in zip(BLOCKS[::2], BLOCKS[1::2], strict=True):
        found: tuple[int, Any] = function.post(request)
        answer = json.loads(shown)
        assert (found[0], {name: found[1].get(name) for name in answer}) == (int(status), answer)


def test_the_page_names_every_limit() -> None:
    limits = (MAX_POINTS, MAX_TAGS, MAX_TAG_KEY, MAX_TAG_VALUE, MAX_VALUES, MAX_BOUNDS)
    for limit in (*limits, MAX_SKETCH_BINS, MAX_COLUMNS):
        assert f"{limit:,}" in PAGE
