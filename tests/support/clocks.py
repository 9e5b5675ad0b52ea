"""Time that stands still until a test moves it."""

NOON = 1_700_049_600_000
"""2023-11-15T12:00:00Z in epoch milliseconds: the start of a 15-minute bucket."""


class FakeClock:
    """A Clock; `advance` moves it."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, milliseconds: int) -> None:
        self.now += milliseconds
