"""What can go wrong, as values that know their own HTTP status. One handler (api.py) turns all of
them into problem+json.

SkafuError
|-- BadRequest          400  the request as a whole cannot be read
|-- Unauthenticated     401  no verified identity
|-- Forbidden           403  a known identity that may not do this
|   `-- SwitchedOff         what operators have switched off (flags.py)
|-- NotFound            404  also for what is another tenant's: that it exists is nobody's business
|-- Conflict            409
|   `-- UnknownLayout       columns that name layouts which are not here: resend in full
|-- PreconditionFailed  412  If-Match named another version
|-- PayloadTooLarge     413
|-- Unprocessable       422  readable, but some fields are wrong: they are listed
|-- PreconditionRequired 428 If-Match is missing
|-- QuotaExceeded       429
`-- Unavailable         503  try again; Retry-After says when
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: its path in the request (`metrics.3.value`), and a sentence
    that helps.
    """

    field: str
    reason: str


class SkafuError(Exception):
    """Base of all errors that a caller can cause or should hear of. `str(error)` is a sentence for
    the caller.
    """

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    slug: str = "internal"

    def __init__(
        self,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class BadRequest(SkafuError):
    status = HTTPStatus.BAD_REQUEST
    slug = "bad-request"


class Unauthenticated(SkafuError):
    status = HTTPStatus.UNAUTHORIZED
    slug = "unauthenticated"


class Forbidden(SkafuError):
    status = HTTPStatus.FORBIDDEN
    slug = "forbidden"


class NotFound(SkafuError):
    status = HTTPStatus.NOT_FOUND
    slug = "not-found"


class Conflict(SkafuError):
    status = HTTPStatus.CONFLICT
    slug = "conflict"


class UnknownLayout(Conflict):
    slug = "unknown-layout"


class PreconditionFailed(SkafuError):
    status = HTTPStatus.PRECONDITION_FAILED
    slug = "precondition-failed"


class PreconditionRequired(SkafuError):
    status = HTTPStatus.PRECONDITION_REQUIRED
    slug = "precondition-required"


class PayloadTooLarge(SkafuError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "payload-too-large"


class Unprocessable(SkafuError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "unprocessable"


class QuotaExceeded(SkafuError):
    status = HTTPStatus.TOO_MANY_REQUESTS
    slug = "quota-exceeded"


class Unavailable(SkafuError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "unavailable"

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
