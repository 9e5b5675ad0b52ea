"""The price list (prices.json) as numbers. It has more prices than benchmarks need: the cost of an
environment is estimated from the same list (skafu.ops.cost).
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path

LIST = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class Prices:  # pylint: disable=too-many-instance-attributes # one for each line of the list
    """Dollars for what the list says."""

    write_units_million: float
    read_units_million: float
    storage_gb_month: float
    rest_api_million: float
    http_api_million: float
    lambda_million: float
    lambda_gb_second: float
    cloudwatch_metric_month_first: float
    cloudwatch_metric_month_next: float
    cloudwatch_request_thousand: float
    prometheus_samples_10_million: float


def prices() -> Prices:
    """Read the list. Raises KeyError where it lacks a price."""
    found = json.loads(LIST.read_text(encoding="utf-8"))["prices"]
    return Prices(**{each.name: found[each.name]["dollars"] for each in fields(Prices)})
