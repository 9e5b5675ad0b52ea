"""Accounts of people, in memory and in a user pool. What the pool's double cannot show of mails is
in tests/unit/workspace/members and tests/integration.
"""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from skafu.shared.aws import client
from skafu.workspace.members.accounts import Accounts, AccountState, AddressTaken
from skafu.workspace.members.cognito import CognitoAccounts
from skafu.workspace.pool import Pool
from tests.support.accounts import InMemoryAccounts
from tests.support.user_pool import create_pool

ADDRESS = "cleo@example.com"


@pytest.fixture(params=["memory", "cognito"])
def accounts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    if request.param == "memory":
        yield InMemoryAccounts()
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        cognito = client("cognito-idp", region_name="us-east-1")
        yield CognitoAccounts(Pool(cognito, create_pool(cognito)))


def test_who_is_made_is_found_by_address_and_subject(accounts: Accounts) -> None:
    made = accounts.create(ADDRESS, "Cleo <b>")

    assert made.subject
    assert (made.email, made.name) == (ADDRESS, "Cleo <b>")
    assert made.state is AccountState.INVITED and made.enabled
    assert accounts.find(ADDRESS) == made
    assert accounts.find(made.subject) == made


def test_nobody_is_found_where_nobody_is(accounts: Accounts) -> None:
    assert accounts.find(ADDRESS) is None
    assert accounts.find("9f1c2d3e-0000-4000-8000-000000000001") is None


def test_an_address_has_one_account(accounts: Accounts) -> None:
    accounts.create(ADDRESS, "Cleo")

    with pytest.raises(AddressTaken):
        accounts.create(ADDRESS, "Another Cleo")


def test_a_disabled_account_is_there_and_can_be_enabled(accounts: Accounts) -> None:
    made = accounts.create(ADDRESS, "Cleo")

    accounts.disable(made.subject)
    found = accounts.find(made.subject)
    assert found is not None and not found.enabled

    accounts.enable(made.subject)
    assert accounts.find(made.subject) == made


def test_a_deleted_account_frees_the_address_for_somebody_new(accounts: Accounts) -> None:
    before = accounts.create(ADDRESS, "Cleo")

    accounts.delete(before.subject)

    assert accounts.find(ADDRESS) is None
    assert accounts.create(ADDRESS, "Cleo").subject != before.subject


def test_what_is_done_to_an_account_that_is_gone_changes_nothing(accounts: Accounts) -> None:
    gone = accounts.create(ADDRESS, "Cleo").subject
    accounts.delete(gone)

    accounts.disable(gone)
    accounts.enable(gone)
    accounts.delete(gone)

    assert accounts.find(gone) is None


def test_an_invitation_that_is_mailed_leaves_the_account_as_it_is(accounts: Accounts) -> None:
    made = accounts.create(ADDRESS, "Cleo")

    accounts.send_invitation(ADDRESS)

    assert accounts.find(made.subject) == made
