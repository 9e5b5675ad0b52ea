"""The deployed console as a browser meets it: one origin for pages and API, behind CloudFront."""

import gzip
import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from local.home import STACK
from tests.integration.system import System


@dataclass(frozen=True)
class Answer:
    """What came back; headers by lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Site:
    """The console's address. Browsers find <name>.localhost on this machine, Python does not."""

    url: str

    def get(self, path: str, **headers: str) -> Answer:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=60)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        try:
            connection.request("GET", path, headers={"Host": address.netloc} | named)
            answer = connection.getresponse()
            found = {name.lower(): text for name, text in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(system: System) -> Site:
    return Site(system.stack["console_url"])


def asset_of(site: Site) -> str:
    """The program that the page begins with."""
    [script] = re.findall(rb'<script [^>]*src="([^"]+)"', site.get("/").body)
    return str(script.decode())


def test_every_page_is_the_one_page(site: Site) -> None:
    home = site.get("/")
    assert home.status == 200 and b'<div id="root">' in home.body
    assert home.headers["content-type"] == "text/html; charset=utf-8"
    assert home.headers["cache-control"] == "no-cache"
    for page in ("/explore", "/alerts/01ABC/edit", "/dashboards/?last=3600"):
        assert site.get(page).body == home.body


def test_a_page_that_is_known_is_not_sent_again(site: Site) -> None:
    etag = site.get("/", Accept_Encoding="gzip").headers["etag"]
    assert site.get("/explore", If_None_Match=etag).status == 304


def test_assets_are_compressed_and_kept_for_ever(site: Site) -> None:
    name = asset_of(site)
    plain, small = site.get(name), site.get(name, Accept_Encoding="gzip, br")
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) < len(plain.body) / 2


def test_what_is_not_there_is_no_page(site: Site) -> None:
    # A page in its place would be run as a program.
    for name in ("/assets/gone.js", "/assets/", "/gone.js"):
        answer = site.get(name)
        assert answer.status == 403
        assert b"<html" not in answer.body


def test_what_is_beside_the_site_is_not_served(site: Site, system: System) -> None:
    bucket = system.outputs()["ConsoleBucket"]
    assert system.aws("s3").head_object(Bucket=bucket, Key="releases.json")
    for path in ("/releases.json", "/../releases.json", "/%2e%2e/releases.json"):
        assert site.get(path).status == 403


def test_the_page_is_told_where_it_is(site: Site, system: System) -> None:
    answer = site.get("/config.json")
    found = json.loads(answer.body)
    assert answer.headers["cache-control"] == "no-store"
    assert found["environment"] == "local"
    assert found["region"] == system.stack["region"]
    assert found["user_pool_id"] == system.stack["user_pool_id"]
    assert found["user_pool_client_id"] == system.stack["user_pool_client_id"]
    assert found["cognito_endpoint"] == system.stack["endpoint_url"]
    assert found["self_sign_up"] is True
    assert found["password"] == {"length": 8, "symbols": False}


def test_the_api_is_on_the_same_origin(site: Site, system: System) -> None:
    token = system.sign_in("viewer")["AccessToken"]
    answer = site.get("/api/me", Authorization=token)
    assert answer.status == 200 and json.loads(answer.body)["role"] == "viewer"
    refused = site.get("/api/me")
    assert refused.status == 401 and json.loads(refused.body)["status"] == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert site.get("/api/no-such-thing", Authorization=token).status == 404


def test_the_api_says_the_same_through_both_ways(site: Site, system: System) -> None:
    token = system.sign_in("admin")["AccessToken"]
    query = "/api/metrics?filter=host%3Da%26b&limit=1"
    through = site.get(query, Authorization=token)
    direct = system.raw("GET", query, Authorization=token)
    assert (through.status, json.loads(through.body)) == (direct.status, direct.json())


@pytest.mark.parametrize("path", ["/", "/config.json", "/api/health", "/gone.js"])
def test_every_answer_has_the_headers(site: Site, system: System, path: str) -> None:
    found = site.get(path).headers
    policy = found["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert f"connect-src 'self' {system.stack['endpoint_url']};" in policy
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"
    assert "max-age=" in found["strict-transport-security"]


def test_nobody_reads_the_bucket_itself(site: Site, system: System) -> None:
    bucket = system.outputs()["ConsoleBucket"]
    address = urlsplit(site.url)
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=60)
    try:
        connection.request("GET", f"/{bucket}/site/index.html")
        assert connection.getresponse().status == 403
    finally:
        connection.close()


def test_what_the_template_says_of_the_distribution_is_there(system: System) -> None:
    client = system.aws("cloudfront")
    found = client.get_distribution(Id=system.outputs()["ConsoleDistributionId"])["Distribution"]
    config = found["DistributionConfig"]
    assert config["Comment"] == f"The console of {STACK}"
    origins = {each["Id"]: each["DomainName"] for each in config["Origins"]["Items"]}
    # The gateway that the stack has now.
    assert origins["api"].startswith(f"{system.outputs()['ApiId']}.execute-api.")
