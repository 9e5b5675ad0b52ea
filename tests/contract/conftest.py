"""Every implementation of the table port, under one name."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.metering import MeteredTable
from skafu.shared.table import Table
from tests.support.memory_table import InMemoryTable
from tests.support.moto_table import create_table

NAME = "skafu-contract"


@pytest.fixture(params=["memory", "memory in short pages", "metered", "dynamo"])
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    if request.param == "memory":
        yield InMemoryTable()
    elif request.param == "memory in short pages":
        yield InMemoryTable(page_size=2)
    elif request.param == "metered":
        yield MeteredTable(InMemoryTable(page_size=3))
    else:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        with mock_aws():
            dynamodb = client("dynamodb", region_name="us-east-1")
            create_table(dynamodb, NAME)
            yield DynamoTable(dynamodb, NAME)
