"""Credentials of one role, kept while the next one is taken on."""

import stat
from pathlib import Path

import botocore.session
import pytest

from skafu.ops.pipeline import profile

SHORT = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a/b%c=",
    "AWS_SESSION_TOKEN": "t%(o)s=k/e+n",
}


def kept(path: Path, name: str = "below", **variables: str) -> int:
    return profile.main(["--name", name], SHORT | {profile.FILE: str(path)} | variables)


def test_what_was_kept_is_what_awss_libraries_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "aws" / "credentials"
    assert kept(path) == 0
    for name in SHORT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(profile.FILE, str(path))
    found = botocore.session.Session(profile="below").get_credentials()
    assert found is not None
    assert [found.access_key, found.secret_key, found.token] == list(SHORT.values())


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.touch(mode=0o644)
    kept(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_other_profiles_stay_and_the_same_one_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    kept(path, "mine")
    kept(path)
    kept(path, AWS_ACCESS_KEY_ID="ASIANEWER")
    text = path.read_text(encoding="utf-8")
    assert text.count("[below]") == text.count("[mine]") == 1
    assert "ASIANEWER" in text


@pytest.mark.parametrize("name", SHORT)
def test_long_lived_keys_are_not_kept(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "credentials"
    assert kept(path, **{name: ""}) == 1
    assert not path.exists() and name in capsys.readouterr().err


def test_nothing_secret_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(tmp_path / "credentials")
    said = capsys.readouterr()
    assert all(value not in said.out + said.err for value in SHORT.values())
