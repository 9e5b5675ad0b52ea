"""Policies of IAM as IAM reads them, as far as the templates here use them: Allow, wildcards in
actions and resources, and the conditions StringEquals, ArnLike and Null.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

type Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `context` holds condition keys; what is not in it was not told."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def many(value: Any) -> list[Any]:
    """A list, whether one or more were written."""
    return value if isinstance(value, list) else [value]


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Whether one of the statements allows it. Raises ValueError for what is not understood here,
    so that nothing passes by not being looked at.
    """
    return any(_matches(each, request) for each in statements)


def trusts(role: Mapping[str, Any], claims: Mapping[str, str]) -> bool:
    """Whether a token of GitHub's with these claims (`sub`, `aud`) lets its bearer be this role."""
    issuer = "token.actions.githubusercontent.com"
    context = {f"{issuer}:{name}": value for name, value in claims.items()}
    request = Request("sts:AssumeRoleWithWebIdentity", context=context)
    statements = role["AssumeRolePolicyDocument"]["Statement"]
    return allows([{"Resource": "*", **each} for each in statements], request)


def actions_of(statements: Iterable[Statement]) -> Iterator[tuple[str, Statement]]:
    """Each action with the statement that names it."""
    for statement in statements:
        for action in many(statement["Action"]):
            yield action, statement


def _matches(statement: Statement, request: Request) -> bool:
    if statement["Effect"] != "Allow" or {"NotAction", "NotResource"} & set(statement):
        raise ValueError(f"not understood: {statement}")
    # IAM does not tell upper from lower case in actions.
    named = [each.lower() for each in many(statement["Action"])]
    return (
        any(fnmatchcase(request.action.lower(), each) for each in named)
        and any(fnmatchcase(request.resource, str(each)) for each in many(statement["Resource"]))
        and all(
            _holds(operator, key, many(wanted), request.context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, key: str, wanted: list[Any], told: str | None) -> bool:
    if operator == "Null":
        return wanted == [str(told is None).lower()]
    if operator == "StringEquals":
        return told is not None and told in [str(each) for each in wanted]
    if operator == "ArnLike":
        return told is not None and any(fnmatchcase(told, str(each)) for each in wanted)
    raise ValueError(f"not understood: {operator} of {key}")
