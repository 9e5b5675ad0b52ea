"""Where a webhook may go: https, to public addresses, and nowhere else.

Whoever may create a channel can make Skafu send a request to an address of their choice, from
inside the account. So every address that a host resolves to is looked at, each time anything is
sent, and the connection goes to the very address that was looked at: a name that answers
differently the second time (DNS rebinding) gains nothing.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL = 2048
HTTPS_PORT = 443
FIRST_FREE_PORT = 1024  # below it live mail, ssh and the like; webhooks live on 443 or up here

# The IANA IPv4 special-purpose registry, and multicast. Not `ip.is_global`: its answer changed
# between patch releases of Python, and the runtime's is not ours to choose.
REFUSED_V4 = tuple(
    (ipaddress.IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, where cloud metadata lives"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "reserved"),
        ("192.52.193.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
# In IPv6 only global unicast is public at all, less what is carved out of it: tunnels would carry
# an IPv4 address past the list above.
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
REFUSED_V6 = tuple(
    (ipaddress.IPv6Network(network), why)
    for network, why in (
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "a tunnel (6to4)"),
        ("2620:4f:8000::/48", "reserved"),
        ("3fff::/20", "for documentation"),
    )
)

_NAME = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"(?=.{{1,253}}$){_NAME}(\.{_NAME})*")
NUMERIC = re.compile(r"([0-9]+|0x[0-9a-f]*)")


class TargetRefused(Exception):
    """Nothing may be sent there; `str(error)` is a sentence that says why."""


@dataclass(frozen=True)
class Target:
    """A webhook's address, read: `host` as the certificate must name it, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": HTTPS_PORT, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def read(url: str, allow_loopback: bool = False) -> Target:
    """Read a webhook's address. Raises TargetRefused for whatever can be told without resolving.

    `allow_loopback` (the local environment) lets plain http and any port pass; `check_address` then
    still holds http to loopback.
    """
    parts = _split(url)
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not allow_loopback):
        raise TargetRefused("must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise TargetRefused("must not contain a user name or password; sign with the secret")
    if parts.fragment:
        raise TargetRefused("must not contain a fragment (#)")
    host = _host(parts)
    port = _port(parts)
    if port != HTTPS_PORT and port < FIRST_FREE_PORT and not allow_loopback:
        raise TargetRefused(f"the port must be {HTTPS_PORT}, or {FIRST_FREE_PORT} and above")
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path)


def check_address(target: Target, address: str, allow_loopback: bool = False) -> Address:
    """The address that `target` resolved to, if it may be connected to. Raises TargetRefused."""
    try:
        found: Address = ipaddress.ip_address(address)
    except ValueError as error:
        raise TargetRefused(f"{target.host} resolves to {address}, not an address") from error
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:  # fe80::1%eth0: whatever it is, it is on this very network
            raise TargetRefused(f"{target.host} is at {found}, which is not public: it has a zone")
        found = found.ipv4_mapped or found
    if allow_loopback and found.is_loopback:
        return found
    why = refusal(found)
    if why is not None:
        raise TargetRefused(f"{target.host} is at {found}, which is not public: {why}")
    if target.scheme != "https":
        raise TargetRefused("must begin with https:// (http is for loopback alone)")
    return found


def refusal(address: Address) -> str | None:
    """Why nothing may be sent to an address, or None when it is public."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((why for network, why in REFUSED_V4 if address in network), None)
    if address not in GLOBAL_V6:
        return "not global unicast"
    return next((why for network, why in REFUSED_V6 if address in network), None)


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL:
        raise TargetRefused(f"must have at most {MAX_URL} characters")
    if not re.fullmatch(r"[\x21-\x7e]+", url) or "\\" in url:
        raise TargetRefused(
            "must be printable ASCII without spaces or backslashes; write other names in punycode "
            "and other characters percent-encoded"
        )
    try:
        return urlsplit(url)
    except ValueError as error:
        raise TargetRefused(f"cannot be read: {error}") from error


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise TargetRefused("must name a host")
    if "[" in parts.netloc:
        if "%" in host:
            raise TargetRefused("must not name a network interface (%)")
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as error:
            raise TargetRefused(f"{host} is not an IPv6 address") from error
    if not HOST.fullmatch(host):
        raise TargetRefused(f"{host} is not a host name")
    if NUMERIC.fullmatch(host.rpartition(".")[2]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some resolvers: only the plain form.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise TargetRefused(f"{host} is not an IPv4 address in its usual form") from error
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise TargetRefused("the port must be a number up to 65535") from error
    if port is None:
        return HTTPS_PORT if parts.scheme == "https" else 80
    if port == 0:
        raise TargetRefused("the port must be a number from 1 up to 65535")
    return port
