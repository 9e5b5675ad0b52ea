"""The artefact's bill of materials (CycloneDX 1.6): other people's code that runs in functions and
in browsers.

The layer's is read from what was installed and compared with its lock, so that it tells what is
there and not what was asked for; the console's is what its lock says it may be built of. It names
no time and no random serial number: the same parts have the same bill. What the Lambda runtime
brings along (Python, botocore) is AWS's to choose and is not part of it.
"""

import json
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from skafu.ops.artefact.sources import Refused

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
CLASSIFIER = "License :: OSI Approved :: "
ROOT_REF = "skafu"


def bill(layer: Path, lock: str, console_lock: str, identity: str) -> str:
    """The document, for a built layer, the text of its lock, and that of the console's
    package-lock.json.

    Raises Refused when the layer holds other packages than its lock names.
    """
    installed = [_component(each) for each in _metadata(layer)]
    _compare({(each["name"], each["version"]) for each in installed}, lock)
    packages = sorted([*installed, *_of_console(console_lock)], key=lambda each: each["purl"])
    references = [each["bom-ref"] for each in packages]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": ROOT_REF,
                "type": "application",
                "name": "skafu",
                "version": identity,
            }
        },
        "components": packages,
        "dependencies": [
            {"ref": ROOT_REF, "dependsOn": references},
            *({"ref": each} for each in references),
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _metadata(layer: Path) -> Iterator[Message]:
    for path in layer.rglob("*.dist-info/METADATA"):
        yield HeaderParser().parsestr(path.read_text(encoding="utf-8"))


def _component(package: Message) -> dict[str, Any]:
    name = re.sub(r"[-_.]+", "-", package["Name"]).lower()
    reference = f"pkg:pypi/{name}@{package['Version']}"
    found: dict[str, Any] = {
        "bom-ref": reference,
        "type": "library",
        "name": name,
        "version": package["Version"],
        "purl": reference,
    }
    licenses = _licenses(package)
    return found | ({"licenses": licenses} if licenses else {})


def _of_console(lock: str) -> Iterator[dict[str, Any]]:
    """What is not for development alone; a version once, wherever it is installed."""
    found = {}
    for place, package in json.loads(lock)["packages"].items():
        if place and not package.get("dev"):
            name = place.rpartition("node_modules/")[2]
            reference = f"pkg:npm/{quote(name)}@{package['version']}"
            component = {
                "bom-ref": reference,
                "type": "library",
                "name": name,
                "version": package["version"],
                "purl": reference,
            }
            if license_ := package.get("license"):
                component["licenses"] = [{"expression": license_}]
            found[reference] = component
    yield from found.values()


def _licenses(package: Message) -> list[dict[str, Any]]:
    """As the package states it: an SPDX expression, else the names of its classifiers, else the
    first line of its own words.
    """
    if expression := package["License-Expression"]:
        return [{"expression": expression}]
    classifiers = [str(each) for each in package.get_all("Classifier", [])]
    names = [each.removeprefix(CLASSIFIER) for each in classifiers if each.startswith(CLASSIFIER)]
    if not names and package["License"]:
        names = [package["License"].strip().splitlines()[0]]
    return [{"license": {"name": name}} for name in sorted(names)]


def _compare(installed: set[tuple[str, str]], lock: str) -> None:
    pinned = {(re.sub(r"[-_.]+", "-", n).lower(), v) for n, v in PINNED.findall(lock)}
    if installed != pinned:
        differing = ", ".join(sorted(f"{n} {v}" for n, v in installed ^ pinned))
        raise Refused(f"The layer and its lock do not name the same packages: {differing}.")
