"""What a built console is as a site."""

import json
from pathlib import Path

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.console.site import (
    KEPT_MS,
    KEPT_RELEASES,
    Releases,
    config,
    files,
    read,
    version_of,
)
from tests.support.repositories import write

INDEX = '<link href="/assets/a.css"><script type="module" src="/assets/a.js"></script>'
BUILT = {
    "index.html": INDEX.encode(),
    "icon.svg": b"<svg/>",
    "assets/a.js": b"1",
    "assets/a.css": b"2",
}
OUTPUTS = {
    "UserPoolId": "eu-central-1_Abc",
    "UserPoolClientId": "client",
    "SelfSignUp": "on",
    "PasswordLength": "12",
    "PasswordSymbols": "on",
    "ConsoleUrl": "https://console.example.com",
}
MINUTE = 60_000


def text(built: dict[str, bytes]) -> dict[str, str]:
    return {name: content.decode() for name, content in built.items()}


def test_the_same_names_and_contents_are_the_same_release() -> None:
    assert version_of(BUILT) == version_of(dict(reversed(BUILT.items())))


@pytest.mark.parametrize("change", [{"assets/a.js": b"3"}, {"assets/b.js": b"1"}])
def test_another_content_or_name_is_another_release(change: dict[str, bytes]) -> None:
    assert version_of(BUILT | change) != version_of(BUILT)


def test_config_says_where_to_sign_in_and_nothing_else_of_the_stack() -> None:
    assert json.loads(config("staging", OUTPUTS, "v1")) == {
        "environment": "staging",
        "region": "eu-central-1",
        "user_pool_id": "eu-central-1_Abc",
        "user_pool_client_id": "client",
        "self_sign_up": True,
        "password": {"length": 12, "symbols": True},
        "version": "v1",
    }


def test_config_names_the_embedded_cognito_where_there_is_one() -> None:
    local = OUTPUTS | {"SignInUrl": "http://127.0.0.1:4566", "SelfSignUp": "off"}
    found = json.loads(config("local", local, "v1"))
    assert found["cognito_endpoint"] == "http://127.0.0.1:4566"
    assert found["self_sign_up"] is False


def test_what_leads_to_the_assets_comes_after_them() -> None:
    names = [file.name for file in files(BUILT, b"{}")]
    assert names == ["assets/a.css", "assets/a.js", "icon.svg", "index.html", "config.json"]


def test_each_file_is_kept_for_as_long_as_its_name_means_the_same() -> None:
    found = {file.name: file for file in files(BUILT, b"{}")}
    assert found["assets/a.js"].cache_control == "public, max-age=31536000, immutable"
    assert found["index.html"].cache_control == "no-cache"
    assert found["config.json"].cache_control == "no-store"
    assert found["icon.svg"].cache_control == "public, max-age=3600"


def test_each_file_says_what_it_is() -> None:
    found = {file.name: file.content_type for file in files(BUILT, b"{}")}
    assert found == {
        "assets/a.css": "text/css; charset=utf-8",
        "assets/a.js": "text/javascript; charset=utf-8",
        "icon.svg": "image/svg+xml",
        "index.html": "text/html; charset=utf-8",
        "config.json": "application/json",
    }


def test_a_file_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused, match="assets/a.exe is of a kind"):
        files(BUILT | {"assets/a.exe": b""}, b"{}")


def test_a_config_that_was_built_is_not_the_one_that_is_served() -> None:
    found = {file.name: file.content for file in files(BUILT | {"config.json": b"old"}, b"new")}
    assert found["config.json"] == b"new"


def test_a_built_console_is_read_with_its_folders(tmp_path: Path) -> None:
    write(tmp_path, text(BUILT))
    assert read(tmp_path) == BUILT


def test_something_else_is_no_built_console(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has no index.html"):
        read(tmp_path)


def test_a_page_that_asks_for_what_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path, text(BUILT))
    (tmp_path / "assets/a.js").unlink()
    with pytest.raises(Refused, match="index.html asks for assets/a.js"):
        read(tmp_path)


def released(*minutes: int) -> Releases:
    """A release at each of these minutes, each with a file of its own."""
    found = Releases()
    for minute in minutes:
        found = found.with_(f"v{minute}", [f"assets/{minute}.js", "icon.svg"], minute * MINUTE)
    return found


def versions(found: Releases) -> list[str]:
    return [each.version for each in found.releases]


def test_the_newest_releases_are_kept_however_old_they_are() -> None:
    day = KEPT_MS // MINUTE + 1
    found = released(*(day * number for number in range(KEPT_RELEASES + 2)))
    assert versions(found) == [f"v{day * number}" for number in range(KEPT_RELEASES + 1, 1, -1)]


def test_what_was_replaced_a_moment_ago_is_kept_however_many_there_are() -> None:
    assert len(released(*range(20)).releases) == 20


def test_what_was_replaced_long_ago_goes() -> None:
    found = released(*range(20)).with_("new", [], KEPT_MS + 15 * MINUTE)
    # The last one was replaced just now, those before in the minutes up to 19.
    assert versions(found)[-1] == "v15"


def test_a_release_that_is_published_again_is_there_once() -> None:
    found = released(1, 2).with_("v1", ["assets/1.js"], 3 * MINUTE)
    assert versions(found) == ["v1", "v2"]
    assert found.releases[0].at == 3 * MINUTE


def test_files_of_no_kept_release_are_surplus() -> None:
    there = {"assets/1.js", "assets/2.js", "assets/9.js", "icon.svg", "index.html", "config.json"}
    assert released(1, 2).surplus(there) == ["assets/9.js"]
