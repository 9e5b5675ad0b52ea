"""Regions that replicate, and regions that go down.

Replication
    AWS carries a global table's writes to the other regions within a second or so; where two
    regions write one item, the later write stays; while a region is cut off, what it took waits
    there and is carried over when it is back. MiniStack writes to all regions at once: no failover
    would ever lose a point, and no drill could tell. Here a write arrives after SKAFU_LAG_SECONDS.
    This is a stand-in for DynamoDB's replication, and shows nothing of how long the real one takes.
Outages
    AWS has regions that fail one by one. Here a region is down as long as its name is in the file
    SKAFU_REGIONS_DOWN: every request to its APIs, pools and services is answered with a 503, also
    those of its own functions, whose triggers go on for nothing; and nothing is carried over from
    there or to there.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import base64
import os
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack import app as application
from ministack.core import responses
from ministack.core.router import extract_region
from ministack.services import apigateway_v1, cognito, dynamodb

LOOK_S = 0.02
_down = Path(os.environ.get("SKAFU_REGIONS_DOWN") or os.devnull)
_lag = float(os.environ.get("SKAFU_LAG_SECONDS") or 0)
_answer = application.app
_replicate = dynamodb._replicate_write
_waiting: "deque[_Written]" = deque()
_latest: dict[tuple[str, ...], float] = {}


@dataclass(frozen=True)
class _Written:
    """A write of one region that the others have not seen."""

    at: float
    account: str
    region: str
    table: Any
    event: str
    old: Any
    new: Any

    @property
    def keys(self) -> tuple[str, str]:
        """Of its item."""
        item = self.new if self.new is not None else self.old
        pk, sk = self.table["pk_name"], self.table["sk_name"]
        return (
            str(dynamodb._extract_key_val(item.get(pk))),
            str(dynamodb._extract_key_val(item.get(sk))),
        )


def down() -> frozenset[str]:
    """The regions that are down."""
    try:
        return frozenset(_down.read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()


def _later(table: Any, event: str, old: Any, new: Any) -> None:
    """Have a write carried over in a while."""
    if not dynamodb._replica_group(table):
        return
    account, region = responses.get_account_id(), responses.get_region()
    written = _Written(time.time(), account, region, table, event, old, new)
    _latest[(account, region, table["TableName"], *written.keys)] = written.at
    _waiting.append(written)


def _carry() -> None:
    while True:
        time.sleep(LOOK_S)
        gone = down()
        held: list[_Written] = []
        while _waiting and _waiting[0].at + _lag <= time.time():
            written = _waiting.popleft()
            if gone & set(dynamodb._replica_group(written.table)):
                held.append(written)
            else:
                _arrive(written)
        _waiting.extendleft(reversed(held))


def _arrive(written: _Written) -> None:
    """Write it to the other regions, unless something later is there."""
    name = written.table["TableName"]
    for region in dynamodb._replica_group(written.table):
        place = (written.account, region, name, *written.keys)
        if region == written.region or _latest.get(place, 0.0) > written.at:
            continue
        _latest[place] = written.at
        one = dict(written.table, _global_regions=sorted({written.region, region}))
        with responses.request_scope(written.account, written.region), dynamodb._lock:
            _replicate(one, written.event, written.old, written.new)


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """The application, but for requests to a region that is down."""
    if scope["type"] == "http" and (gone := down()):
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope.get("headers", ())
        }
        if _region_of(scope, headers) in gone:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b"the region is down"})
            return
    await _answer(scope, receive, send)


def _region_of(scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Where a request goes: an API's region, the pool's of an app client, or as it is signed."""
    path, host = str(scope["path"]), headers.get("host", "")
    if path.startswith("/_ministack/"):
        return ""  # about the emulator itself
    if api := application._parse_execute_api_url(host, path):
        found = apigateway_v1.find_api_scope(api[0])
        return str(found[1]) if found else ""
    if path.startswith("/oauth2/"):
        basic = headers.get("authorization", "").removeprefix("Basic ")
        client = base64.b64decode(basic).decode("utf-8", "replace").partition(":")[0]
        for (_, region, _), pool in cognito._user_pools.all_items():
            if client in pool.get("_clients", {}):
                return str(region)
        return ""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return str(extract_region(headers, query))


def apply() -> None:
    """Delay replication where that is asked for, and answer for no region that is down."""
    if _lag:
        dynamodb._replicate_write = _later
        threading.Thread(target=_carry, name="replication", daemon=True).start()
    if "SKAFU_REGIONS_DOWN" in os.environ:
        application.app = _app
