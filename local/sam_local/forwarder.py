"""A way from containers to a port of the host's loopback address, for as long as it is needed.

The embedded AWS listens on 127.0.0.1 only, and a container's 127.0.0.1 is its own. Rather than let
the embedded AWS listen to the network, a forwarder listens on the address that the host has in the
containers' network, for peers in that network.
"""

import selectors
import socket
import threading
from ipaddress import IPv4Network, ip_address
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Self

CHUNK = 65_536
# How long stopping may take, at most: who waits for bytes looks up this often.
LOOK_UP_SECONDS = 0.2


class Forwarder:
    """Listens on `address`, on any free port, and passes bytes on to 127.0.0.1:`port`.

    A context manager: `.port` is known inside it, and nothing is left after it. Raises OSError when
    the address is not one of this machine.
    """

    def __init__(self, address: str, network: IPv4Network, port: int) -> None:
        self._server = _Server(address, network, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(LOOK_UP_SECONDS,), name="forwarder"
        )
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingTCPServer):
    request_queue_size = 128

    def __init__(self, address: str, network: IPv4Network, port: int) -> None:
        self.network = network
        self.target = ("127.0.0.1", port)
        self.stopped = threading.Event()
        super().__init__((address, 0), _Relay)

    def verify_request(self, request: object, client_address: tuple[str, int]) -> bool:
        """Peers of the containers' network only."""
        return ip_address(client_address[0]) in self.network


class _Relay(BaseRequestHandler):
    """One connection: both ways until either side ends, which ends the other."""

    server: _Server

    def handle(self) -> None:
        try:
            with socket.create_connection(self.server.target) as there:
                self._pass_on(self.request, there)
        except OSError:
            # A side went away, or nothing listens on the port: the peer sees its connection end.
            pass

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(here, selectors.EVENT_READ, there)
            selector.register(there, selectors.EVENT_READ, here)
            while not self.server.stopped.is_set():
                for key, _ in selector.select(LOOK_UP_SECONDS):
                    source, target = key.fileobj, key.data
                    if not isinstance(source, socket.socket) or not (data := source.recv(CHUNK)):
                        return
                    target.sendall(data)
