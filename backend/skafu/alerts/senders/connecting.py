"""Connections to addresses that were checked: no name is looked up twice, nothing outlives its
deadline.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from skafu.alerts.targets import Address, Target

type Resolver = Callable[[str, int], list[str]]
"""Host and port to the addresses they stand for. Raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises OSError when the name is not known."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Deadline:
    """A moment by which everything must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds left. Raises TimeoutError when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError()
        return seconds

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end


class Connection(http.client.HTTPConnection):
    """A connection to one of these addresses; TLS, if any, is with the host that was meant."""

    def __init__(
        self,
        target: Target,
        addresses: Sequence[Address],
        deadline: Deadline,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(target.authority)
        self._target = target
        self._addresses = addresses
        self._deadline = deadline
        self._tls = tls
        self._wire: socket.socket | None = None
        self.was_cut_off = False

    def connect(self) -> None:
        """Connect to the first address that answers. No name is looked up here."""
        self.sock = self._wire = self._reach()
        if self._tls is not None:
            tls = self._tls.wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock = self._wire = tls
            tls.do_handshake()

    def _reach(self) -> socket.socket:
        for i, address in enumerate(self._addresses, start=1):
            try:
                return socket.create_connection(
                    (str(address), self._target.port), self._deadline.left()
                )
            except OSError:
                if i == len(self._addresses) or self._deadline.passed:
                    raise
        raise OSError("there is no address to connect to")

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Shut the connection at the deadline: a receiver that sends a byte now and then would
        outlive any timeout of single reads.
        """

        def shut() -> None:
            self.was_cut_off = True
            # SSLSocket.shutdown would forget its keys first and let the reader see plain bytes.
            with suppress(OSError):  # it is closed already
                # `self.sock` is gone as soon as the headers are read; the body comes later.
                if self._wire is not None:
                    socket.socket.shutdown(self._wire, socket.SHUT_RDWR)

        timer = threading.Timer(self._deadline.left(), shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.close()


def within[T](deadline: Deadline, ask: Callable[[], T]) -> T:
    """The answer of a question that knows no timeout of its own, as the system's resolver."""
    answers: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # pylint: disable=broad-exception-caught  # raised again below
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError()
    return answers[0]
