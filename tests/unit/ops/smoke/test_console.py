"""What is looked at of a console, and what is noticed."""

import json
from collections.abc import Mapping

from skafu.canary.checks import Result, examine
from skafu.ops import alerts_client
from skafu.ops.smoke import console
from tests.support.clocks import FakeClock

URL = "https://d111111abcdef8.cloudfront.net"
OUTPUTS = {"ConsoleUrl": URL, "UserPoolId": "us-east-1_A", "UserPoolClientId": "c"}
PAGE = b'<html><script type="module" src="/assets/index-1.js"></script><div id="root">'
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=63072000",
}
CONFIG = {
    "environment": "staging",
    "user_pool_id": "us-east-1_A",
    "user_pool_client_id": "c",
    "version": "abc",
}


class Site:
    """Pages by path; the rest is not there."""

    def __init__(self) -> None:
        self.headers = dict(HEADERS)
        self.pages = {
            "/": PAGE,
            "/assets/index-1.js": b"run()",
            "/config.json": json.dumps(CONFIG).encode(),
        }

    def __call__(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> alerts_client.Answer:
        assert (method, body) == ("GET", None)
        assert headers
        page = self.pages.get(url.removeprefix(URL))
        if page is None:
            return alerts_client.Answer(403, {}, b"")
        return alerts_client.Answer(200, self.headers, page)


def looked(site: Site, environment: str = "staging") -> dict[str, Result]:
    checks = console.checks_of(OUTPUTS, environment, site)
    return {each.name: each for each in examine(checks, FakeClock())}


def test_a_console_as_it_should_be_passes() -> None:
    assert all(each.passed for each in looked(Site()).values())


def test_each_security_header_is_missed() -> None:
    for name in HEADERS:
        site = Site()
        del site.headers[name]
        assert looked(site)["console.page"].detail.endswith(name)


def test_a_header_that_allows_everything_is_seen() -> None:
    site = Site()
    site.headers["content-security-policy"] = "default-src *"
    assert not looked(site)["console.page"].passed


def test_a_program_that_is_not_there_is_seen() -> None:
    site = Site()
    del site.pages["/assets/index-1.js"]
    assert looked(site)["console.page"].detail == f"GET {URL}/assets/index-1.js: 403"


def test_somebody_else_s_page_is_seen() -> None:
    site = Site()
    site.pages["/"] = b"<h1>It works!</h1>"
    assert not looked(site)["console.page"].passed


def test_the_configuration_of_another_environment_is_seen() -> None:
    found = looked(Site(), "production")["console.config"]
    assert not found.passed
    assert "'staging'" in found.detail
