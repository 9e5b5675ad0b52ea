"""How lists are asked for: `limit`, `cursor`, `start` and `end`, the same everywhere."""

from collections.abc import Iterable, Mapping

from skafu.shared.cursor import open_cursor, seal
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.instants import instant_from
from skafu.shared.routes import Parameter, Request

MOST = 1_000  # items a page, in every list
USUAL = 100
FAR = 10**13
"""Epoch milliseconds have at most 13 digits: `keys.instant`."""

CURSOR = Parameter("cursor", "Where the list goes on: the cursor of the page before.")


def limit_parameter(most: int = MOST, usual: int = USUAL) -> Parameter:
    """The documentation of `limit`."""
    return Parameter("limit", f"How many at most: 1 to {most}, {usual} if not given.")


def limit_of(request: Request, most: int = MOST, usual: int = USUAL) -> int:
    """The page's size that a request asks for. Raises BadRequest naming `limit`."""
    text = single(request, "limit")
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise _unreadable("limit", f"must be a whole number from 1 to {most}")
    return int(text)


def single(request: Request, name: str) -> str | None:
    """A parameter that is given once or not at all."""
    return next(iter(request.query.get(name, ())), None)


def instant_of(request: Request, name: str) -> int | None:
    """A time in epoch milliseconds, None if it is not given. Raises BadRequest naming it."""
    text = single(request, name)
    if text is None:
        return None
    try:
        at = instant_from(int(text) if text.isascii() and text.isdigit() else text)
    except ValueError as error:
        raise _unreadable(name, str(error)) from error
    if not 0 <= at < FAR:
        raise _unreadable(name, "must be after 1970 and before 2286")
    return at


def chosen[T: str](request: Request, name: str, choices: Iterable[T]) -> T | None:
    """A parameter that is one of some words. Raises BadRequest naming it and them."""
    text = single(request, name)
    known = list(choices)
    for each in known:
        if each == text:
            return each
    if text is None:
        return None
    raise _unreadable(name, f"must be one of {', '.join(known)}")


def scope_of(route: str, request: Request) -> str:
    """What a cursor is bound to besides its tenant: the list and whatever filters it. The page's
    size is no part of it, and may change from page to page.
    """
    path = [f"{name}={value}" for name, value in sorted(request.path.items())]
    filters = [
        f"{name}={value}"
        for name, values in sorted(request.query.items())
        if name not in ("limit", "cursor")
        for value in sorted(values)
    ]
    return "\n".join([route, *path, *filters])


def position_of(route: str, request: Request) -> Mapping[str, str] | None:
    """The position in the request's cursor, None for the first page. Raises BadRequest."""
    text = single(request, "cursor")
    if text is None:
        return None
    return open_cursor(request.identity.tenant, scope_of(route, request), text)


def cursor_for(route: str, request: Request, position: Mapping[str, str] | None) -> str | None:
    """The cursor that goes into the answer: None where the list is at its end."""
    if position is None:
        return None
    return seal(request.identity.tenant, scope_of(route, request), position)


def _unreadable(name: str, reason: str) -> BadRequest:
    return BadRequest("the query string cannot be read", [FieldError(name, reason)])
