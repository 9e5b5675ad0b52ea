"""A pool that stands by, in AWS's own words."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from skafu.ops.recovery.stand_ins import CognitoDirectory
from skafu.shared.aws import client
from skafu.workspace.members.accounts import AccountState
from tests.support.user_pool import create_pool


@pytest.fixture(name="directory")
def fixture_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[CognitoDirectory]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        cognito = client("cognito-idp", region_name="us-west-2")
        yield CognitoDirectory(cognito, create_pool(cognito))


def test_whoever_is_made_may_ask_for_a_password(directory: CognitoDirectory) -> None:
    # Cognito resets nobody's password who waits for their first one (FORCE_CHANGE_PASSWORD).
    made = directory.create("ana@example.com", "Ana")
    assert made.state is AccountState.INVITED
    directory.confirm("ana@example.com")
    found = directory.find(made.subject)
    assert found is not None and found.state is AccountState.ACTIVE


def test_a_machines_secret_can_be_shown_again(directory: CognitoDirectory) -> None:
    made = directory.client("t1-c1", ["skafu/metrics.write"])
    assert directory.clients() == {made.client_id: "t1-c1"}
    assert directory.secret(made.client_id) == made.secret


def test_all_clients_are_found_however_many_pages_they_are(directory: CognitoDirectory) -> None:
    made = {directory.client(f"t1-c{number}", ["skafu/metrics.read"]) for number in range(70)}
    assert directory.clients().keys() == {each.client_id for each in made}
