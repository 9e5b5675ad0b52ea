"""Versions as ETags: `ETag: "7"` goes out, `If-Match: "7"` comes back (RFC 9110, 8.8.3 and
13.1.1).
"""

import re

from skafu.shared.errors import BadRequest, FieldError, PreconditionRequired
from skafu.shared.routes import Request

STRONG = re.compile(r'"([0-9]{1,15})"')


def etag(version: int) -> str:
    """The header's value for a version."""
    return f'"{version}"'


def if_match(request: Request) -> int:
    """The version that the caller means to change.

    Raises PreconditionRequired without If-Match, BadRequest when it is anything but one version.
    """
    text = request.headers.get("if-match", "").strip()
    if not text:
        raise PreconditionRequired(
            "If-Match is missing: send the ETag of the version that you mean to change"
        )
    found = STRONG.fullmatch(text)
    if found is None:
        wrong = FieldError("If-Match", 'is one version in quotes, like "7"')
        raise BadRequest("If-Match cannot be read", [wrong])
    return int(found[1])
