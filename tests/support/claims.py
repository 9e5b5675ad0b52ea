"""Claims of Cognito access tokens, as API Gateway's authorizer passes them on: all of them
strings.
"""

PERSON = "9f1c2d3e-0000-4000-8000-000000000001"
OTHER_PERSON = "9f1c2d3e-0000-4000-8000-000000000002"
MACHINE = "5machineclientid000000000x"
APP_CLIENT = "3consoleclientid0000000000"
POOL = "us-east-1_Example01"
PERSON_SCOPE = "aws.cognito.signin.user.admin"


def person_claims(subject: str = PERSON, scope: str = PERSON_SCOPE) -> dict[str, str]:
    """Somebody who signed in."""
    return {
        "sub": subject,
        "client_id": APP_CLIENT,
        "token_use": "access",
        "scope": scope,
        "username": subject,
        "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}",
    }


def machine_claims(
    client: str = MACHINE, scope: str = "skafu/metrics.write skafu/metrics.read"
) -> dict[str, str]:
    """A machine client with its client credentials: its `sub` is its `client_id`."""
    return {
        "sub": client,
        "client_id": client,
        "token_use": "access",
        "scope": scope,
        "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}",
    }
