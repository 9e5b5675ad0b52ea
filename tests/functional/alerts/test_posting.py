"""Posting to receivers over real sockets, on loopback."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook

from skafu.alerts import signature
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.senders.connecting import Resolver
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.webhook import judge
from skafu.alerts.targets import TargetRefused
from skafu.shared.clock import system_clock
from tests.support.receiver import Receiver, dripping, receiving

SECRET = signature.new_secret()
BODY = '{"version":"4","name":"Größe"}'.encode()
HOST = "hooks.example.com"


def sender(
    resolver: Resolver | None = None,
    timeout: float = 5.0,
    make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    allow_loopback: bool = True,
) -> Poster:
    return Poster(allow_loopback, resolver or (lambda host, _: [host]), timeout, make_tls)


def send(url: str, by: Poster | None = None) -> Outcome:
    headers = signature.headers([SECRET], "page-1", system_clock() // 1000, BODY)
    return (by or sender()).post(url, BODY, headers, judge)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_the_reference_library_verifies_what_arrives(receiver: Receiver) -> None:
    outcome = send(receiver.url("/hook"))

    [received] = receiver.received
    assert Webhook(SECRET).verify(received.body, received.headers) == {
        "version": "4",
        "name": "Größe",
    }
    assert (outcome.result, outcome.status, outcome.error) == (Result.DELIVERED, 200, None)
    assert received.headers["webhook-id"] == "page-1"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["user-agent"].startswith("Skafu/")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_delivered(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {})]

    assert send(receiver.url()).result is Result.DELIVERED


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 304])
def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    with receiving() as elsewhere:
        receiver.answers = [(status, {"Location": elsewhere.url("/metadata")})]

        outcome = send(receiver.url())

        assert not elsewhere.received
    assert (outcome.result, outcome.status) == (Result.FAILED, status)
    assert outcome.error == f"answered {status}; redirects are not followed"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_errors_are_tried_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {})]

    outcome = send(receiver.url())

    assert (outcome.result, outcome.status) == (Result.FAILED, status)
    assert not outcome.result.final


def test_gone_is_not_tried_again(receiver: Receiver) -> None:
    receiver.answers = [(410, {})]

    outcome = send(receiver.url())

    assert outcome.result is Result.GONE and outcome.result.final


def test_an_answer_is_quoted_short_and_on_one_line(receiver: Receiver) -> None:
    receiver.answers = [(500, {})]
    receiver.said = b"first\nsecond\x00\xff" + b"x" * 1_000_000

    error = send(receiver.url()).error

    assert error is not None
    assert error.startswith("answered 500: firstsecond")
    assert len(error) < 250 and error.isprintable()


def test_a_receiver_that_is_slow_is_given_up_in_time() -> None:
    """Byte by byte, each in time, all together not."""
    with dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ") as port:
        begin = time.monotonic()
        outcome = send(f"http://127.0.0.1:{port}/", sender(timeout=0.7))

    assert time.monotonic() - begin < 3
    assert (outcome.result, outcome.error) == (Result.FAILED, "no answer within 0.7 s")


@pytest.mark.parametrize(
    ("status", "result"), [(b"200 OK", Result.DELIVERED), (b"500 Oh", Result.FAILED)]
)
def test_the_status_is_the_answer_however_slow_the_rest_is(status: bytes, result: Result) -> None:
    with dripping(b"HTTP/1.1 " + status + b"\r\n\r\n") as port:
        outcome = send(f"http://127.0.0.1:{port}/", sender(timeout=1.2))

    assert (outcome.result, outcome.status) == (result, int(status[:3]))


def test_a_receiver_that_speaks_something_else_is_told_so() -> None:
    with dripping(b"SSH-2.0-OpenSSH\r\n") as port:
        outcome = send(f"http://127.0.0.1:{port}/")

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and "not HTTP" in outcome.error


def test_an_answer_that_breaks_off_is_still_an_answer() -> None:
    with dripping(b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\nbroken\r\n") as port:
        outcome = send(f"http://127.0.0.1:{port}/")

    assert (outcome.result, outcome.status) == (Result.FAILED, 500)
    assert outcome.error == "answered 500"


def test_a_name_that_stands_for_nothing_is_a_failed_try() -> None:
    outcome = send("https://nothing.example/", sender(lambda host, port: []))

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and "no address" in outcome.error


def test_nobody_there_is_a_failed_try(receiver: Receiver) -> None:
    with receiving() as gone:
        url = gone.url()

    outcome = send(url)

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and "cannot connect" in outcome.error
    assert not receiver.received


def test_a_name_that_is_not_known_is_a_failed_try() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}:{port} not known")

    outcome = send("https://nowhere.example/", sender(unknown))

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and "cannot be resolved" in outcome.error


def test_a_resolver_that_hangs_is_given_up_in_time() -> None:
    def hanging(_host: str, _port: int) -> list[str]:
        time.sleep(2)  # the system's resolver may take longer than anybody waits
        return []

    outcome = send("https://slow.example/", sender(hanging, timeout=0.2))

    assert outcome.error == "no answer within 0.2 s"
    assert outcome.duration_ms < 1_500


def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    closed = socket.create_server(("127.0.0.2", 0))
    closed.close()
    resolved = sender(lambda host, port: ["127.0.0.2", "127.0.0.1"])

    assert send(receiver.url(host="hooks.example.com"), resolved).result is Result.DELIVERED


def test_an_address_that_is_not_public_spoils_them_all(receiver: Receiver) -> None:
    mixed = sender(lambda host, port: ["127.0.0.1", "10.0.0.1"])

    outcome = send(receiver.url(host="hooks.example.com"), mixed)

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and outcome.error.startswith("not sent")
    assert not receiver.received


def test_where_loopback_is_not_allowed_nothing_is_sent_to_it(receiver: Receiver) -> None:
    strict = sender(lambda host, port: ["127.0.0.1"], allow_loopback=False)

    for url in (receiver.url(), receiver.url(scheme="https", host=HOST)):
        assert send(url, strict).result is Result.FAILED
    assert not receiver.received


def test_a_name_that_changes_its_mind_gains_nothing(receiver: Receiver) -> None:
    """DNS rebinding: public when it is checked, loopback when it is used."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    strict = sender(lambda host, port: next(answers), allow_loopback=False)
    url = receiver.url(scheme="https", host=HOST)

    strict.vet(url)
    outcome = send(url, strict)

    assert outcome.error is not None and "loopback" in outcome.error
    assert not receiver.received
    assert len(list(answers)) == 1, "asked once for vetting and once for sending"


def test_vetting_refuses_what_is_not_public_and_passes_what_is_not_known() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    sender(unknown, allow_loopback=False).vet("https://not.yet.example/")
    with pytest.raises(TargetRefused):
        sender(lambda host, port: ["10.0.0.1"], allow_loopback=False).vet("https://in.example/")


# --- TLS ------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a host, signed by itself: the file of both it and its key, and of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, both = folder / f"{name}.pem", folder / f"{name}-with-key.pem"
    plain = made.public_bytes(serialization.Encoding.PEM)
    trusted.write_bytes(plain)
    both.write_bytes(
        plain
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return both, trusted


def server_tls(both: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def to_loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_https_is_verified_against_the_name_while_the_address_was_checked(tmp_path: Path) -> None:
    both, trusted = certificate(tmp_path, HOST)
    by = sender(to_loopback, make_tls=lambda: ssl.create_default_context(cafile=trusted))

    with receiving(server_tls(both)) as receiver:
        outcome = send(receiver.url(scheme="https", host=HOST), by)

        [received] = receiver.received
    assert outcome.result is Result.DELIVERED
    assert received.headers["host"] == f"{HOST}:{receiver.port}"
    assert Webhook(SECRET).verify(received.body, received.headers)


def test_https_works_with_an_address_instead_of_a_name(tmp_path: Path) -> None:
    both, trusted = certificate(tmp_path, "127.0.0.1")
    by = sender(make_tls=lambda: ssl.create_default_context(cafile=trusted))

    with receiving(server_tls(both)) as receiver:
        assert send(receiver.url(scheme="https"), by).result is Result.DELIVERED


@pytest.mark.parametrize("trusts", [True, False])
def test_a_certificate_of_another_host_or_of_nobody_is_not_trusted(
    tmp_path: Path, trusts: bool
) -> None:
    both, trusted = certificate(tmp_path, "other.example.com" if trusts else HOST)
    trust = trusted if trusts else None
    by = sender(to_loopback, make_tls=lambda: ssl.create_default_context(cafile=trust))

    with receiving(server_tls(both)) as receiver:
        outcome = send(receiver.url(scheme="https", host=HOST), by)

        assert not receiver.received
    assert outcome.result is Result.FAILED
    assert outcome.error is not None and "certificate is not trusted" in outcome.error


def test_a_handshake_that_hangs_is_given_up_in_time() -> None:
    with dripping(b"\x16\x03\x03\x40\x00") as port:
        outcome = send(f"https://{HOST}:{port}/", sender(to_loopback, timeout=0.5))

    assert outcome.error == "no answer within 0.5 s"
