"""How work grows: what a point takes against the number of series, and what a question takes
against series, range and age. `python -m benchmarks.growth` prints the tables and draws
docs/growth.svg; counts are exact, so the drawing is too, but for CPU, which is only printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skafu.metrics.reader import Demand
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from benchmarks.deployment import DAY, Deployment, Read
from benchmarks.drawing import Chart, Line, drawn
from benchmarks.lives import short
from benchmarks.population import Fleet

PICTURE = Path(__file__).parents[1] / "docs" / "growth.svg"
SERIES = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)
BATCH = 1000
METRIC = "app.requests"
ASKED = (1, 10, 100, 300)
RANGES = {"1 h": HOUR_MS, "6 h": 6 * HOUR_MS, "1 d": DAY_MS, "7 d": 7 * DAY_MS, "30 d": 30 * DAY_MS}
AGES = (0, 1, 2, 7, 14, 28)
DAYS = 30


@dataclass(frozen=True)
class Grown:
    """What a point takes where there are so many series."""

    series: int
    wru_ingest: float
    wru_seal: float
    rru: float
    ingest_ms: float
    seal_ms: float


def ingest() -> list[Grown]:
    """A point's second bucket, for more and more series in batches of up to a thousand."""
    found = []
    for series in SERIES:
        own = short(series, min(series, BATCH))
        found.append(
            Grown(
                series=series,
                wru_ingest=own.ingest.wru / own.points,
                wru_seal=own.seal.wru / own.points,
                rru=(own.ingest.rru + own.seal.rru) / own.points,
                ingest_ms=own.ingest.cpu_ms / own.points * 1000,
                seal_ms=own.seal.cpu_ms / own.points * 1000,
            )
        )
    return found


@dataclass(frozen=True)
class Asked:
    """What questions took: by number of series, by range, and by how many days they lie back."""

    series: dict[int, Read]
    ranges: dict[str, tuple[Read, Read | None]]
    ages: dict[int, Read]


def questions() -> Asked:
    """Thirty days of 300 series of one metric, a point every five minutes, and an hour of today."""
    start = DAY - DAYS * DAY_MS
    deployment, fleet = Deployment(start), Fleet(max(ASKED), metric=METRIC)
    deployment.live(fleet, max(ASKED), DAY + HOUR_MS + BUCKET_MS, every=5 * MINUTE_MS)
    now = deployment.now // HOUR_MS * HOUR_MS
    hosts = {series: frozenset(_tags(series)) for series in ASKED}

    def ask(length: int, series: int, back: int = 0, hours: bool = False) -> Read:
        end, wanted = now - back, hosts[series]
        demand = Demand(METRIC, end - length, end, hours, wants=lambda s: s.tags in wanted)
        return deployment.read([demand])

    return Asked(
        series={series: ask(DAY_MS, series) for series in ASKED},
        ranges={
            name: (ask(length, 100), ask(length, 100, hours=True) if length >= DAY_MS else None)
            for name, length in RANGES.items()
        },
        ages={days: ask(HOUR_MS, 100, days * DAY_MS) for days in AGES},
    )


def _tags(series: int) -> list[tuple[tuple[str, str], ...]]:
    return [tuple(sorted(point["tags"].items())) for point in Fleet(series).batch(0)]


# --- tables and drawing ---------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tables(grown: Sequence[Grown], asked: Asked) -> str:
    """Everything as Markdown."""
    points = _table(
        ["series", "WRU of ingest", "WRU of sealing", "RRU", "ingest ms", "sealing ms"],
        [
            [f"{x.series:,}", f"{x.wru_ingest:.5f}", f"{x.wru_seal:.5f}", f"{x.rru:.5f}"]
            + [f"{x.ingest_ms:.1f}", f"{x.seal_ms:.1f}"]
            for x in grown
        ],
    )
    series = _table(
        ["series asked for", "RRU", "requests", "points"],
        [[n, f"{x.rru:g}", x.calls, f"{x.points:,}"] for n, x in asked.series.items()],
    )
    ranges = _table(
        ["range", "RRU of points", "requests", "RRU of hours", "requests"],
        [
            [name, f"{raw.rru:g}", raw.calls]
            + ([f"{hours.rru:g}", hours.calls] if hours else ["", ""])
            for name, (raw, hours) in asked.ranges.items()
        ],
    )
    ages = _table(
        ["days back", "RRU of an hour's points", "requests"],
        [[days, f"{x.rru:g}", x.calls] for days, x in asked.ages.items()],
    )
    return "\n\n".join((points, series, ranges, ages))


def picture(grown: Sequence[Grown], asked: Asked) -> str:
    """The same as a drawing."""
    days = {name: length / DAY_MS for name, length in RANGES.items()}
    hours = [(days[n], x.rru) for n, (_, x) in asked.ranges.items() if x is not None]
    return drawn(
        [
            Chart(
                "Write units a point",
                "series",
                [
                    Line("ingest and seal", [(x.series, x.wru_ingest + x.wru_seal) for x in grown]),
                    Line("ingest", [(x.series, x.wru_ingest) for x in grown]),
                ],
            ),
            Chart(
                "Read units for a day",
                "series asked for",
                [Line("points", [(n, x.rru) for n, x in asked.series.items()])],
            ),
            Chart(
                "Read units for 100 series",
                "days of range",
                [
                    Line("points", [(days[n], x.rru) for n, (x, _) in asked.ranges.items()]),
                    Line("hours", hours),
                ],
            ),
            Chart(
                "Read units for an hour of 100 series",
                "days back",
                [Line("points", [(n + 1 / 24, x.rru) for n, x in asked.ages.items()])],
            ),
        ]
    )


def main() -> None:
    """Measure, print, draw."""
    grown, asked = ingest(), questions()
    print(tables(grown, asked))
    PICTURE.write_text(picture(grown, asked))


if __name__ == "__main__":
    main()
