"""The port to functions' concurrency: one suite for what stands in for it and for the adapter, on
moto.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from skafu.scaling.capacity import Capacity, LambdaCapacity
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from tests.support.capacity import FakeCloudWatch, InMemoryCapacity
from tests.support.clocks import NOON

NAME = "skafu-test-metrics"
REGION = "us-east-1"


@dataclass(frozen=True)
class Subject:
    """The port, and what tests do behind its back."""

    capacity: Capacity
    refuse: Callable[[int, int], None]
    shift: Callable[[], None]


def _in_memory() -> Subject:
    found = InMemoryCapacity(reserved={NAME: None}, memories={NAME: 512})
    return Subject(
        found,
        lambda at, many: found.refused.append((NAME, at, many)),
        lambda: found.shifting.add(NAME),
    )


def _on_moto() -> Subject:
    iam, lambdas = (boto3.client(each, region_name=REGION) for each in ("iam", "lambda"))
    trust = {"Version": "2012-10-17", "Statement": []}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "")
    lambdas.create_function(
        FunctionName=NAME,
        Runtime="python3.12",
        Role=role["Arn"],
        Handler="a.b",
        Code={"ZipFile": code.getvalue()},
        MemorySize=512,
    )
    for _ in range(2):
        version = lambdas.publish_version(FunctionName=NAME)["Version"]
    lambdas.create_alias(FunctionName=NAME, Name="live", FunctionVersion=version)
    refused: dict[str, list[tuple[int, int]]] = {NAME: []}

    def shift() -> None:
        weights: Any = {"AdditionalVersionWeights": {"1": 0.05}}
        lambdas.update_alias(FunctionName=NAME, Name="live", RoutingConfig=weights)

    return Subject(
        LambdaCapacity(AccountTold(lambdas), FakeCloudWatch(refused)),
        lambda at, many: refused[NAME].append((at, many)),
        shift,
    )


class AccountTold:
    """moto's Lambda, whose GetAccountSettings it lacks: an account of 1,000."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_account_settings(self) -> Any:
        """As AWS has it: what is reserved is no longer free."""
        found = self._client.get_function_concurrency(FunctionName=NAME)
        free = 1_000 - found.get("ReservedConcurrentExecutions", 0)
        limits = {"ConcurrentExecutions": 1_000, "UnreservedConcurrentExecutions": free}
        return {"AccountLimit": limits, "AccountUsage": {"FunctionCount": 1}}


@pytest.fixture(params=[_in_memory, _on_moto])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with mock_aws():
        yield request.param()


def test_a_function_has_no_concurrency_of_its_own_until_it_is_reserved_some(
    subject: Subject,
) -> None:
    before = subject.capacity.seen(NAME, NOON)
    assert (before.reserved, before.free, before.account) == (None, 1_000, 1_000)
    subject.capacity.reserve(NAME, 150)
    after = subject.capacity.seen(NAME, NOON)
    assert (after.reserved, after.free) == (150, 850)


def test_refusals_count_by_when_they_were(subject: Subject) -> None:
    for minutes, many in ((1, 2), (10, 3), (40, 5), (119, 7), (200, 11)):
        subject.refuse(NOON - minutes * MINUTE_MS, many)
    seen = subject.capacity.seen(NAME, NOON)
    assert (seen.throttled_lately, seen.throttled) == (5, 17)
    assert subject.capacity.seen(NAME, NOON + 3 * HOUR_MS).throttled == 0


def test_an_alias_with_two_versions_is_being_shifted(subject: Subject) -> None:
    assert not subject.capacity.seen(NAME, NOON).shifting
    subject.shift()
    assert subject.capacity.seen(NAME, NOON).shifting


def test_memory_is_that_of_what_is_called(subject: Subject) -> None:
    assert subject.capacity.memory(NAME) == 512
