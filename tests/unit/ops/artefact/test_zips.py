"""Zips do not depend on when, where and by whom they are packed."""

import os
import zipfile
from pathlib import Path

import pytest

from skafu.ops.artefact.zips import bundle, pack


def folder(place: Path, names: list[str]) -> Path:
    for name in names:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}")
    return place


def packed(place: Path) -> bytes:
    target = place.with_suffix(".zip")
    pack(place, target)
    return target.read_bytes()


def test_order_time_and_mask_make_no_difference(tmp_path: Path) -> None:
    first = folder(tmp_path / "first", ["b", "a/z", "a/b", "c"])
    second = folder(tmp_path / "elsewhere" / "second", ["c", "a/b", "b", "a/z"])
    for path in second.rglob("*"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert packed(first) == packed(second)


def test_whether_a_file_can_be_executed_is_kept(tmp_path: Path) -> None:
    place = folder(tmp_path / "code", ["library.so", "module.pyc"])
    (place / "library.so").chmod(0o700)
    packed(place)
    with zipfile.ZipFile(place.with_suffix(".zip")) as archive:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in archive.infolist()}
    assert modes == {"library.so": 0o755, "module.pyc": 0o644}


def test_what_is_unpacked_is_what_was_packed(tmp_path: Path) -> None:
    place = folder(tmp_path / "code", ["a/b", "c"])
    packed(place)
    with zipfile.ZipFile(place.with_suffix(".zip")) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a/b": b"this is a/b",
            "c": b"this is c",
        }


def test_a_link_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "code", ["a"])
    (place / "b").symlink_to(place / "a")
    with pytest.raises(ValueError, match="b is a link"):
        packed(place)


def test_a_bundle_has_what_was_named_and_nothing_else(tmp_path: Path) -> None:
    place = folder(tmp_path / "code", ["b", "a", "c"])
    bundle(place, ["b", "a"], tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert archive.namelist() == ["a", "b"]


def test_files_are_in_order_of_their_names(tmp_path: Path) -> None:
    names = [f"{letter}{number}" for number in range(9) for letter in "zyxab"]
    packed(folder(tmp_path / "code", names))
    with zipfile.ZipFile(tmp_path / "code.zip") as archive:
        assert archive.namelist() == sorted(names)
