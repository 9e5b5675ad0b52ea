"""The language over what is really stored, compacted or not."""

import pytest

from skafu.metrics.model import Statistic
from skafu.metrics.query.question import Inquiry, Resolution, Slice
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.table import Delete
from tests.support.clocks import NOON
from tests.support.compacted import Compacting
from tests.support.metrics import TENANT, point
from tests.support.querying import Platform, question

MIDNIGHT = NOON // DAY_MS * DAY_MS
HOSTS = "abcde"


@pytest.fixture
def platform() -> Platform:
    """A platform whose five hosts sent a counter every half an hour of yesterday."""
    found = Platform(page_size=1000)
    found.clock.now = MIDNIGHT
    for n in range(48):
        found.clock.now = MIDNIGHT + n * HOUR_MS // 2
        found.send(
            *(
                point("requests", float(n * (k + 1)), timestamp=found.clock.now, tags={"host": h})
                for k, h in enumerate(HOSTS)
            )
        )
    found.clock.now = MIDNIGHT + DAY_MS + HOUR_MS
    return found


def test_compacted_days_answer_from_hours_what_their_points_answered(platform: Platform) -> None:
    statistics = "sum avg min max count last rate increase".split()
    asked = [
        question(id=f"a{n}", metric="requests", statistic=Statistic(name), period=2 * HOUR_MS)
        for n, name in enumerate(statistics)
    ]
    day = {"start": MIDNIGHT, "end": MIDNIGHT + DAY_MS}
    raw = platform.ask(*asked, **day)
    Compacting(platform.table).merge(MIDNIGHT)
    rolled = platform.ask(*asked, **day)
    assert {result.resolution for result in raw.results} == {Resolution.RAW}
    assert {result.resolution for result in rolled.results} == {Resolution.HOURS}
    for before, after, name in zip(raw.results, rolled.results, statistics, strict=True):
        assert after.series[0].values == pytest.approx(before.series[0].values, rel=1e-3), name


@pytest.mark.parametrize(("statistic", "within"), [("p90", 0.02), ("stddev", 2**-12)])
def test_percentiles_and_deviations_of_compacted_days_are_exact_and_later_close(
    platform: Platform, statistic: str, within: float
) -> None:
    asked = question(metric="requests", statistic=Statistic(statistic), period=DAY_MS)
    day = {"start": MIDNIGHT, "end": MIDNIGHT + DAY_MS}
    exact = platform.values(asked, **day)
    Compacting(platform.table).merge(MIDNIGHT)
    assert platform.values(asked, **day) == exact
    platform.clock.advance(40 * DAY_MS)
    (old,) = platform.lines(asked, **day)
    assert old.values == pytest.approx(exact[0], rel=within)
    (result,) = platform.ask(asked, **day).results
    assert result.resolution == Resolution.HOURS


def test_pages_reach_series_that_only_old_hours_know(platform: Platform) -> None:
    Compacting(platform.table).merge(MIDNIGHT)
    for key, item in list(platform.table.items.items()):
        if item["k"] in ("layout", "catalogue", "segment"):
            platform.table.write(Delete(key))
    platform.clock.advance(100 * DAY_MS)
    asked = question(metric="requests", group_by=("host",), period=DAY_MS)
    found, after = "", None
    while True:
        inquiry = Inquiry(MIDNIGHT, MIDNIGHT + DAY_MS, (asked,), page=Slice(2, after))
        answer = platform.queries.answer(TENANT, inquiry)
        found += "".join(line.tags["host"] for line in answer.results[0].series)
        after = answer.after
        if after is None:
            break
    assert found == HOSTS
