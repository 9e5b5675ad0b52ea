"""The tables of docs/cost.md."""

from collections.abc import Iterator, Mapping, Sequence

from skafu.ops.cost.beside import Beside
from skafu.ops.cost.inputs import Load
from skafu.ops.cost.lines import MILLION, Estimate
from skafu.ops.cost.prices import PriceList
from skafu.ops.cost.tables import NOT_IN_IT, a_million, dollars, drivers

SECONDS_AN_HOUR = 3600
TARGET = 0.7
"""Of provisioned capacity that auto scaling would keep in use."""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(each)} |\n" for each in lines)


def summary(found: Sequence[Estimate]) -> str:
    """Every environment under every profile, and what the same load costs elsewhere."""
    environments = list(dict.fromkeys(each.environment for each in found))
    by_profile: dict[str, dict[str, Estimate]] = {}
    for each in found:
        by_profile.setdefault(each.profile, {})[each.environment] = each
    rows = []
    for profile, own in by_profile.items():
        last = own[environments[-1]]
        others = last.others()
        rows.append(
            [
                f"`{profile}`: {last.told}",
                f"{last.points / MILLION:,.1f}",
                *(dollars(own[name].total) for name in environments),
                a_million(last),
                dollars(others.get("CloudWatch", 0)),
                dollars(others.get("Managed Prometheus", 0)),
            ]
        )
    head = [
        "a month of",
        "million points",
        *environments,
        f"a million points in {environments[-1]}",
        "CloudWatch metrics instead",
        "Managed Prometheus instead",
    ]
    return _table(head, rows)


def services(found: Sequence[Estimate], environment: str) -> Iterator[str]:
    """An environment by service, a table for each profile."""
    for each in found:
        if each.environment == environment:
            yield f"**{environment} under `{each.profile}`**: {dollars(each.total)}\n\n"
            rows = [
                [service, dollars(amount), drivers(each, service)]
                for service, amount in each.services().items()
            ]
            yield _table(["service", "a month", "what drives it"], rows) + "\n"


def standing(found: Sequence[Estimate]) -> str:
    """What is paid where nobody comes, by environment."""
    idle = [each for each in found if not each.points]
    names = list(dict.fromkeys((x.service, x.driver) for each in idle for x in each.lines))
    rows = []
    for service, driver in names:
        amounts = [
            sum(x.dollars for x in each.lines if (x.service, x.driver) == (service, driver))
            for each in idle
        ]
        rows.append([f"{service}: {driver}", *(dollars(each) for each in amounts)])
    rows.append(["**together**", *(dollars(each.total) for each in idle)])
    return _table(["whether used or not", *(each.environment for each in idle)], rows)


def beside(found: Sequence[Beside]) -> str:
    """What the stacks beside the application's are paid by being there, by environment."""
    environments = list(dict.fromkeys(each.environment for each in found))
    amounts = {(each.stack, each.environment): each.dollars for each in found}
    rows = []
    for stack in dict.fromkeys(each.stack for each in found):
        what = {line.driver for each in found if each.stack == stack for line in each.lines}
        cells = [amounts.get((stack, name)) for name in environments]
        shown = ["-" if each is None else dollars(each) for each in cells]
        rows.append([f"[{stack}](../infrastructure/{stack}.yaml)", ", ".join(sorted(what)), *shown])
    sums = [sum(x.dollars for x in found if x.environment == name) for name in environments]
    rows.append(["**together**", "", *map(dollars, sums)])
    return _table(["stack", "what stands in it", *environments], rows)


def break_even(prices: PriceList) -> tuple[float, float]:
    """From which share of provisioned units in use on they cost less than units on demand: of
    writes and of reads.
    """

    def share(hour: str, million: str) -> float:
        return prices.of(hour) / SECONDS_AN_HOUR * MILLION / prices.of(million)

    return (
        share("write_capacity_unit_hour", "write_units_million"),
        share("read_capacity_unit_hour", "read_units_million"),
    )


def even(prices: PriceList) -> str:
    """The same as a sentence's end."""
    writes, reads = break_even(prices)
    return f"{writes:.1%} for writes and {reads:.1%} for reads.\n"


def capacity(found: Sequence[Estimate], prices: PriceList, environment: str) -> str:
    """Units on demand beside the same units provisioned for a load that comes evenly."""
    shares = dict(zip(("write", "read"), break_even(prices), strict=True))
    rows = []
    for each in found:
        if each.environment != environment or not each.points:
            continue
        spent = {
            kind: sum(x.dollars for x in each.lines if x.unit == f"million {kind} units")
            for kind in shares
        }
        even = sum(spent[kind] * share / TARGET for kind, share in shares.items())
        rows.append([f"`{each.profile}`", dollars(sum(spent.values())), dollars(even)])
    head = ["", "on demand", f"provisioned, {TARGET:.0%} of it in use at every moment"]
    return _table(head, rows)


def budgets(found: Mapping[str, Mapping[str, int]], profiles: Mapping[str, str]) -> str:
    """Dollars a month from which on somebody is told."""
    names = list(next(iter(found.values())))
    rows = [
        [name, f"`{profiles[name]}`", *(str(each[column]) for column in names)]
        for name, each in found.items()
    ]
    return _table(["environment", "meant for", *names], rows)


def price_list(prices: PriceList) -> str:
    """Every price, and where it was read."""
    rows = [
        [each.what, f"${each.dollars:.10f}".rstrip("0").rstrip("."), each.unit, each.origin]
        for each in prices.prices.values()
    ]
    return _table(["what", "dollars", "for a", "read in"], rows)


def profiles(loads: Sequence[Load]) -> str:
    """What the profiles say."""
    names = [name for name in type(loads[0].profile).model_fields if name != "told"]
    rows = [
        [name.replace("_", " "), *(f"{getattr(each.profile, name):,}" for each in loads)]
        for name in names
    ]
    return _table(["", *(f"`{each.name}`" for each in loads)], rows)


def left_out() -> str:
    """What no estimate has."""
    return "".join(f"* {each}\n" for each in NOT_IN_IT)
