"""Estimates for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from skafu.ops.cost.lines import Estimate
from skafu.ops.cost.prices import PriceList

DRIVERS = 3
"""So many of a service are named, the dearest."""
NOT_IN_IT = (
    "taxes, support plans, discounts, free tiers",
    "the account's own: CloudTrail, Config, GuardDuty, backups in a vault, artefacts, KMS requests",
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


def text(found: Sequence[Estimate], prices: PriceList) -> str:
    """For people at a terminal."""
    lines = [line for each in found for line in _text(each)]
    lines.append(f"List prices of {prices.region}; a month is 30 days, in a steady state.")
    lines.append(f"Not in it: {'; '.join(NOT_IN_IT)}.")
    return "\n".join(lines)


def document(found: Sequence[Estimate], prices: PriceList) -> str:
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
    about = {"region": prices.region, "not_in_it": NOT_IN_IT, "estimates": told}
    return json.dumps(about, indent=2)
