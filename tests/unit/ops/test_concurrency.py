"""What an operator is shown of the functions' concurrency."""

from dataclasses import dataclass
from typing import Any

import pytest

from skafu.ops.concurrency import lines, reset
from skafu.ops.environments import Environment, load
from skafu.ops.generated import ROOT

ENVIRONMENTS = {each.name: each for each in load(ROOT / "environments")}
NAME = "skafu-prod-metrics"


@dataclass
class Lambdas:
    """Lambda that knows one reservation."""

    reserved: int | None

    def get_account_settings(self) -> Any:
        free = 1_000 - (self.reserved or 0)
        return {
            "AccountLimit": {"ConcurrentExecutions": 1_000, "UnreservedConcurrentExecutions": free}
        }

    def get_function_concurrency(self, **asked: Any) -> Any:
        assert asked["FunctionName"] == NAME
        found = self.reserved
        return {} if found is None else {"ReservedConcurrentExecutions": found}

    def put_function_concurrency(self, **asked: Any) -> None:
        assert asked["FunctionName"] == NAME
        self.reserved = asked["ReservedConcurrentExecutions"]

    def delete_function_concurrency(self, **asked: Any) -> None:
        assert asked["FunctionName"] == NAME
        self.reserved = None

    def get_provisioned_concurrency_config(self, **asked: Any) -> Any:
        assert asked["Qualifier"] == "live" and asked["FunctionName"].startswith("skafu-prod-")
        return {
            "RequestedProvisionedConcurrentExecutions": 4,
            "AvailableProvisionedConcurrentExecutions": 3,
        }


def shown(name: str, lambdas: Lambdas) -> list[str]:
    return list(lines(_of(name), "skafu-prod", lambdas))


def _of(name: str) -> Environment:
    return ENVIRONMENTS[name]


def test_what_is_as_the_file_says_is_shown_without_a_remark() -> None:
    assert shown("production", Lambdas(100)) == [
        "account      1,000 at once, 900 of them unreserved",
        "reserved     skafu-prod-metrics: 100, at most 300",
        "ready        skafu-prod-metrics: 3 of 4 (2 to 10, as they are used)",
        "ready        skafu-prod-alerts: 3 of 4 (2 to 10, as they are used)",
    ]


def test_what_was_raised_differs() -> None:
    assert "150, at most 300  DIFFERS: the file says 100" in shown("production", Lambdas(150))[1]
    assert "150  DIFFERS: the file says none" in shown("development", Lambdas(150))[1]


@pytest.mark.parametrize(("name", "wanted"), [("production", 100), ("staging", None)])
def test_it_can_be_put_back_at_once(name: str, wanted: int | None) -> None:
    lambdas = Lambdas(250)
    assert "again" in reset(_of(name), "skafu-prod", lambdas)
    assert lambdas.reserved == wanted
    assert "has what the file says" in reset(_of(name), "skafu-prod", lambdas)
