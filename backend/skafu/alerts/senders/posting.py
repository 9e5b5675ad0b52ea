"""One POST to an address that was checked, within ten seconds: what every sender over HTTP uses.

Redirects are never followed: a 3xx is a failed try that says so. Whatever a receiver does becomes
an Outcome; nothing is raised for it.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from skafu import __version__
from skafu.alerts import targets
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.senders.connecting import Connection, Deadline, Resolver, resolve, within
from skafu.alerts.targets import Address, Target, TargetRefused

TIMEOUT_S = 10.0
MAX_ANSWER = 16_384
MAX_QUOTE = 200
MAX_RETRY_AFTER_S = 3600
USER_AGENT = f"Skafu/{__version__}"

type Judge = Callable[[int, str], Result]
"""What an answer other than success or a redirect means: its status, and how its text begins."""


@dataclass(frozen=True)
class Answer:
    """What a receiver said: `text` is the beginning of its body where it was no success."""

    status: int
    text: str
    retry_after: int | None


class Poster:
    """Posts JSON. `allow_loopback` is true in the local environment alone."""

    def __init__(
        self,
        allow_loopback: bool = False,
        resolver: Resolver = resolve,
        timeout: float = TIMEOUT_S,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self.allow_loopback = allow_loopback
        self._resolver = resolver
        self._timeout = timeout
        self._make_tls = make_tls

    def vet(self, url: str) -> None:
        """Whether a channel may be made for this address. Raises TargetRefused.

        A name that cannot be resolved now passes: it is looked at again whenever anything is sent.
        """
        target = targets.read(url, self.allow_loopback)
        with suppress(OSError):
            self._addresses(target, Deadline(self._timeout))

    def post(self, url: str, body: bytes, headers: Mapping[str, str], judge: Judge) -> Outcome:
        """One try. Success is any 2xx; `judge` says what the receiver means by anything else."""
        begin = time.monotonic()
        status: int | None = None
        error: str | None = None
        retry_after: int | None = None
        try:
            answer = self._post(url, body, headers)
        except TargetRefused as refusal:
            result, error = Result.FAILED, f"not sent: the address {refusal}"
        except (OSError, http.client.HTTPException) as failure:
            result, error = Result.FAILED, self._sentence(failure)
        else:
            status, retry_after = answer.status, answer.retry_after
            result, error = _judged(answer, judge)
        milliseconds = round((time.monotonic() - begin) * 1000)
        return Outcome(result, status, error, milliseconds, retry_after=retry_after)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made at the first https target: reading the trusted roots takes longer than a request.
        return self._make_tls()

    def _addresses(self, target: Target, deadline: Deadline) -> list[Address]:
        """Every address of a host; one that is not public spoils them all."""
        found = within(deadline, lambda: self._resolver(target.host, target.port))
        return [targets.check_address(target, each, self.allow_loopback) for each in found]

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        deadline = Deadline(self._timeout)
        target = targets.read(url, self.allow_loopback)
        addresses = self._addresses(target, deadline)
        tls = self._tls if target.scheme == "https" else None
        connection = Connection(target, addresses, deadline, tls)
        told = {"Content-Type": "application/json", "User-Agent": USER_AGENT, **headers}
        with connection.cut_off():
            try:
                connection.request("POST", target.path, body, told)
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
        return Answer(answer.status, _readable(quote), _seconds(answer.getheader("Retry-After")))

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


def _readable(quote: bytes) -> str:
    return "".join(c for c in quote.decode(errors="replace") if c.isprintable())[:MAX_QUOTE]


def _seconds(retry_after: str | None) -> int | None:
    """Retry-After as seconds (RFC 9110, 10.2.3). One that is a date is left out: backoff serves."""
    text = (retry_after or "").strip()
    # An empty sleep and one of days are both not for a receiver to ask for.
    if not (text.isascii() and text.isdecimal()):
        return None
    return min(MAX_RETRY_AFTER_S, int(text[:9]))


def _judged(answer: Answer, judge: Judge) -> tuple[Result, str | None]:
    status = answer.status
    if _success(status):
        return Result.DELIVERED, None
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Result.FAILED, f"answered {status}; redirects are not followed"
    result = judge(status, answer.text)
    said = f"answered {status}" + (f": {answer.text}" if answer.text else "")
    return result, said + MEANS.get(result, "")


MEANS = {
    Result.GONE: " (it wants no more of these)",
    Result.REFUSED: " (it will not take this one, however often it is asked)",
}
