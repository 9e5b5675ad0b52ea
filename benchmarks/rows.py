"""What a benchmark says: a number, its budget, its limit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measure. `budget` is what it may be, `limit` what no design could go below; None where
    there is none. `value` is None where it could not be measured, and `note` says why; otherwise a
    note says what a reader should know.
    """

    name: str
    value: float | None
    unit: str
    budget: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Whether the budget is kept; None where there is nothing to compare."""
        if self.value is None or self.budget is None:
            return None
        return self.value <= self.budget
