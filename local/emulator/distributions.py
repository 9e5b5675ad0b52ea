"""CloudFront: what lies between a browser and a distribution's origins.

Address
    AWS gives a distribution a name under cloudfront.net. MiniStack answers to <label>.cloudfront.
    and its own host, which is an address here; browsers take <name>.localhost for this machine.
TLS
    AWS speaks TLS. Here nothing does, and a distribution that sends people to https would be
    reached by nobody, and policies that ask for TLS refuse everybody. Browsers trust the loopback
    interface as they trust TLS, and so does this.
Gateway
    AWS reaches an API by its host name. MiniStack refuses all names of AWS as origins; here the
    gateway of this emulator answers under them.
Compression
    AWS compresses what a behaviour says should be. MiniStack does not, and the console would weigh
    four times as much as it does.
Functions
    MiniStack runs them by the `node` of its PATH. Here it is SKAFU_NODE, the pinned one.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import gzip
import os
import re
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, node_pool
from ministack.services import cloudfront

_VIEWED = re.compile(r"^([a-z0-9]+)\.cloudfront\.(?:net|localhost)(?::\d+)?$")
_GATEWAY = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$")
_COMPRESSED = re.compile(r"^(text/|application/(javascript|json|problem\+json)|image/svg)")
_TLS = "aws:securetransport"
# CloudFront's limits of what it compresses, in bytes.
_SMALLEST, _LARGEST = 1_000, 10_000_000

_dataplane_behavior = cloudfront._dataplane_behavior
_fetch_from_origin = cloudfront._fetch_from_origin
_handle_viewer_request = cloudfront.handle_viewer_request
_resolve_condition_key = iam_evaluator._resolve_condition_key


def _behavior(element: Any, path_pattern: str | None = None) -> dict[str, Any]:
    """A behaviour, with whether it compresses."""
    found: dict[str, Any] = _dataplane_behavior(element, path_pattern)
    return {**found, "compress": cloudfront._xbool(element, "Compress", False)}


async def _fetch(origin: Mapping[str, Any], *request: Any) -> Any:
    """Ask an origin; the one that is an API is asked here."""
    if api := _GATEWAY.match(origin["domain_name"]):
        here = {
            "domain_name": "127.0.0.1",
            "http_port": int(os.environ["GATEWAY_PORT"]),
            "protocol_policy": "http-only",
            "origin_path": f"/_aws/execute-api/{api[1]}{origin['origin_path']}",
        }
        origin = {**origin, **here}
    return await _fetch_from_origin(origin, *request)


async def _handle(
    distribution: Any,
    method: str,
    path: str,
    raw_uri: str,
    query: str,
    headers: Mapping[str, str],
    *rest: Any,
) -> Any:
    """Serve a viewer as if by TLS, compressed where the behaviour says so."""
    trusted = {**headers, "x-forwarded-proto": "https"}
    answer = await _handle_viewer_request(
        distribution, method, path, raw_uri, query, trusted, *rest
    )
    parsed = cloudfront.parse_distribution_dataplane_config(distribution)
    behavior = cloudfront._match_behavior(parsed, path) or {}
    wanted = "gzip" in headers.get("accept-encoding", "").lower()
    return _compressed(answer) if wanted and behavior.get("compress") else answer


def _compressed(answer: Any) -> Any:
    status, headers, body = answer
    kind = headers.get("Content-Type", "")
    fits = isinstance(body, bytes) and _SMALLEST <= len(body) <= _LARGEST
    if status != 200 or not fits or "Content-Encoding" in headers or not _COMPRESSED.match(kind):
        return answer
    smaller = gzip.compress(body, 6, mtime=0)
    changed = {
        "Content-Encoding": "gzip",
        "Content-Length": str(len(smaller)),
        "Vary": "Accept-Encoding",
    }
    if etag := headers.get("Etag") or headers.get("ETag"):
        headers = {name: text for name, text in headers.items() if name.lower() != "etag"}
        changed["ETag"] = f"W/{etag.removeprefix('W/')}"
    return status, {**headers, **changed}, smaller


def _condition_key(key: str, context: Any) -> Any:
    """A policy's condition key, resolved; what comes by the loopback interface comes safely."""
    return "true" if key.lower() == _TLS else _resolve_condition_key(key, context)


def apply() -> None:
    """Serve distributions to browsers on this machine."""
    iam_evaluator._resolve_condition_key = _condition_key
    app._CLOUDFRONT_HOST_RE = _VIEWED
    node_pool._NODE_BINARY = os.environ["SKAFU_NODE"]
    cloudfront._dataplane_behavior = _behavior
    cloudfront._fetch_from_origin = _fetch
    cloudfront.handle_viewer_request = _handle
