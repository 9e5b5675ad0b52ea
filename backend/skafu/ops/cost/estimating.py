"""Estimates of environments: their template, transformed, under each profile."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from skafu.ops.cost.elsewhere import elsewhere
from skafu.ops.cost.inputs import Load
from skafu.ops.cost.lines import Bill, Estimate, Line
from skafu.ops.cost.prices import PriceList
from skafu.ops.cost.probing import Probing
from skafu.ops.cost.stack import Resources, stack_of, standing
from skafu.ops.cost.usage import Usage
from skafu.ops.cost.watching import Watching
from skafu.ops.environments import Environment

type Find = Callable[[str], Resources]
"""The resolved resources of an environment."""


def estimate(
    environment: str, metric_days: int, resources: Resources, load: Load, prices: PriceList
) -> Estimate:
    """An environment under a load. Raises Unpriced for what nobody has priced."""
    bill, profile = Bill(prices), load.profile
    stack = stack_of(resources, metric_days)
    usage = Usage(load, stack, bill)
    lines = [
        *standing(resources, stack, load.measured, bill),
        *usage.lines(),
        *Watching(usage).lines(),
        *Probing(usage).lines(),
    ]
    others = [each for each in elsewhere(load, bill) if each.dollars]
    return Estimate(
        environment, load.name, profile.told, profile.points, _together(lines), tuple(others)
    )


def estimates(
    environments: Iterable[Environment], find: Find, loads: Sequence[Load], prices: PriceList
) -> Iterator[Estimate]:
    """Every environment under every load."""
    for environment in environments:
        found: Mapping[str, object] = find(environment.name)
        days = environment.monitoring.metrics_retention_days
        for load in loads:
            yield estimate(environment.name, days, found, load, prices)


def _together(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of one kind become one, those without dollars are left out, the dearest come first."""
    sums: dict[tuple[str, str, str, bool, bool], tuple[float, float]] = {}
    for each in lines:
        kind = (each.service, each.driver, each.unit, each.stands, each.assumed)
        quantity, dollars = sums.get(kind, (0.0, 0.0))
        sums[kind] = (quantity + each.quantity, dollars + each.dollars)
    whole = [
        Line(service, driver, quantity, unit, dollars, stands, assumed)
        for (service, driver, unit, stands, assumed), (quantity, dollars) in sums.items()
        if dollars
    ]
    return tuple(sorted(whole, key=lambda each: -each.dollars))
