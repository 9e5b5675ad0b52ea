"""Examples to which the engine and the console's preview are held: what an alert does over a row
of buckets. The console shades its chart with an evaluator of its own while a line is dragged; the
file of these examples is read by its tests and by tests/unit/alerts/test_evaluation_cases.py.

    python -m tests.support.evaluation_cases     writes the file anew, by the engine
"""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skafu.alerts.backtest.replay import replay
from skafu.alerts.backtest.tally import pages
from skafu.alerts.machine import Bucket, window_length
from skafu.alerts.model import Alert, Definition
from skafu.alerts.schemas import AlertIn

FILE = Path(__file__).parents[2] / "frontend/src/features/alerts/evaluation/evaluation-cases.json"
START = 1_700_049_600_000
PERIOD_S = 60
PERIOD_MS = 1000 * PERIOD_S
RANDOM_CASES = 60
BUCKETS = 40

PLAIN = {
    "name": "case",
    "metric": "m",
    "statistic": "avg",
    "period": PERIOD_S,
    "comparison": ">",
    "threshold": 10,
}
BY_HAND: dict[str, tuple[dict[str, Any], list[float | None]]] = {
    "one period": ({}, [5, 11, 5, 10, 12]),
    "three of five": (
        {"evaluation_periods": 5, "datapoints_to_alarm": 3},
        [5, 11, 11, 5, 11, 5, 5, 5, 5],
    ),
    "hysteresis": ({"recovery": 8}, [5, 11, 9, 9, 8, 9, 11]),
    "silence holds": ({}, [11, None, None, None, None, 5]),
    "silence resolves without the hold": ({"hold": False}, [11, None, None, None, None, 5]),
    "silence is breaching": ({"missing_data": "breaching"}, [5, None, None, None, None, 5]),
    "silence is fine": ({"missing_data": "notBreaching"}, [11, None, None, None, None, 11]),
    "keeps firing": ({"keep_firing": 180}, [11, 5, 5, 5, 5, 11, 5, 5, 5]),
    "levels": (
        {"severity": "low", "levels": [{"severity": "high", "threshold": 20, "recovery": 18}]},
        [5, 11, 21, 19, 18, 25, 5],
    ),
    "outside": (
        {"comparison": "outside", "threshold": None, "lower": 1, "upper": 9},
        [1, 9, 10, 0],
    ),
    "inside": ({"comparison": "inside", "threshold": None, "lower": 1, "upper": 9}, [1, 9, 10, 0]),
    "cooldown": ({"cooldown": 240}, [11, 5, 11, 11, 11, 5, 5, 11, 5, 11]),
    "a rise is held back": (
        {"cooldown": 600, "severity": "low", "levels": [{"severity": "high", "threshold": 20}]},
        [11, 5, 11, 25, 5],
    ),
    "begins late": ({"evaluation_periods": 3}, [None, None, 11, None, 11, 11, 5]),
}


def definition_of(fields: dict[str, Any]) -> AlertIn:
    """The alert that a case is about."""
    return AlertIn.model_validate_json(json.dumps({**PLAIN, **fields}))


def outcome(fields: dict[str, Any], values: Sequence[float | None]) -> dict[str, Any]:
    """What the engine makes of a case: the changes, and how often somebody is told."""
    draft = definition_of(fields).draft()
    alert = Alert(**vars(draft), id="case", version=1, created_at=START, edited_at=START)
    end = START + len(values) * PERIOD_MS
    effects = replay(alert, _Row(alert.definition, values), START, end)
    return {
        "changes": [
            {
                "at": each.bucket,
                "from": each.source,
                "to": each.target,
                "fromLevel": each.source_level,
                "level": each.target_level,
            }
            for each in effects
        ],
        "pages": pages(effects, alert.cooldown, end),
    }


class _Row:
    """Buckets with the values of a case; those around it are without data."""

    def __init__(self, definition: Definition, values: Sequence[float | None]) -> None:
        self._width = window_length(definition)
        self._values = values

    def covers(self, _end: int) -> bool:
        """What is not there has no data."""
        return True

    def value(self, end: int) -> float | None:
        """Of the bucket that ends there."""
        place = (end - START) // PERIOD_MS - 1
        return self._values[place] if 0 <= place < len(self._values) else None

    def window(self, end: int) -> Sequence[Bucket]:
        """The buckets that a decision looks at."""
        ends = range(end - (self._width - 1) * PERIOD_MS, end + 1, PERIOD_MS)
        return [Bucket(each, self.value(each)) for each in ends]

    def complete(self, _end: int) -> bool:
        """All data have come long ago."""
        return True

    def stirs(self, _end: int) -> bool:
        """Nothing is waited for."""
        return False


def _random_fields(r: random.Random) -> dict[str, Any]:
    n = r.choice([1, 1, 2, 3, 5])
    fields: dict[str, Any] = {
        "evaluation_periods": n,
        "datapoints_to_alarm": r.randint(1, n),
        "missing_data": r.choice(["missing", "ignore", "breaching", "notBreaching"]),
        "hold": r.random() < 0.7,
        "keep_firing": r.choice([0, 0, 60, 150, 300]),
        "cooldown": r.choice([0, 0, 300]),
        "comparison": r.choice([">", ">=", "<", "<=", "outside", "inside"]),
        "severity": "low",
    }
    severities = ["medium", "high", "critical"][: r.choice([0, 0, 1, 2])]
    if fields["comparison"] in ("outside", "inside"):
        # Each level's range is wider than the one before, or narrower.
        widen = 3 if fields["comparison"] == "outside" else -3
        fields |= {"threshold": None, "lower": 0, "upper": 20}
        fields["levels"] = [
            {"severity": each, "lower": 0 - widen * k, "upper": 20 + widen * k}
            for k, each in enumerate(severities, start=1)
        ]
        return fields
    up = 1 if fields["comparison"] in (">", ">=") else -1
    recovers = r.random() < 0.5
    fields["recovery"] = 10 - 3 * up if recovers else None
    fields["levels"] = [
        {
            "severity": each,
            "threshold": 10 + 5 * k * up,
            "recovery": 10 + (5 * k - 2) * up if recovers else None,
        }
        for k, each in enumerate(severities, start=1)
    ]
    return fields


def _random_values(r: random.Random) -> list[float | None]:
    """A walk that crosses the limits now and then, with holes."""
    at, hole, found = 10.0, 0, list[float | None]()
    for _ in range(BUCKETS):
        at = min(30.0, max(-10.0, at + r.choice([-6, -3, -1, 0, 1, 3, 6])))
        hole = hole - 1 if hole else r.choice([0] * 9 + [r.randint(1, 7)])
        found.append(None if hole else at)
    return found


def cases() -> list[dict[str, Any]]:
    """All of them, with what the engine makes of them."""
    chosen = dict(BY_HAND)
    for number in range(RANDOM_CASES):
        r = random.Random(number)
        chosen[f"by chance {number}"] = (_random_fields(r), _random_values(r))
    return [
        {"name": name, "alert": PLAIN | fields, "values": values, **outcome(fields, values)}
        for name, (fields, values) in chosen.items()
    ]


def document() -> str:
    """The file's text: a case a line."""
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases())
    return f'{{"start":{START},"cases":[\n{lines}\n]}}\n'


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
