"""Errors as RFC 9457 problem documents: one shape everywhere."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from skafu.shared.errors import SkafuError, Unauthenticated

CONTENT_TYPE = "application/problem+json"


def problem(error: SkafuError, request_id: str) -> dict[str, Any]:
    """The document: type, title, status, detail, instance, and errors where single fields are at
    fault; whatever the error adds of its own comes beside them.
    """
    document: dict[str, Any] = {
        **error.extra,
        "type": f"/problems/{error.slug}",
        "title": error.status.phrase,
        "status": error.status.value,
        "detail": str(error),
        "instance": f"/requests/{request_id}",
    }
    if error.errors:
        document["errors"] = [{"field": e.field, "reason": e.reason} for e in error.errors]
    return document


def headers(error: SkafuError) -> Mapping[str, str]:
    """What goes beside the document; every 401 says how to do better (RFC 9110, 15.5.2)."""
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer", **error.headers}
    return error.headers


class Surprise(SkafuError):
    """What a caller hears of an error that nobody foresaw: nothing but that it happened."""

    def __init__(self) -> None:
        super().__init__("something went wrong on our side; it has been recorded")


class MethodNotAllowed(SkafuError):
    """The path exists, for other methods."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    slug = "method-not-allowed"

    def __init__(self, allowed: list[str]) -> None:
        names = ", ".join(sorted(allowed))
        super().__init__(f"this path knows {names}", headers={"Allow": names})
