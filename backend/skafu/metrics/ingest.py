"""Taking points in: from a request's body to stored segments."""

import hashlib
import json
from base64 import b32encode
from dataclasses import dataclass
from typing import Protocol

import orjson

from skafu.metrics.model import Layout, Segment
from skafu.metrics.packing import Packer, Requests
from skafu.metrics.points import Rejection, read_points
from skafu.metrics.times import accepted
from skafu.shared.errors import BadRequest, FieldError, PayloadTooLarge, Unprocessable

MAX_POINTS = 10_000
MAX_KEY = 255
_ID_BYTES = 10  # 16 characters of base32


class SegmentWriter(Protocol):
    """Where segments go."""

    def write(self, tenant: str, layouts: list[Layout], segments: list[Segment]) -> None:
        """Store them all, or raise Unavailable; storing again changes nothing."""


@dataclass(frozen=True)
class Delivery:
    """A request as it arrived: the client's key (if any), the gateway's id, the inflated body, the
    moment of receipt in epoch milliseconds.
    """

    tenant: str
    body: bytes
    gateway_id: str
    receipt: int
    key: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How many points are stored, and why the others are not."""

    accepted: int
    rejected: list[Rejection]


class Ingest:
    """The use case of POST /api/metrics."""

    def __init__(self, store: SegmentWriter) -> None:
        self._store = store
        self._packer = Packer()

    def take(self, delivery: Delivery) -> Outcome:
        """Store the good points of a request; a bad one never costs the good ones.

        Raises BadRequest, PayloadTooLarge or Unprocessable for what is wrong with the request as a
        whole, Unprocessable where no point is good, and Unavailable, after which a retry is safe.
        """
        if delivery.key is not None and len(delivery.key) > MAX_KEY:
            wrong = FieldError("Idempotency-Key", f"has at most {MAX_KEY} characters")
            raise BadRequest("a header cannot be used", [wrong])
        raws = points_of(delivery.body)
        self._packer.make_room()
        batch = read_points(
            raws,
            self._packer.book,
            accepted(delivery.receipt),
            delivery.receipt,
            keyed=delivery.key is not None,
        )
        stored = len(raws) - len(batch.rejected)
        if not stored:
            raise Unprocessable(
                "no point is good; see rejected",
                [each.error() for each in batch.rejected],
                extra={"rejected": batch.rejected},
            )
        packed = self._packer.pack(batch, requests_of(delivery), delivery.receipt)
        self._store.write(delivery.tenant, packed.layouts, packed.segments)
        return Outcome(stored, batch.rejected)


def points_of(body: bytes) -> list[object]:
    """The entries of `metrics`, unchecked. Raises BadRequest, PayloadTooLarge or Unprocessable."""
    found = _json(body)
    if not isinstance(found, dict):
        raise BadRequest(
            "the body is JSON, but not an object", [FieldError("metrics", "is required")]
        )
    unknown = [
        FieldError(name, "is unknown; known is metrics") for name in found if name != "metrics"
    ]
    if unknown:
        raise Unprocessable("the body has unknown fields", unknown)
    points = found.get("metrics")
    if not isinstance(points, list) or not points:
        reason = f"must be a list of 1 to {MAX_POINTS:,} points"
        raise Unprocessable("there are no points", [FieldError("metrics", reason)])
    if len(points) > MAX_POINTS:
        wrong = FieldError("metrics", f"has {len(points):,} points; {MAX_POINTS:,} are allowed")
        raise PayloadTooLarge("too many points in one request", [wrong])
    return points


def _json(body: bytes) -> object:
    """JSON, and the literals NaN, Infinity and -Infinity beyond it: many programs write them, and
    such a point is refused by itself instead of costing the whole batch.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(body.decode())
        except (ValueError, RecursionError):
            wrong = FieldError("body", "is not JSON")
            raise BadRequest(f"the body is not JSON: {error}", [wrong]) from error


def requests_of(delivery: Delivery) -> Requests:
    """The names of a request (DESIGN 3, rule 1)."""
    key = (delivery.key or "").encode("utf-8", "surrogatepass")
    return Requests(
        content=_name(b"content", len(key).to_bytes(4, "big"), key, delivery.body),
        gateway=_name(b"gateway", delivery.gateway_id.encode()),
    )


def _name(kind: bytes, *parts: bytes) -> str:
    """A hash of the parts, different for each kind."""
    digest = hashlib.blake2b(digest_size=_ID_BYTES, person=kind)
    for part in parts:
        digest.update(part)
    return b32encode(digest.digest()).decode().lower()
