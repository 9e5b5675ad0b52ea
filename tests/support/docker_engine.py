"""A Docker engine that holds images and containers and runs nothing, on a socket of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

BRIDGE = {"IPAM": {"Config": [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]}}


@dataclass
class FakeEngine:
    """What it holds; `imported` is the last tar file that became an image, with its query."""

    path: str
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: list[dict[str, Any]] = field(default_factory=list)
    imported: tuple[dict[str, list[str]], bytes] = ({}, b"")
    refuses: bool = False


@contextmanager
def docker_engine(folder: Path) -> Iterator[FakeEngine]:
    """An engine for as long as it is needed."""
    engine = FakeEngine(str(folder / "docker.sock"))

    class Handler(_Requests):
        holds = engine

    with ThreadingUnixStreamServer(engine.path, Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield engine
        finally:
            server.shutdown()
            thread.join()


class _Requests(BaseHTTPRequestHandler):
    holds: FakeEngine

    def do_GET(self) -> None:  # pylint: disable=invalid-name # the name that http.server calls
        address = urlsplit(self.path)
        if self.holds.refuses:
            self._answer(500, {"message": "the disk is full"})
        elif address.path == "/version":
            self._answer(200, {"Version": "29.0.1"})
        elif address.path == "/networks/bridge":
            self._answer(200, BRIDGE)
        elif address.path == "/images/json":
            self._answer(200, self.holds.images)
        else:
            wanted = json.loads(parse_qs(address.query)["filters"][0])["label"]
            listed = self.holds.containers.values()
            self._answer(200, [each for each in listed if wanted == each["Labels"]])

    def do_POST(self) -> None:  # pylint: disable=invalid-name # the name that http.server calls
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.holds.imported = (parse_qs(urlsplit(self.path).query), b"".join(chunks))
        self._answer(200, {"status": "sha256:1"})

    def do_DELETE(self) -> None:  # pylint: disable=invalid-name # the name that http.server calls
        found = self.holds.containers.pop(urlsplit(self.path).path.rpartition("/")[2], None)
        if found is None:
            self._answer(404, {"message": "No such container"})
        else:
            self._answer(204)

    def _answer(self, status: int, content: object = None) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # Where nothing follows the headers the client may be gone already.
        if body:
            self.wfile.write(body)

    def log_message(
        self, format: str, *args: Any
    ) -> None:  # pylint: disable=redefined-builtin # as the base class names it
        """Say nothing: a Unix peer has no address to log."""
