"""Lines of an estimate, and their sum."""

from collections.abc import Sequence
from dataclasses import dataclass

from skafu.ops.cost.prices import PriceList

MILLION = 1_000_000
GB = 1024**3


@dataclass(frozen=True)
class Line:
    """Dollars a month for a quantity of something. `stands` is true of what is paid whether it is
    used or not, `assumed` of what rests on figures that nobody measured.
    """

    service: str
    driver: str
    quantity: float
    unit: str
    dollars: float
    stands: bool = False
    assumed: bool = False


@dataclass(frozen=True)
class Bill:
    """Makes lines from prices."""

    prices: PriceList

    def line(  # pylint: disable=too-many-arguments # a line has as many columns
        self,
        service: str,
        driver: str,
        quantity: float,
        price: str,
        *,
        stands: bool = False,
        assumed: bool = False,
    ) -> Line:
        """So many things - requests, not millions of them - at a price of the list."""
        found = self.prices.prices[price]
        units = quantity / found.per
        dollars = units * self.prices.of(price)
        return Line(service, driver, units, found.unit, dollars, stands, assumed)


@dataclass(frozen=True)
class Estimate:
    """An environment under a load, a month."""

    environment: str
    profile: str
    told: str
    points: int
    lines: Sequence[Line]
    elsewhere: Sequence[Line]

    @property
    def total(self) -> float:
        """Dollars a month."""
        return sum(each.dollars for each in self.lines)

    @property
    def standing(self) -> float:
        """Of it, what is paid whether anything is used or not."""
        return sum(each.dollars for each in self.lines if each.stands)

    @property
    def a_million_points(self) -> float | None:
        """All of it by the million points; None where there are none."""
        return self.total / self.points * MILLION if self.points else None

    def services(self) -> dict[str, float]:
        """Dollars by service, the dearest first."""
        sums: dict[str, float] = {}
        for each in self.lines:
            sums[each.service] = sums.get(each.service, 0) + each.dollars
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))

    def others(self) -> dict[str, float]:
        """Dollars elsewhere, by service."""
        sums: dict[str, float] = {}
        for each in self.elsewhere:
            sums[each.service] = sums.get(each.service, 0) + each.dollars
        return sums
