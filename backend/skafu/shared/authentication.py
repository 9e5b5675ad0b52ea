"""From a proxy event to an Identity: the gateway has verified the token, membership says the
rest.
"""

from collections.abc import Callable, Mapping
from typing import Any

from skafu.shared.api import Authenticator, Event, headers_of
from skafu.shared.clock import Clock
from skafu.shared.errors import Unauthenticated
from skafu.shared.identity import Identity
from skafu.shared.membership import Members
from skafu.shared.settings import ApiSettings


def authenticator(settings: ApiSettings, members: Members, clock: Clock) -> Authenticator:
    """How an API function learns who calls.

    Behind the gateway the claims are those that its authorizer verified. `sam local` has no such
    authorizer, so there, and only there, the bearer token itself is verified. Scopes are the
    gateway's business and are not looked at again.
    """
    verify = _local_verifier(settings, clock) if settings.aws_sam_local else None

    def authenticate(event: Event) -> Identity:
        claims = _claims(event)
        if claims is None and verify is not None:
            claims = verify(event)
        if claims is None:
            raise Unauthenticated("an access token is needed")
        return members.identify(claims)

    return authenticate


def _claims(event: Event) -> Mapping[str, object] | None:
    authorizer: Mapping[str, Any] = event["requestContext"].get("authorizer") or {}
    claims = authorizer.get("claims")
    return claims if isinstance(claims, dict) and claims else None


def _local_verifier(
    settings: ApiSettings, clock: Clock
) -> Callable[[Event], Mapping[str, object] | None]:
    # Imported here: no function that is deployed loads it.
    from skafu.shared import local_token  # pylint: disable=import-outside-toplevel # see above

    def fetch() -> local_token.Keys:
        return local_token.fetch_keys(settings.aws_endpoint_url, settings.user_pool_id)

    tokens = local_token.LocalTokens(settings.user_pool_id, fetch, clock)

    def verify(event: Event) -> Mapping[str, object] | None:
        authorization = headers_of(event).get("authorization")
        return None if authorization is None else tokens.verify(authorization)

    return verify
