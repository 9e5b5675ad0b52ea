"""Policies of IAM as IAM reads them, as far as the templates here use them: Allow and Deny,
wildcards in actions and resources, NotAction, and the conditions StringEquals (IfExists too),
StringLike, ArnLike with their opposites, and Null.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

type Statement = Mapping[str, Any]

VARIABLE = re.compile(r"\$\{([A-Za-z-]+:[A-Za-z/-]+)\}")


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `context` holds condition keys; what is not in it was not told. Keys
    with several values have them separated by commas, which only ForAllValues understands.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def many(value: Any) -> list[Any]:
    """A list, whether one or more were written."""
    return value if isinstance(value, list) else [value]


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Whether one of the statements allows it. Raises ValueError for what roles here do not have,
    refusals and exceptions, so that nothing passes by not being looked at.
    """
    return any(_matches(each, request) for each in statements)


def denies(statements: Iterable[Statement], request: Request) -> bool:
    """Whether one of the statements refuses it."""
    return any(each["Effect"] == "Deny" and _applies(each, request) for each in statements)


def grants(statements: Iterable[Statement], request: Request) -> bool:
    """Whether the statements of one identity together give it: one allows it, none refuses it."""
    known = list(statements)
    allowed = any(each["Effect"] == "Allow" and _applies(each, request) for each in known)
    return allowed and not denies(known, request)


def lets(policy: Mapping[str, Any], principal: str, request: Request) -> bool:
    """Whether a resource's own policy gives it to a principal: a service, an account's or a role's
    ARN.
    """
    return grants([x for x in policy["Statement"] if _is_about(x, principal)], request)


def refuses(policy: Mapping[str, Any], principal: str, request: Request) -> bool:
    """Whether a resource's own policy refuses it to a principal, whatever its account allows."""
    return denies([x for x in policy["Statement"] if _is_about(x, principal)], request)


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


def _is_about(statement: Statement, principal: str) -> bool:
    named = statement["Principal"]
    if named in ("*", {"AWS": "*"}):
        return True
    return principal in [each for one in named.values() for each in many(one)]


def _matches(statement: Statement, request: Request) -> bool:
    if statement["Effect"] != "Allow" or {"NotAction", "NotResource"} & set(statement):
        raise ValueError(f"not understood: {statement}")
    return _applies(statement, request)


def _applies(statement: Statement, request: Request) -> bool:
    """Whether a statement speaks of this request, whatever it says of it."""
    if "NotResource" in statement:
        raise ValueError(f"not understood: {statement}")
    listed = statement.get("Action", statement.get("NotAction"))
    # IAM does not tell upper from lower case in actions.
    named = [each.lower() for each in many(listed)]
    found = any(fnmatchcase(request.action.lower(), each) for each in named)
    return (
        found is ("Action" in statement)
        and any(fnmatchcase(request.resource, str(each)) for each in many(statement["Resource"]))
        and all(
            _holds(operator, key, many(wanted), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, key: str, wanted: list[Any], context: Mapping[str, str]) -> bool:
    if operator.startswith("ForAllValues:"):
        each = operator.partition(":")[2]
        listed = context[key].split(",") if context.get(key) else []
        return all(_holds(each, key, wanted, {**context, key: value}) for value in listed)
    told = context.get(key)
    values = [_filled(str(each), context) for each in wanted]
    if operator == "Null":
        return wanted == [str(told is None).lower()]
    if operator == "Bool":
        return told is not None and told.lower() in [each.lower() for each in values]
    if operator == "StringEquals":
        return told is not None and told in values
    if operator == "StringEqualsIfExists":
        return told is None or told in values
    if operator in ("ArnLike", "StringLike"):
        return told is not None and any(fnmatchcase(told, each) for each in values)
    if operator in ("ArnNotLike", "StringNotEquals"):
        # What was not told is unlike everything.
        positive = {"ArnNotLike": "ArnLike", "StringNotEquals": "StringEquals"}[operator]
        return not _holds(positive, key, wanted, context)
    raise ValueError(f"not understood: {operator} of {key}")


def _filled(value: str, context: Mapping[str, str]) -> str:
    """With the policy's variables put in; one that was not told stays, and equals nothing."""
    return VARIABLE.sub(lambda found: context.get(found[1], found[0]), value)
