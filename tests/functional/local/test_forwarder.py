import socket
from collections.abc import Iterator
from ipaddress import IPv4Network
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread, enumerate as threads

import pytest

from local.sam_local.forwarder import Forwarder
from local.sam_local.serve import way_in
from local.sam_local.engine import Bridge

LOOPBACK = IPv4Network("127.0.0.0/8")
# Three times what a relay reads at once.
LARGE = bytes(range(256)) * 768


class Echo(ThreadingTCPServer):
    """Answers each line with the same line, until it is told to end."""

    daemon_threads = True

    def __init__(self) -> None:
        self.closed = Event()
        super().__init__(("127.0.0.1", 0), EchoLines)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class EchoLines(StreamRequestHandler):
    server: Echo

    def handle(self) -> None:
        while (line := self.rfile.readline()) not in (b"", b"bye\n"):
            self.wfile.write(line)
        if not line:
            self.server.closed.set()


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def connected(forwarder: Forwarder) -> socket.socket:
    return socket.create_connection(("127.0.0.1", forwarder.port), timeout=5)


def test_bytes_go_both_ways_as_often_as_asked(echo: Echo) -> None:
    with Forwarder("127.0.0.1", LOOPBACK, echo.port) as forwarder:
        with connected(forwarder) as client, client.makefile("rb") as answers:
            for line in (b"one\n", b"two\n", LARGE.replace(b"\n", b".") + b"\n"):
                client.sendall(line)
                assert answers.readline() == line


def test_connections_are_served_side_by_side(echo: Echo) -> None:
    with Forwarder("127.0.0.1", LOOPBACK, echo.port) as forwarder:
        with connected(forwarder) as first, connected(forwarder) as second:
            second.sendall(b"second\n")
            assert second.recv(100) == b"second\n"
            first.sendall(b"first\n")
            assert first.recv(100) == b"first\n"


def test_when_the_server_ends_a_connection_the_client_sees_its_end(echo: Echo) -> None:
    with Forwarder("127.0.0.1", LOOPBACK, echo.port) as forwarder:
        with connected(forwarder) as client:
            client.sendall(b"bye\n")
            assert client.recv(100) == b""


def test_when_the_client_goes_the_server_sees_it(echo: Echo) -> None:
    with Forwarder("127.0.0.1", LOOPBACK, echo.port) as forwarder:
        with connected(forwarder) as client:
            client.sendall(b"hello\n")
            assert client.recv(100) == b"hello\n"
        assert echo.closed.wait(5)


def test_a_peer_that_is_not_on_the_network_gets_nothing(echo: Echo) -> None:
    elsewhere = IPv4Network("172.17.0.0/16")
    with Forwarder("127.0.0.1", elsewhere, echo.port) as forwarder:
        with connected(forwarder) as client:
            assert client.recv(100) == b""


def test_where_nothing_listens_the_client_sees_the_end_and_the_next_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        nobody = reserved.getsockname()[1]
    with Forwarder("127.0.0.1", LOOPBACK, nobody) as forwarder:
        for _ in range(2):
            with connected(forwarder) as client:
                assert client.recv(100) == b""


def test_nothing_is_left_when_it_ends_not_even_an_open_connection(echo: Echo) -> None:
    with Forwarder("127.0.0.1", LOOPBACK, echo.port) as forwarder:
        client = connected(forwarder)
        client.sendall(b"hello\n")
        assert client.recv(100) == b"hello\n"
    with client:
        assert client.recv(100) == b""
    assert "forwarder" not in {thread.name for thread in threads()}
    with pytest.raises(ConnectionRefusedError):
        connected(forwarder)


def test_containers_are_told_the_bridges_address_and_reach_the_host_through_it(echo: Echo) -> None:
    with way_in(Bridge("127.0.0.1", LOOPBACK), echo.port) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        assert host == "127.0.0.1" and int(port) != echo.port
        with socket.create_connection((host, int(port)), timeout=5) as client:
            client.sendall(b"hello\n")
            assert client.recv(100) == b"hello\n"


def test_a_bridge_inside_a_virtual_machine_is_left_to_the_engines_own_way() -> None:
    # TEST-NET-3 (RFC 5737): no machine has this address.
    with way_in(Bridge("203.0.113.1", IPv4Network("203.0.113.0/24")), 4566) as address:
        assert address == "http://host.docker.internal:4566"
