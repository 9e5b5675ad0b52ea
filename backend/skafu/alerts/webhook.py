"""Sending to a webhook: one signed POST to the address that was checked, within ten seconds.

Redirects are never followed: a 3xx is a failed try that says so. Whatever a receiver does becomes
an Outcome; nothing is raised for it.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from http import HTTPStatus

from skafu import __version__
from skafu.alerts import signature, targets
from skafu.alerts.channels import Channel
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.targets import Address, Target, TargetRefused
from skafu.shared.clock import Clock

TIMEOUT_S = 10.0
MAX_ANSWER = 16_384
MAX_QUOTE = 200
USER_AGENT = f"Skafu/{__version__}"

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


class WebhookSender:
    """Sends to webhooks. `allow_loopback` is true in the local environment alone."""

    def __init__(
        self,
        clock: Clock,
        allow_loopback: bool = False,
        resolver: Resolver = resolve,
        timeout: float = TIMEOUT_S,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._resolver = resolver
        self._timeout = timeout
        self._make_tls = make_tls

    def vet(self, url: str) -> None:
        """Whether a channel may be made for this address. Raises TargetRefused.

        A name that cannot be resolved now passes: it is looked at again whenever anything is sent.
        """
        target = targets.read(url, self._allow_loopback)
        with suppress(OSError):
            self._addresses(target, Deadline(self._timeout))

    def send(self, channel: Channel, message: str, body: bytes) -> Outcome:
        """One try. `message` is the notification's stable id: receivers recognise it again."""
        begin = time.monotonic()
        try:
            result, status, error = self._post(channel, message, body)
        except TargetRefused as refusal:
            result, status, error = Result.FAILED, None, f"not sent: the address {refusal}"
        except (OSError, http.client.HTTPException) as failure:
            result, status, error = Result.FAILED, None, self._sentence(failure)
        return Outcome(result, status, error, round((time.monotonic() - begin) * 1000))

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made at the first https target: reading the trusted roots takes longer than a request.
        return self._make_tls()

    def _addresses(self, target: Target, deadline: Deadline) -> list[Address]:
        """Every address of a host; one that is not public spoils them all."""
        found = _within(deadline, lambda: self._resolver(target.host, target.port))
        return [targets.check_address(target, each, self._allow_loopback) for each in found]

    def _post(
        self, channel: Channel, message: str, body: bytes
    ) -> tuple[Result, int | None, str | None]:
        deadline = Deadline(self._timeout)
        target = targets.read(channel.url, self._allow_loopback)
        addresses = self._addresses(target, deadline)
        tls = self._tls if target.scheme == "https" else None
        connection = Connection(target, addresses, deadline, tls)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            **signature.headers(channel.secret, message, self._clock() // 1000, body),
        }
        with connection.cut_off():
            try:
                connection.request("POST", target.path, body, headers)
                answer = connection.getresponse()
            except (OSError, http.client.HTTPException) as failure:
                raise TimeoutError() if deadline.passed else failure
            if connection.was_cut_off:
                # http.client takes the end of the connection for the end of the headers.
                raise TimeoutError()
            # The status is the answer. What else a receiver has to say is of interest only where
            # something went wrong, and nothing to wait for where it worked.
            with closing(answer):
                quote = b"" if _success(answer.status) else _quote(answer)
        return _judge(answer.status, quote)

    def _sentence(self, failure: Exception) -> str:
        match failure:
            case TimeoutError():
                return f"no answer within {self._timeout:g} s"
            case socket.gaierror():
                return f"the host's name cannot be resolved ({failure.strerror})"
            case ssl.SSLCertVerificationError():
                return f"the certificate is not trusted: {failure.verify_message}"
            case http.client.HTTPException():
                return f"the answer is not HTTP ({type(failure).__name__})"
            case _:
                return f"cannot connect, or the connection broke ({failure})"


def _success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _quote(answer: http.client.HTTPResponse) -> bytes:
    """The beginning of an answer's body, as far as it comes."""
    try:
        return answer.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException):
        return b""


def _judge(status: int, answer: bytes) -> tuple[Result, int, str | None]:
    if _success(status):
        return Result.DELIVERED, status, None
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Result.FAILED, status, f"answered {status}; redirects are not followed"
    if status == HTTPStatus.GONE:
        return Result.GONE, status, "answered 410: it wants no more of these"
    quote = "".join(c for c in answer.decode(errors="replace") if c.isprintable())[:MAX_QUOTE]
    return Result.FAILED, status, f"answered {status}" + (f": {quote}" if quote else "")


def _within[T](deadline: Deadline, ask: Callable[[], T]) -> T:
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
