"""Backups and counting, on moto's DynamoDB."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from skafu.metrics.items import segment_item
from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import backups
from skafu.ops.recovery.accounting import Place
from skafu.ops.recovery.reading import count
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.table import Put
from tests.support.clocks import NOON
from tests.support.metrics import TENANT, layout, segment
from tests.support.moto_table import create_table

NAME = "skafu-recovery"


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = client("dynamodb", region_name="us-east-1")
        create_table(made, NAME)
        yield made


def test_a_backup_is_taken_waited_for_read_and_listed(dynamodb: Any) -> None:
    taken = backups.take(dynamodb, NAME, "before", 60, lambda _: None)
    assert (taken.name, taken.table, taken.status) == ("before", NAME, "AVAILABLE")
    assert backups.read(dynamodb, taken.arn).arn == taken.arn
    assert [each.arn for each in backups.listed(dynamodb, NAME)] == [taken.arn]
    assert str(taken).endswith(taken.arn)


def test_a_backup_that_is_not_there_is_refused(dynamodb: Any) -> None:
    with pytest.raises(Refused, match="backup --list"):
        backups.read(dynamodb, f"arn:aws:dynamodb:us-east-1:1:table/{NAME}/backup/01-a")


def test_all_of_a_table_is_counted_by_however_many_read_it(dynamodb: Any) -> None:
    table = DynamoTable(dynamodb, NAME)
    for number in range(20):
        points = segment(layout(), [(0, NOON + number, 0.5)], request=f"r{number}")
        table.write(Put(segment_item(TENANT, number % 4, points)))
    table.write(Put({"pk": "gone#x", "sk": "x", "k": "flow", "ttl": NOON // 1000}))
    for segments in (1, 3):
        found = count(dynamodb, NAME, NOON, segments)
        assert found.tally.items == 20
        [place] = found.tally.facts
        assert place == Place("segment", TENANT, "20231115")
        assert sum(each.total for each in found.tally.of(place).values()) == 10.0
        assert "20 items" in str(found)
