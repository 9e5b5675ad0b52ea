"""The price list that benchmarks use, by name, with the source of each price."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from skafu.ops.generated import ROOT

LIST = ROOT / "benchmarks" / "prices.json"
MULTIPLES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


@dataclass(frozen=True)
class Price:
    """Dollars for a unit. `origin` says where it was read, and how old it is."""

    dollars: float
    unit: str
    what: str
    origin: str

    @property
    def per(self) -> int:
        """How many things a unit is: ten million of "10 million samples"."""
        first, *rest = self.unit.split()
        times, word = (int(first), rest[0]) if first.isdigit() else (1, first)
        return times * MULTIPLES.get(word, 1)


@dataclass(frozen=True)
class PriceList:
    """Every price by its name; `used` gathers which were asked for."""

    region: str
    prices: Mapping[str, Price]
    used: set[str] = field(default_factory=set, compare=False)

    def of(self, name: str) -> float:
        """Dollars. Raises KeyError for what the list lacks."""
        self.used.add(name)
        return self.prices[name].dollars


def read(path: Path = LIST) -> PriceList:
    """The list. Raises KeyError for a price that does not say where it is from."""
    found = json.loads(path.read_text("utf-8"))
    origins = {
        name: f"{each['from']} ({each['page']}), {each['as_of']}"
        for name, each in found["sources"].items()
    }
    return PriceList(
        found["region"],
        {
            name: Price(each["dollars"], each["unit"], each["what"], origins[each["source"]])
            for name, each in found["prices"].items()
        },
    )
