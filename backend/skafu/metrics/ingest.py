"""Taking points in: from a request's body to stored segments."""

import hashlib
import json
from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from skafu.metrics.codec import MAX_PAYLOAD, encode, most_bytes
from skafu.metrics.columnar import FORM as COLUMNS, MAX_COLUMNS
from skafu.metrics.columnar import layouts_named, points_in, read_columns
from skafu.metrics.model import Layout, Segment
from skafu.metrics.packing import Packed, Packer, Requests, pack_columns
from skafu.metrics.points import Rejection, read_points
from skafu.metrics.tenancy import Tenancy
from skafu.metrics.times import accepted
from skafu.shared.errors import (
    BadRequest,
    FieldError,
    PayloadTooLarge,
    UnknownLayout,
    Unprocessable,
)

METRICS = "metrics"
MAX_POINTS = 10_000
"""What the quota of points in a batch is at most."""

MAX_KEY = 255
_ID_BYTES = 10  # 16 characters of base32


class Settings(Protocol):
    """Tenants' own records (`tenancy.Tenancies`)."""

    def of(self, tenant: str) -> Tenancy:
        """A tenant's record. Raises Unavailable."""


class SegmentStore(Protocol):
    """Where segments go (`store.MetricsStore`)."""

    @property
    def tenancies(self) -> Settings:
        """What differs from tenant to tenant."""

    def known_layouts(self, tenant: str, hashes: Iterable[str]) -> Mapping[str, Layout]:
        """The layouts among these that the tenant has sent. Raises Unavailable."""

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
    """How many points are stored, and why the others are not; and the layout that they have made,
    if it is one: what columns may name from now on.
    """

    accepted: int
    rejected: list[Rejection]
    layout: str | None = None


@dataclass(frozen=True)
class _Read:
    """What a request's points have become."""

    packed: Packed
    accepted: int
    rejected: list[Rejection]


class Ingest:
    """The use case of POST /api/metrics."""

    def __init__(self, store: SegmentStore) -> None:
        self._store = store
        self._packer = Packer()

    def take(self, delivery: Delivery) -> Outcome:
        """Store the good points of a request; a bad one never costs the good ones.

        Raises BadRequest, PayloadTooLarge or Unprocessable for what is wrong with the request as a
        whole, Unprocessable where no point is good, UnknownLayout for columns that name layouts
        which are not here, and Unavailable, after which a retry is safe.
        """
        if delivery.key is not None and len(delivery.key) > MAX_KEY:
            wrong = FieldError("Idempotency-Key", f"has at most {MAX_KEY} characters")
            raise BadRequest("a header cannot be used", [wrong])
        form, entries = entries_of(delivery.body)
        tenancy = self._store.tenancies.of(delivery.tenant)
        read = self._points if form == METRICS else self._columns
        found = read(entries, delivery, tenancy)
        packed = found.packed
        for segment in packed.segments:
            _check_size(segment, form)
        self._store.write(delivery.tenant, packed.layouts, packed.segments)
        layout = packed.layouts[0].hash if len(packed.layouts) == 1 else None
        return Outcome(found.accepted, found.rejected, layout)

    def _points(self, raws: list[object], delivery: Delivery, tenancy: Tenancy) -> _Read:
        _check_count(len(raws), tenancy, METRICS)
        self._packer.make_room()
        receipt = delivery.receipt
        keyed = delivery.key is not None
        batch = read_points(raws, self._packer.book, accepted(receipt), receipt, keyed=keyed)
        stored = len(raws) - len(batch.rejected)
        if not stored:
            raise _nothing_good(batch.rejected, METRICS)
        requests = requests_of(delivery)
        packed = self._packer.pack(batch, requests, receipt, tenancy.bucketing)
        return _Read(packed, stored, batch.rejected)

    def _columns(self, raws: list[object], delivery: Delivery, tenancy: Tenancy) -> _Read:
        _check_count(points_in(raws), tenancy, COLUMNS)
        names = layouts_named(raws)
        layouts = self._store.known_layouts(delivery.tenant, names)
        if unknown := [name for name in names if name not in layouts]:
            raise UnknownLayout(
                "some layouts are not known (any more), and nothing is stored: send the points in "
                "full, as `metrics`",
                extra={"layouts": unknown},
            )
        receipt = delivery.receipt
        keyed = delivery.key is not None
        found = read_columns(raws, layouts, accepted(receipt), receipt, keyed=keyed)
        if not found.columns:
            raise _nothing_good(found.rejected, COLUMNS)
        packed = pack_columns(found.columns, requests_of(delivery), receipt, tenancy.bucketing)
        return _Read(packed, found.points, found.rejected)


def _nothing_good(rejected: Sequence[Rejection], form: str) -> Unprocessable:
    return Unprocessable(
        "no point is good; see rejected",
        [each.error(form) for each in rejected],
        extra={"rejected": rejected},
    )


def _check_count(points: int, tenancy: Tenancy, form: str) -> None:
    most = min(tenancy.quotas.batch_points, MAX_POINTS)
    if points > most:
        reason = f"has {points:,} points; the quota batch_points allows {most:,}"
        raise PayloadTooLarge("too many points in one request", [FieldError(form, reason)])


def _check_size(segment: Segment, form: str) -> None:
    """What has very many bins may not fit into an item. Depends on the request alone."""
    if most_bytes(segment.series, segment.summaries) <= MAX_PAYLOAD:
        return
    columns = segment.series, segment.timestamps, segment.values, segment.summaries
    if len(encode(*columns)) > MAX_PAYLOAD:
        reason = "has too many bins in 15 minutes for one request; send it as several"
        raise PayloadTooLarge("too many bins in one request", [FieldError(form, reason)])


def entries_of(body: bytes) -> tuple[str, list[object]]:
    """Which form the body has, `metrics` or `columns`, and the entries of that list, unchecked.

    Raises BadRequest or Unprocessable.
    """
    found = _json(body)
    if not isinstance(found, dict):
        wrong = FieldError(METRICS, f"is required, or {COLUMNS}")
        raise BadRequest("the body is JSON, but not an object", [wrong])
    forms = (METRICS, COLUMNS)
    known = " and ".join(forms)
    unknown = [
        FieldError(name, f"is unknown; known are {known}") for name in found if name not in forms
    ]
    if unknown:
        raise Unprocessable("the body has unknown fields", unknown)
    if len(found) > 1:
        wrong = FieldError(COLUMNS, f"cannot stand beside {METRICS}")
        raise Unprocessable("the body has points in two forms", [wrong])
    form = COLUMNS if COLUMNS in found else METRICS
    entries = found.get(form)
    most = MAX_COLUMNS if form == COLUMNS else MAX_POINTS
    if not isinstance(entries, list) or not entries:
        reason = f"must be a list of 1 to {most:,} {'points' if form == METRICS else form}"
        raise Unprocessable("there are no points", [FieldError(form, reason)])
    if form == COLUMNS and len(entries) > MAX_COLUMNS:
        wrong = FieldError(form, f"has {len(entries):,} columns; {MAX_COLUMNS:,} are allowed")
        raise PayloadTooLarge("too many columns in one request", [wrong])
    return form, entries


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
