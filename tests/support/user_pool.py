"""The user pool as template.yaml makes it, for tests that run on moto."""

from typing import Any

from skafu.shared.routes import Scope


def create_pool(cognito: Any) -> str:
    """Make a pool whose people sign in with their addresses, and Skafu's scopes; its id.
    `cognito` is a botocore client.
    """
    pool: str = cognito.create_user_pool(
        PoolName="skafu-test",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        AutoVerifiedAttributes=["email"],
    )["UserPool"]["Id"]
    names = [scope.removeprefix("skafu/") for scope in Scope if scope is not Scope.PERSON]
    cognito.create_resource_server(
        UserPoolId=pool,
        Identifier="skafu",
        Name="Skafu",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in names],
    )
    return pool
