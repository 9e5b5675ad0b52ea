"""The bill of materials tells what is in the layer and in the console."""

import json
from pathlib import Path

import pytest

from skafu.ops.artefact.sbom import bill
from skafu.ops.artefact.sources import Refused
from tests.support.repositories import write

LOCK = """\
Typing_Extensions==4.1 \\
    --hash=sha256:00
zeta==2.0 \\
    --hash=sha256:11
"""
NOTHING = '{"packages": {"": {"name": "console"}}}'


def metadata(name: str, version: str, *more: str) -> dict[str, str]:
    head = [f"Name: {name}", f"Version: {version}", *more]
    folder = f"python/{name}-{version}.dist-info"
    return {f"{folder}/METADATA": "\n".join(head) + "\n\nWhat it is about.\n"}


def layer(place: Path, *, reverse: bool = False) -> Path:
    packages = [
        metadata("zeta", "2.0", "Classifier: License :: OSI Approved :: MIT License"),
        metadata("typing_extensions", "4.1", "License-Expression: PSF-2.0"),
    ]
    for package in reversed(packages) if reverse else packages:
        write(place, package)
    return place


def test_each_package_is_told_with_version_and_licence(tmp_path: Path) -> None:
    document = json.loads(bill(layer(tmp_path), LOCK, NOTHING, "abc"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == "abc"
    assert [(each["purl"], each["licenses"]) for each in document["components"]] == [
        ("pkg:pypi/typing-extensions@4.1", [{"expression": "PSF-2.0"}]),
        ("pkg:pypi/zeta@2.0", [{"license": {"name": "MIT License"}}]),
    ]


def test_skafu_depends_on_all_of_them(tmp_path: Path) -> None:
    document = json.loads(bill(layer(tmp_path), LOCK, NOTHING, "abc"))
    [first, *_] = document["dependencies"]
    assert first == {
        "ref": document["metadata"]["component"]["bom-ref"],
        "dependsOn": [each["bom-ref"] for each in document["components"]],
    }


def test_a_licence_in_the_packages_own_words_is_its_first_line(tmp_path: Path) -> None:
    write(tmp_path, metadata("zeta", "2.0", "License: Be kind", "  and more."))
    [zeta] = json.loads(bill(tmp_path, "zeta==2.0", NOTHING, "abc"))["components"]
    assert zeta["licenses"] == [{"license": {"name": "Be kind"}}]


def test_a_package_that_states_no_licence_has_none(tmp_path: Path) -> None:
    write(tmp_path, metadata("zeta", "2.0"))
    [zeta] = json.loads(bill(tmp_path, "zeta==2.0", NOTHING, "abc"))["components"]
    assert "licenses" not in zeta


def test_the_same_layer_has_the_same_bill(tmp_path: Path) -> None:
    first = bill(layer(tmp_path / "first"), LOCK, NOTHING, "abc")
    assert bill(layer(tmp_path / "second", reverse=True), LOCK, NOTHING, "abc") == first


@pytest.mark.parametrize("lock", [LOCK.replace("2.0", "2.1"), LOCK + "eta==1\n", "zeta==2.0\n"])
def test_a_layer_with_other_packages_than_its_lock_is_refused(tmp_path: Path, lock: str) -> None:
    with pytest.raises(Refused, match="do not name the same packages"):
        bill(layer(tmp_path), lock, NOTHING, "abc")


def test_what_the_console_is_built_of_is_told_and_what_builds_it_is_not(tmp_path: Path) -> None:
    packages = {
        "": {"name": "console"},
        "node_modules/@x/chart": {"version": "3.1", "license": "MIT OR Apache-2.0"},
        "node_modules/@x/chart/node_modules/a": {"version": "2.0"},
        "node_modules/a": {"version": "1.0"},
        "node_modules/b/node_modules/a": {"version": "2.0"},
        "node_modules/lint": {"version": "9.0", "dev": True},
    }
    lock = json.dumps({"packages": packages})
    found = json.loads(bill(tmp_path, "", lock, "abc"))["components"]
    assert [each["purl"] for each in found] == [
        "pkg:npm/%40x/chart@3.1",
        "pkg:npm/a@1.0",
        "pkg:npm/a@2.0",
    ]
    assert found[0]["name"] == "@x/chart"
    assert found[0]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
