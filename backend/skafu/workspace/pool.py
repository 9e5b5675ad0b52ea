"""The user pool behind people and machine clients, called so that its refusals mean something."""

from typing import Any

from botocore.exceptions import ClientError, ConnectionError as Unreachable, HTTPClientError

from skafu.shared.errors import Unavailable

BUSY = frozenset(
    {
        "TooManyRequestsException",
        "LimitExceededException",
        "ThrottlingException",
        "InternalErrorException",
        "CodeDeliveryFailureException",
    }
)
STATUS_BROKEN = 500
RETRY_AFTER_S = 5


def code_of(error: ClientError) -> str:
    """Which refusal it is: "UsernameExistsException"."""
    return str(error.response.get("Error", {}).get("Code", ""))


def reason_of(error: ClientError) -> str:
    """The refusal in Cognito's words."""
    return str(error.response.get("Error", {}).get("Message", ""))


class Pool:
    """One pool; `client` is a botocore client of cognito-idp."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def call(self, action: str, **request: Any) -> dict[str, Any]:
        """Do something to this pool.

        Raises Unavailable when Cognito throttles, is down, or cannot send mail at the moment, and
        ClientError for every other refusal.
        """
        try:
            answer: dict[str, Any] = getattr(self._client, action)(
                UserPoolId=self._pool_id, **request
            )
            return answer
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code_of(error) in BUSY or status >= STATUS_BROKEN:
                raise _unavailable() from error
            raise
        except (Unreachable, HTTPClientError) as error:
            raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("the user pool is not answering; try again", RETRY_AFTER_S)
