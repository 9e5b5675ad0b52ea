"""What is said to Cognito, word for word: of mails the pool's double shows nothing."""

from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from skafu.shared.errors import Unavailable
from skafu.workspace.members.accounts import (
    Account,
    AccountState,
    AddressRefused,
    AlreadySignedIn,
)
from skafu.workspace.members.cognito import CognitoAccounts
from skafu.workspace.pool import Pool
from tests.support.stubbed import Stubbed

POOL = "us-east-1_pool"
EMAIL = "cleo@example.com"
ATTRIBUTES = [
    {"Name": "email", "Value": EMAIL},
    {"Name": "name", "Value": "Cleo"},
    {"Name": "email_verified", "Value": "true"},
]


@pytest.fixture(name="cognito")
def fixture_cognito() -> Iterator[Stubbed]:
    stubbed = Stubbed("cognito-idp")
    with stubbed.stub:
        yield stubbed
        stubbed.stub.assert_no_pending_responses()


@pytest.fixture(name="accounts")
def fixture_accounts(cognito: Stubbed) -> CognitoAccounts:
    return CognitoAccounts(Pool(cognito.client, POOL))


def test_an_account_is_made_without_any_mail(cognito: Stubbed, accounts: CognitoAccounts) -> None:
    user = {
        "Username": "s",
        "Attributes": [{"Name": "sub", "Value": "s"}, *ATTRIBUTES],
        "UserStatus": "FORCE_CHANGE_PASSWORD",
        "Enabled": True,
    }
    cognito.expect(
        "admin_create_user",
        {"User": user},
        UserPoolId=POOL,
        Username=EMAIL,
        UserAttributes=ATTRIBUTES,
        MessageAction="SUPPRESS",
    )

    made = accounts.create(EMAIL, "Cleo")

    assert made == Account("s", EMAIL, "Cleo", AccountState.INVITED)


def test_an_invitation_goes_by_mail_to_an_account_that_is_there(
    cognito: Stubbed, accounts: CognitoAccounts
) -> None:
    cognito.expect(
        "admin_create_user",
        {},
        UserPoolId=POOL,
        Username=EMAIL,
        MessageAction="RESEND",
        DesiredDeliveryMediums=["EMAIL"],
    )

    accounts.send_invitation(EMAIL)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("FORCE_CHANGE_PASSWORD", AccountState.INVITED),
        ("UNCONFIRMED", AccountState.UNCONFIRMED),
        ("CONFIRMED", AccountState.ACTIVE),
        ("RESET_REQUIRED", AccountState.ACTIVE),
        ("EXTERNAL_PROVIDER", AccountState.ACTIVE),
    ],
)
def test_every_state_of_an_account_means_something(
    cognito: Stubbed, accounts: CognitoAccounts, status: str, state: AccountState
) -> None:
    found = {
        "Username": "s",
        "UserAttributes": [{"Name": "sub", "Value": "s"}],
        "UserStatus": status,
        "Enabled": False,
    }
    cognito.expect("admin_get_user", found, UserPoolId=POOL, Username=EMAIL)

    assert accounts.find(EMAIL) == Account("s", None, None, state, enabled=False)


def test_disabling_ends_the_sessions_too(cognito: Stubbed, accounts: CognitoAccounts) -> None:
    cognito.expect("admin_disable_user", {}, UserPoolId=POOL, Username="s")
    cognito.expect("admin_user_global_sign_out", {}, UserPoolId=POOL, Username="s")

    accounts.disable("s")


@pytest.mark.parametrize(
    "code",
    ["TooManyRequestsException", "LimitExceededException", "CodeDeliveryFailureException"],
)
def test_what_passes_is_unavailable(cognito: Stubbed, accounts: CognitoAccounts, code: str) -> None:
    cognito.stub.add_client_error("admin_create_user", code)

    with pytest.raises(Unavailable):
        accounts.send_invitation(EMAIL)


def test_a_pool_that_is_broken_is_unavailable(cognito: Stubbed, accounts: CognitoAccounts) -> None:
    cognito.stub.add_client_error("admin_get_user", "Surprise", http_status_code=503)

    with pytest.raises(Unavailable):
        accounts.find(EMAIL)


def test_refusals_mean_what_they_say(cognito: Stubbed, accounts: CognitoAccounts) -> None:
    cognito.stub.add_client_error("admin_create_user", "UnsupportedUserStateException")
    with pytest.raises(AlreadySignedIn):
        accounts.send_invitation(EMAIL)
    cognito.stub.add_client_error(
        "admin_create_user", "InvalidParameterException", "Username should be an email."
    )
    with pytest.raises(AddressRefused, match="should be an email"):
        accounts.create("nobody", "Nobody")


def test_what_is_nobodys_to_explain_comes_as_it_is(
    cognito: Stubbed, accounts: CognitoAccounts
) -> None:
    calls: tuple[tuple[str, Callable[[], object]], ...] = (
        ("admin_get_user", lambda: accounts.find(EMAIL)),
        ("admin_create_user", lambda: accounts.create(EMAIL, "Cleo")),
        ("admin_create_user", lambda: accounts.send_invitation(EMAIL)),
        ("admin_delete_user", lambda: accounts.delete("s")),
    )
    for action, call in calls:
        cognito.stub.add_client_error(action, "AccessDeniedException")
        with pytest.raises(ClientError):
            call()


class OutOfReach:
    """A client that finds nobody at its address."""

    def admin_get_user(self, **_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://cognito-idp.example")


def test_a_pool_out_of_reach_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        CognitoAccounts(Pool(OutOfReach(), POOL)).find(EMAIL)
