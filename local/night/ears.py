"""Those who are told: a pager, its lead and a chat room, as webhooks on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """A page as it came: who heard it, its stable id, and what it says."""

    who: str
    id: str
    document: dict[str, Any]

    @property
    def hosts(self) -> dict[str, str]:
        """What is said of each alert's host, as in {"cpu is high/web-1": "firing"}."""
        return {
            f"{each['labels']['alertname']}/{each['labels'].get('host', '-')}": each["status"]
            for each in self.document["alerts"]
        }


@dataclass
class Ears:
    """Everything that was heard, in order; `tell` hears it at once."""

    tell: Callable[[Heard], None]
    port: int = 0
    heard: list[Heard] = field(default_factory=list)

    def url(self, who: str) -> str:
        """Where somebody listens."""
        return f"http://127.0.0.1:{self.port}/{who}"

    def said(self, who: str, what: str, status: str) -> bool:
        """Whether somebody heard this of an alert's host."""
        return any(each.hosts.get(what) == status for each in self.heard if each.who == who)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, ears: Ears) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.ears = ears


class _Ear(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:  # pylint: disable=invalid-name # the base class calls it so
        """Take a page."""
        body = self.rfile.read(int(self.headers["content-length"]))
        heard = Heard(self.path[1:], self.headers["webhook-id"], json.loads(body))
        self.server.ears.heard.append(heard)
        self.server.ears.tell(heard)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(
        self, format: str, *args: Any
    ) -> None:  # pylint: disable=redefined-builtin # its name there
        """Quiet."""


@contextmanager
def listening(tell: Callable[[Heard], None]) -> Iterator[Ears]:
    """Ears that listen as long as the block lasts."""
    ears = Ears(tell)
    server = _Server(ears)
    ears.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield ears
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
