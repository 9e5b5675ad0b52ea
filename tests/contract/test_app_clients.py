"""Credentials of machines, in memory and in a user pool."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from skafu.shared.aws import client
from skafu.workspace.clients.app_clients import AppClients, CognitoAppClients, Credentials
from skafu.workspace.pool import Pool
from tests.support.app_clients import InMemoryAppClients
from tests.support.user_pool import create_pool

SCOPES = ("skafu/metrics.write", "skafu/metrics.read")


@pytest.fixture(params=["memory", "cognito"])
def app_clients(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppClients]:
    if request.param == "memory":
        yield InMemoryAppClients()
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        cognito = client("cognito-idp", region_name="us-east-1")
        yield CognitoAppClients(Pool(cognito, create_pool(cognito)))


def test_credentials_are_new_every_time(app_clients: AppClients) -> None:
    first, second = (app_clients.create("acme-1", SCOPES) for _ in range(2))

    assert first.client_id != second.client_id
    assert first.secret and first.secret != second.secret


def test_credentials_are_found_by_their_label_on_any_page(app_clients: AppClients) -> None:
    mine = [app_clients.create("acme-1", SCOPES).client_id]
    for number in range(60):
        app_clients.create(f"other-{number}", SCOPES)
    mine.append(app_clients.create("acme-1", SCOPES).client_id)

    assert sorted(app_clients.labelled("acme-1")) == sorted(mine)
    assert not app_clients.labelled("acme")


def test_deleted_credentials_are_gone_and_may_be_deleted_again(app_clients: AppClients) -> None:
    gone = app_clients.create("acme-1", SCOPES).client_id

    app_clients.delete(gone)
    app_clients.delete(gone)

    assert not app_clients.labelled("acme-1")


def test_a_secret_is_not_shown_where_values_are() -> None:
    assert "hush" not in repr(Credentials("app", "hush"))
