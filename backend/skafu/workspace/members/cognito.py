"""Accounts in a Cognito user pool whose people sign in with their addresses."""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from skafu.workspace.members.accounts import (
    Account,
    AccountState,
    AddressRefused,
    AddressTaken,
    AlreadySignedIn,
)
from skafu.workspace.pool import Pool, code_of, reason_of

GONE = "UserNotFoundException"
BY_MAIL = {"DesiredDeliveryMediums": ["EMAIL"]}
WITHOUT_MAIL = {"MessageAction": "SUPPRESS"}
_STATES = {
    "FORCE_CHANGE_PASSWORD": AccountState.INVITED,
    "UNCONFIRMED": AccountState.UNCONFIRMED,
}


def attributes_of(email: str, name: str) -> list[dict[str, str]]:
    """What a new account knows of its owner. Whoever has the mail's password has the address."""
    known = {"email": email, "name": name, "email_verified": "true"}
    return [{"Name": attribute, "Value": value} for attribute, value in known.items()]


class CognitoAccounts:
    """The port of accounts.py over a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def find(self, name: str) -> Account | None:
        try:
            user = self._pool.call("admin_get_user", Username=name)
        except ClientError as error:
            if code_of(error) == GONE:
                return None
            raise
        return _account(user, user["UserAttributes"])

    def create(self, email: str, name: str, delivery: Mapping[str, Any] | None = None) -> Account:
        try:
            user = self._pool.call(
                "admin_create_user",
                Username=email,
                UserAttributes=attributes_of(email, name),
                **(WITHOUT_MAIL if delivery is None else delivery),
            )["User"]
        except ClientError as error:
            if code_of(error) == "UsernameExistsException":
                raise AddressTaken from error
            if code_of(error) == "InvalidParameterException":
                raise AddressRefused(reason_of(error)) from error
            raise
        return _account(user, user["Attributes"])

    def send_invitation(self, email: str) -> None:
        try:
            self._pool.call("admin_create_user", Username=email, MessageAction="RESEND", **BY_MAIL)
        except ClientError as error:
            if code_of(error) == "UnsupportedUserStateException":
                raise AlreadySignedIn from error
            raise

    def disable(self, subject: str) -> None:
        self._unless_gone("admin_disable_user", subject)
        self._unless_gone("admin_user_global_sign_out", subject)

    def enable(self, subject: str) -> None:
        self._unless_gone("admin_enable_user", subject)

    def delete(self, subject: str) -> None:
        self._unless_gone("admin_delete_user", subject)

    def _unless_gone(self, action: str, subject: str) -> None:
        try:
            self._pool.call(action, Username=subject)
        except ClientError as error:
            if code_of(error) != GONE:
                raise


def _account(user: Mapping[str, Any], attributes: Iterable[Mapping[str, str]]) -> Account:
    known = {each["Name"]: each["Value"] for each in attributes}
    return Account(
        subject=known["sub"],
        email=known.get("email"),
        name=known.get("name"),
        state=_STATES.get(user.get("UserStatus", ""), AccountState.ACTIVE),
        enabled=bool(user.get("Enabled", True)),
    )
