"""What AWS charges, as data: the estimates of GET /api/metrics/usage and those of `make bench` read
the same table.

All prices are dollars. They change: whoever updates one updates AS_OF and runs `make bench`.
"""

from dataclasses import dataclass

from skafu.shared.keys import DAY_MS

REGION = "us-east-1"
AS_OF = "2025-12"
SOURCE = "AWS's public price lists for us-east-1, first tiers, without free tiers and discounts"

GB = 1024**3
_MONTH_MS = 30 * DAY_MS


@dataclass(frozen=True)
class Prices:
    """Dollars for each unit of what Skafu uses; `million` means a million requests or units."""

    write_units_million: float = 0.625  # DynamoDB on demand, table class Standard
    read_units_million: float = 0.125
    storage_gb_month: float = 0.25
    backup_gb_month: float = 0.20  # point-in-time recovery
    replicated_write_units_million: float = 0.625  # for each replica beyond the first
    rest_api_million: float = 3.50  # API Gateway, REST
    lambda_million: float = 0.20
    lambda_gb_second: float = 0.0000133334  # arm64
    log_gb: float = 0.50  # CloudWatch Logs, ingestion


PRICES = Prices()


def capacity_dollars(wru: float, rru: float, prices: Prices = PRICES) -> float:
    """What write and read units cost."""
    return (wru * prices.write_units_million + rru * prices.read_units_million) / 1_000_000


def storage_dollars(size: int, life_ms: int, prices: Prices = PRICES) -> float:
    """What so many bytes cost at rest for so long."""
    return size / GB * prices.storage_gb_month * life_ms / _MONTH_MS
