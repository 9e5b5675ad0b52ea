"""Series as a fleet of services sends them, and their values, from a fixed seed.

The mix: 35 % counters, 30 % gauges of two decimals, 20 % latencies of three, 10 % constants and
5 % doubles with all their digits. `ALL_DIGITS` is the worst case.
"""

import random
from collections.abc import Sequence
from typing import Any

MIX = {"counter": 35, "gauge": 30, "latency": 20, "constant": 10, "digits": 5}
ALL_DIGITS = {"digits": 100}
_WARM_UP = 50


class Fleet:
    """`size` series, of 20 metrics or one; each `batch` is the next value of every one."""

    def __init__(
        self,
        size: int,
        mix: dict[str, int] | None = None,
        seed: int = 3,
        metric: str | None = None,
    ) -> None:
        self._random = random.Random(seed)  # nosec B311 # the same numbers every time
        mix = mix or MIX
        self._kinds = self._random.choices(list(mix), list(mix.values()), k=size)
        self._state = [
            float(self._random.randrange(10**6)) if kind == "counter" else 40.0
            for kind in self._kinds
        ]
        self._series = [self._labels(n) for n in range(size)]
        if metric is not None:
            self._series = [{**each, "name": metric} for each in self._series]
        for _ in range(_WARM_UP):
            self._values()

    def batch(self, timestamp: int, spread: int = 0) -> list[dict[str, Any]]:
        """Points of one moment, or of as many milliseconds as `spread` says from there on."""
        return [
            {**series, "value": value, "timestamp": timestamp + self._later(spread)}
            for series, value in zip(self._series, self._values(), strict=True)
        ]

    def _later(self, spread: int) -> int:
        return self._random.randrange(spread) if spread else 0

    @staticmethod
    def _labels(n: int) -> dict[str, Any]:
        where = ("http", "db", "queue", "cpu", "memory")[n % 5]
        what = ("requests", "errors", "latency", "usage")[n % 4]
        return {
            "name": f"app.{where}.{what}",
            "tags": {
                "host": f"ip-10-0-{n // 250}-{n % 250}",
                "region": "eu-west-1",
                "service": f"service-{n % 12}",
                "route": f"/api/v1/r{n % 40}",
            },
        }

    def _values(self) -> Sequence[float]:
        return [self._next(n, kind) for n, kind in enumerate(self._kinds)]

    def _next(self, n: int, kind: str) -> float:
        chance = self._random
        match kind:
            case "counter":
                self._state[n] += max(0, int(chance.gauss(120, 30)))
                return self._state[n]
            case "gauge":
                self._state[n] = min(100, max(0, self._state[n] + chance.gauss(0, 2)))
                return round(self._state[n], 2)
            case "latency":
                return round(chance.lognormvariate(3, 0.6), 3)
            case "digits":
                return 50 + chance.gauss(0, 5)
        return 3.0
