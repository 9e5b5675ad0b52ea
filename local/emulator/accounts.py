"""Several accounts and regions: whose a request is that nobody has signed, and whose a name is.

APIs
    AWS knows an API by its id, whatever account and region it is in. MiniStack looks for it in the
    account of the request, which is the default one where there is no signature: an API of another
    account is "Not Found".
Sign-in
    AWS finds a user pool by the app client, the session or the token that a browser names.
    MiniStack looks among the pools of the default account: nobody can sign in to another account's.
CloudFront
    AWS knows a distribution by its name. MiniStack looks in the default account.
Names
    AWS ends the names that it makes up with something random. MiniStack ends them with a hash of
    the names of stack and resource: stacks of one name in two regions would share their roles,
    which are the account's, and the second deployment would lock the first one's functions out.

Each of the first three goes on in the account and region of what it has found: functions, roles,
keys and buckets are looked for there. Tokens (`/oauth2/token`), keys of pools, schedules and event
source mappings are right as they are.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import apigateway_v1, cloudfront, cognito
from ministack.services.cloudformation import provisioners

type Scope = tuple[str, str]
"""An account and a region."""

_TOKENS = ("AccessToken", "RefreshToken", "Token")

_physical_name = provisioners._physical_name
_pin_sign_in = cognito._pin_unsigned_idp_scope


def _scope_of_api(api_id: str) -> Scope | None:
    """Where an API is; ids are unique."""
    for (account, region, stored), _ in apigateway_v1._rest_apis.all_items():
        if stored == api_id:
            return account, region
    return None


def _distribution(label: str) -> Any:
    """The distribution of a name; the request goes on in its account."""
    domain = f"{label}.cloudfront.net"
    for (account, _), found in list(cloudfront._distributions._data.items()):
        if found.get("DomainName", "").lower() == domain:
            responses._request_account_id.set(account)
            return found
    return None


def _sign_in(data: Mapping[str, Any]) -> Any:
    """Go on in the account and region of the pool that an unsigned request is about."""
    named = set(_pools_named(data))
    for (account, region, pool_id), pool in cognito._user_pools.all_items():
        if pool_id in named or data.get("ClientId") in pool.get("_clients", {}):
            responses._request_account_id.set(account)
            responses.set_request_region(region)
            break
    return _pin_sign_in(data)


def _pools_named(data: Mapping[str, Any]) -> Iterable[str]:
    """Ids of pools that the request names by itself, by its session or by a token."""
    if data.get("UserPoolId"):
        yield data["UserPoolId"]
    for (_, session), found in list(cognito._challenge_sessions._data.items()):
        if session == data.get("Session"):
            yield found["pool_id"]
    for token in (data.get(name) for name in _TOKENS):
        if isinstance(token, str) and token:
            yield cognito._pool_id_from_token(token)
            yield cognito._refresh_tokens.get(token, {}).get("pool_id", "")


def _name(stack: str, logical_id: str, *, seeded: bool = True, **named: Any) -> str:
    """A name that CloudFormation makes up: another one in each region."""
    region = responses.get_region()
    if region == os.environ["MINISTACK_REGION"]:
        return str(_physical_name(stack, logical_id, seeded=seeded, **named))
    seed = provisioners._NAME_SEED.get() if seeded else ""
    token = provisioners._NAME_SEED.set(f"{seed} {region}")
    try:
        return str(_physical_name(stack, logical_id, **named))
    finally:
        provisioners._NAME_SEED.reset(token)


def apply() -> None:
    """Find APIs, user pools and distributions of every account; name things by region."""
    provisioners._physical_name = _name
    apigateway_v1.find_api_scope = _scope_of_api
    cloudfront.find_distribution_for_label = _distribution
    cognito._pin_unsigned_idp_scope = _sign_in
