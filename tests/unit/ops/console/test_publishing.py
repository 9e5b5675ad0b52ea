"""Publishing a built console into a bucket in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.zips import pack
from skafu.ops.console import command
from skafu.ops.console.publishing import Bucket as Place
from skafu.ops.console.publishing import Published, publish
from skafu.ops.console.site import KEPT_RELEASES
from tests.support.buckets import Bucket
from tests.support.repositories import write

DAY_MS = 24 * 3600 * 1000
OUTPUTS = {
    "ConsoleUrl": "https://console.example.com",
    "ConsoleBucket": "console",
    "ConsoleDistributionId": "E1",
    "UserPoolId": "us-east-1_a",
    "UserPoolClientId": "client",
    "SelfSignUp": "off",
    "PasswordLength": "8",
    "PasswordSymbols": "off",
}


def built(name: str) -> dict[str, bytes]:
    index = f'<script src="/assets/{name}.js"></script>'
    return {"index.html": index.encode(), f"assets/{name}.js": name.encode(), "icon.svg": b"<svg/>"}


@dataclass
class Cloud:
    """A bucket and an edge; `forgotten` are the paths and references, with what was put by then."""

    bucket: Bucket = field(default_factory=Bucket)
    forgotten: list[tuple[Sequence[str], str, int]] = field(default_factory=list)
    now: int = 1_000

    def forget(self, paths: Sequence[str], reference: str) -> None:
        self.forgotten.append((paths, reference, len(self.bucket.written)))

    def publish(self, console: dict[str, bytes]) -> Published:
        place = Place(self.bucket, "console")
        return publish(console, "staging", OUTPUTS, place, self, lambda: self.now)

    @property
    def served(self) -> set[str]:
        return {key[5:] for key in self.bucket.objects if key.startswith("site/")}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_everything_is_served_with_its_headers(cloud: Cloud) -> None:
    done = cloud.publish(built("a"))
    assert cloud.served == {"assets/a.js", "icon.svg", "index.html", "config.json"}
    assert cloud.bucket.headers["site/assets/a.js"] == (
        "text/javascript; charset=utf-8",
        "public, max-age=31536000, immutable",
    )
    assert json.loads(cloud.bucket.objects["site/config.json"])["version"] == done.version
    assert (done.put, done.removed) == (4, 0)


def test_a_page_is_put_when_everything_that_it_asks_for_is_there(cloud: Cloud) -> None:
    cloud.publish(built("a"))
    order = ["site/assets/a.js", "site/icon.svg", "site/index.html", "site/config.json"]
    assert cloud.bucket.written == [*order, "releases.json"]


def test_the_edge_forgets_the_entrances_once_the_new_ones_are_there(cloud: Cloud) -> None:
    done = cloud.publish(built("a"))
    [(paths, reference, written)] = cloud.forgotten
    assert (paths, written) == (["/index.html", "/config.json"], 4)
    assert reference == f"{done.version}-1000"


def test_the_record_is_beside_what_is_served(cloud: Cloud) -> None:
    cloud.publish(built("a"))
    assert "releases.json" in cloud.bucket.objects and "releases.json" not in cloud.served


def test_a_page_that_is_open_finds_its_own_release(cloud: Cloud) -> None:
    cloud.publish(built("a"))
    cloud.now += 10 * DAY_MS
    done = cloud.publish(built("b"))
    assert {"assets/a.js", "assets/b.js"} <= cloud.served
    assert b"b.js" in cloud.bucket.objects["site/index.html"]
    assert done.removed == 0


def test_what_no_page_can_ask_for_any_more_is_removed(cloud: Cloud) -> None:
    for name in range(KEPT_RELEASES + 2):
        done = cloud.publish(built(str(name)))
        cloud.now += 2 * DAY_MS
    assert "assets/0.js" not in cloud.served
    assert f"assets/{KEPT_RELEASES}.js" in cloud.served
    assert done.removed == 1


def test_what_an_attempt_left_behind_goes_with_the_next_one(cloud: Cloud) -> None:
    cloud.bucket.objects["site/assets/half.js"] = b""
    assert cloud.publish(built("a")).removed == 1
    assert "assets/half.js" not in cloud.served


def test_assets_that_are_there_are_not_put_again(cloud: Cloud) -> None:
    cloud.publish(built("a"))
    cloud.bucket.written.clear()
    done = cloud.publish(built("a"))
    assert "site/assets/a.js" not in cloud.bucket.written
    assert (done.put, done.removed) == (3, 0)


def test_thousands_of_old_files_are_removed(cloud: Cloud) -> None:
    for number in range(2_500):
        cloud.bucket.objects[f"site/assets/{number}.js"] = b""
    assert cloud.publish(built("a")).removed == 2_500


def test_a_console_that_is_refused_changes_nothing(cloud: Cloud) -> None:
    with pytest.raises(Refused):
        cloud.publish(built("a") | {"assets/a.exe": b""})
    assert not cloud.bucket.objects and not cloud.forgotten


# --- the command ----------------------------------------------------------------------------------


@dataclass
class Account:
    """An account with a stack."""

    outputs: dict[str, str]
    bucket: Bucket = field(default_factory=Bucket)
    invalidations: list[Any] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)

    def make(self, service: str, **_: Any) -> Any:
        return {"s3": self.bucket, "cloudformation": self, "cloudfront": self}[service]

    def describe_stacks(self, **asked: Any) -> Any:
        self.stacks.append(asked["StackName"])
        told = [{"OutputKey": name, "OutputValue": text} for name, text in self.outputs.items()]
        return {"Stacks": [{"Outputs": told}]}

    def create_invalidation(self, **asked: Any) -> None:
        self.invalidations.append(asked)

    def run(self, dist: Path, *more: str) -> int:
        options = ["--environment", "staging", "--dist", str(dist), *more]
        return command.main(options, self.make)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    # Whatever embedded AWS this checkout runs is another one.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return Account(dict(OUTPUTS))


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    write(tmp_path / "dist", {name: text.decode() for name, text in built("a").items()})
    return tmp_path / "dist"


def test_the_command_publishes_and_says_where(
    account: Account, dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run(dist) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "https://console.example.com"
    [asked] = account.invalidations
    assert asked["DistributionId"] == "E1"
    assert asked["InvalidationBatch"]["Paths"]["Quantity"] == 2
    assert "site/index.html" in account.bucket.objects
    assert account.stacks == ["skafu-staging"]


def test_another_stack_may_be_named(account: Account, dist: Path) -> None:
    assert account.run(dist, "--stack", "skafu-mine") == 0
    assert account.stacks == ["skafu-mine"]


def test_the_console_of_an_artefact_can_be_published(account: Account, dist: Path) -> None:
    pack(dist, dist.with_name("console.zip"))
    assert account.run(dist.with_name("console.zip")) == 0
    assert "site/assets/a.js" in account.bucket.objects


def test_what_is_no_console_is_refused(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.run(tmp_path) == 1
    assert "is not a built console" in capsys.readouterr().err


def test_a_stack_without_a_console_is_told(
    account: Account, dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del account.outputs["ConsoleBucket"]
    assert account.run(dist) == 1
    assert "has no output ConsoleBucket" in capsys.readouterr().err
