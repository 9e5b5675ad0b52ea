"""The bill of materials tells what is in the layer."""

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
    document = json.loads(bill(layer(tmp_path), LOCK, "abc"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == "abc"
    assert [(each["purl"], each["licenses"]) for each in document["components"]] == [
        ("pkg:pypi/typing-extensions@4.1", [{"expression": "PSF-2.0"}]),
        ("pkg:pypi/zeta@2.0", [{"license": {"name": "MIT License"}}]),
    ]


def test_skafu_depends_on_all_of_them(tmp_path: Path) -> None:
    document = json.loads(bill(layer(tmp_path), LOCK, "abc"))
    [first, *_] = document["dependencies"]
    assert first == {
        "ref": document["metadata"]["component"]["bom-ref"],
        "dependsOn": [each["bom-ref"] for each in document["components"]],
    }


def test_a_licence_in_the_packages_own_words_is_its_first_line(tmp_path: Path) -> None:
    write(tmp_path, metadata("zeta", "2.0", "License: Be kind", "  and more."))
    [zeta] = json.loads(bill(tmp_path, "zeta==2.0", "abc"))["components"]
    assert zeta["licenses"] == [{"license": {"name": "Be kind"}}]


def test_a_package_that_states_no_licence_has_none(tmp_path: Path) -> None:
    write(tmp_path, metadata("zeta", "2.0"))
    [zeta] = json.loads(bill(tmp_path, "zeta==2.0", "abc"))["components"]
    assert "licenses" not in zeta


def test_the_same_layer_has_the_same_bill(tmp_path: Path) -> None:
    first = bill(layer(tmp_path / "first"), LOCK, "abc")
    assert bill(layer(tmp_path / "second", reverse=True), LOCK, "abc") == first


@pytest.mark.parametrize("lock", [LOCK.replace("2.0", "2.1"), LOCK + "eta==1\n", "zeta==2.0\n"])
def test_a_layer_with_other_packages_than_its_lock_is_refused(tmp_path: Path, lock: str) -> None:
    with pytest.raises(Refused, match="do not name the same packages"):
        bill(layer(tmp_path), lock, "abc")
