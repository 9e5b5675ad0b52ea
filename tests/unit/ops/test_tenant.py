"""A tenant's record, as an operator sees and changes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from skafu.metrics.tenancy import Quotas, Tenancy, tenancy_from
from skafu.ops import __main__ as ops, tenant
from skafu.shared import keys
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from skafu.shared.table import Item, Put
from tests.support.clocks import NOON, FakeClock
from tests.support.moto_table import create_table

TENANT = "acme"


class World:
    """A stack whose table moto keeps."""

    def __init__(self) -> None:
        made = client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        create_table(made, "skafu")
        self.dynamodb = made
        self.table = DynamoTable(made, "skafu")
        key = keys.tenant_settings(TENANT)
        self.table.write(Put({**key._asdict(), "k": "tenant", "created": 1}))
        self.clock = FakeClock()

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"Outputs": [{"OutputKey": "TableName", "OutputValue": "skafu"}]}]}

    def make(self, service: str, **_: Any) -> Any:
        return self.dynamodb if service == "dynamodb" else self

    def run(self, *arguments: str, of: str = TENANT) -> int:
        given = ["--environment", "local", "--tenant", of, *arguments]
        return tenant.main(given, self.make, self.clock)

    @property
    def tenancy(self) -> Tenancy:
        return tenancy_from(self.item)

    @property
    def item(self) -> Item:
        found = self.table.get(keys.tenant_settings(TENANT), consistent=True)
        assert found is not None
        return found


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World()


def test_a_record_that_says_nothing_is_shown_with_what_holds_for_everybody(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = world.item
    assert world.run() == 0
    shown = capsys.readouterr().out
    assert "active series     100,000  (the default)" in shown
    assert "retention days    as the environment  (the default)" in shown
    assert world.item == before


def test_how_many_machine_clients_there_may_be_is_said_here_too(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run() == 0
    assert "machine clients   20  (the default)" in capsys.readouterr().out
    assert world.run("--machine-clients", "50") == 0
    assert world.tenancy.machine_clients == 50
    assert world.item["machine_clients"] == 50
    assert world.run("--active-series", "500") == 0
    assert world.tenancy.machine_clients == 50
    with pytest.raises(SystemExit):
        world.run("--machine-clients", "-1")


def test_quotas_that_are_named_change_and_the_others_stay(world: World) -> None:
    assert world.run("--active-series", "500", "--retention-days", "60") == 0
    assert world.run("--points-a-minute", "9000", "--batch-points", "10") == 0
    assert world.tenancy.quotas == Quotas(500, 9000, 10, 60)
    assert world.item["created"] == 1


def test_shards_and_buckets_change_at_an_hour_that_nobody_has_written_for(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.clock.advance(1)
    assert world.run("--shards", "4", "--bucket-minutes", "5") == 0
    begin = NOON + 4 * HOUR_MS
    assert world.tenancy.sharding.steps == ((begin, 4),)
    assert world.tenancy.bucketing.steps == ((begin, 5 * MINUTE_MS),)
    shown = capsys.readouterr().out
    assert "4 from 2023-11-15T16:00:00+00:00" in shown
    assert "5 from 2023-11-15T16:00:00+00:00" in shown


def test_a_length_of_buckets_is_the_compactors_until_somebody_chooses_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    paced = []
    for arguments in (("--shards", "4"), ("--bucket-minutes", "15"), ("--bucket-minutes", "auto")):
        world.run(*arguments)
        paced.append((world.tenancy.paced, "chosen by hand" in capsys.readouterr().out))
    assert paced == [(True, False), (False, True), (True, False)]
    assert not world.tenancy.bucketing.steps


def test_a_step_that_has_not_begun_can_be_taken_back(world: World) -> None:
    world.run("--shards", "4")
    world.run("--shards", "1")
    assert world.tenancy.sharding.steps == ()


def test_nobody_becomes_a_tenant_by_a_command(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run("--shards", "4", of="nobody") == 1
    assert "no tenant nobody" in capsys.readouterr().err
    assert world.table.get(keys.tenant_settings("nobody")) is None


@pytest.mark.parametrize(
    "arguments",
    [("--shards", "0"), ("--shards", "65"), ("--bucket-minutes", "10"), ("--active-series", "0")],
)
def test_what_cannot_be_meant_is_refused(world: World, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        world.run(*arguments)
    assert ended.value.code == 2


def test_the_command_is_offered_to_operators() -> None:
    assert ops.COMMANDS["tenant"] is tenant.main
