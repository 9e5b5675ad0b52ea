"""Estimates for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from skafu.ops.cost.beside import Beside
from skafu.ops.cost.lines import Estimate
from skafu.ops.cost.prices import PriceList

DRIVERS = 3
"""So many of a service are named, the dearest."""
NOT_IN_IT = (
    "taxes, support plans, discounts, free tiers",
    "what the stacks beside the application's do: Config's items, GuardDuty's calls, backups and "
    "copies by the GB, artefacts, KMS requests, what a firewall before the console inspects",
    "the application's stack in a second region, which stands by without instances kept ready",
    "deployments: second versions kept ready, hooks, CodeDeploy's traffic",
    "SMS and e-mail to people, transfer between regions, what senders themselves run",
    "lines of log at DEBUG, as development writes them; X-Ray beyond recording",
    "retries, cold starts, queries that are dearer than a day of 100 series",
)


def dollars(amount: float) -> str:
    """As people write them."""
    return f"${amount:,.2f}"


def a_million(found: Estimate) -> str:
    """Dollars for a million points."""
    each = found.a_million_points
    return "-" if each is None else f"${each:,.4f}"


def drivers(found: Estimate, service: str) -> str:
    """What makes a service as dear as it is."""
    lines = [each for each in found.lines if each.service == service]
    told = [f"{each.driver} {dollars(each.dollars)}" for each in lines[:DRIVERS]]
    if len(lines) > DRIVERS:
        rest = sum(each.dollars for each in lines[DRIVERS:])
        told.append(f"{len(lines) - DRIVERS} further {dollars(rest)}")
    return "; ".join(told)


def _text(found: Estimate) -> Iterator[str]:
    yield f"{found.environment} under {found.profile} ({found.told})"
    for service, amount in found.services().items():
        yield f"  {service:12} {dollars(amount):>10}  {drivers(found, service)}"
    idle = dollars(found.standing)
    yield f"  {'total':12} {dollars(found.total):>10}  a month, {idle} of it whether used or not"
    if found.points:
        million = f"{found.points / 1_000_000:,.0f} million points"
        yield f"  {'':12} {a_million(found):>10}  for a million points, of {million}"
    for service, amount in found.others().items():
        yield f"  {'instead':12} {dollars(amount):>10}  {service}"
    yield ""


def _beside(found: Sequence[Beside]) -> Iterator[str]:
    for name in dict.fromkeys(each.environment for each in found):
        own = [each for each in found if each.environment == name and each.dollars]
        told = ", ".join(f"{each.stack} {dollars(each.dollars)}" for each in own)
        amount = dollars(sum(each.dollars for each in own))
        yield f"{name}, the stacks beside the application's, by being there"
        yield f"  {'together':12} {amount:>10}  {told}"
        yield ""


def text(found: Sequence[Estimate], others: Sequence[Beside], prices: PriceList) -> str:
    """For people at a terminal."""
    lines = [line for each in found for line in _text(each)]
    lines += _beside(others)
    lines.append(f"List prices of {prices.region}; a month is 30 days, in a steady state.")
    lines.append(f"Not in it: {'; '.join(NOT_IN_IT)}.")
    return "\n".join(lines)


def document(found: Sequence[Estimate], others: Sequence[Beside], prices: PriceList) -> str:
    """For programs."""
    told = [
        asdict(each)
        | {
            "total": each.total,
            "standing": each.standing,
            "a_million_points": each.a_million_points,
            "services": each.services(),
            "others": each.others(),
        }
        for each in found
    ]
    besides = [asdict(each) | {"dollars": each.dollars} for each in others]
    about = {
        "region": prices.region,
        "not_in_it": NOT_IN_IT,
        "estimates": told,
        "beside": besides,
    }
    return json.dumps(about, indent=2)
