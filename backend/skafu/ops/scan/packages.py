"""What is in the zips that Lambda gets: the scan that stands where a registry's scan of images
would. Nothing is executed.

A function holds bytecode of this repository's modules and what security/packages.yaml names. The
layer holds what its lock pins, each file as the record of its package has it (PEP 376), bytecode of
the source beside it, machine code of the architecture alone; every package comes under a licence of
the list. Nowhere is a link or a program, and in what is ours no secret: what a package has
published is none.
"""

import base64
import csv
import hashlib
import importlib.util
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.audit import PINNED, normal
from skafu.ops.scan.checks import Text, Unreadable
from skafu.ops.scan.contents import NATIVE, Entry, entries, odd, secrets
from skafu.ops.scan.said import Said

FILE = "security/packages.yaml"
OWN = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")
"""What the installer adds to a package's dist-info."""
OSI = "License :: OSI Approved :: "
HEADER = 16
"""Bytes before the code: magic number, flags, hash of the source (PEP 552)."""


class Policy(BaseModel):
    """security/packages.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    function: list[Text]
    licences: Annotated[dict[Text, Text], Field(min_length=1)]


@dataclass(frozen=True)
class Parts:
    """What was built: folders or zips of functions by logical id, and of the layer with its lock,
    for an architecture; `modules` are the paths of the repository's, as in skafu/shared/keys.py.
    """

    functions: Mapping[str, Path]
    layer: Path
    lock: str
    architecture: str
    modules: frozenset[str]


def read(path: Path) -> Policy:
    """The policy. Raises Unreadable."""
    try:
        return Policy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Unreadable(f"{path.name}: {error}") from error


def modules(root: Path) -> frozenset[str]:
    """The modules of a work tree that functions may be made of."""
    sources = root / "backend"
    found = (sources / "skafu").rglob("*.py")
    return frozenset(each.relative_to(sources).as_posix() for each in found)


def scan(parts: Parts, policy: Policy) -> Said:
    """What is wrong with what was built."""
    findings, files = [], 0
    for name, place in sorted(parts.functions.items()):
        found = list(entries(place))
        files += len(found)
        findings += [f"{name}: {each}" for each in _function(found, parts.modules, policy)]
    layer = list(entries(parts.layer))
    findings += [f"{parts.layer.stem}: {each}" for each in _layer(layer, parts, policy)]
    about = f"{files} files of {len(parts.functions)} functions, {len(layer)} files of the layer"
    return Said("packages", about, tuple(findings))


def _function(found: list[Entry], sources: frozenset[str], policy: Policy) -> Iterator[str]:
    if not found:
        yield "it is empty"
    for entry in found:
        yield from odd(entry)
        yield from secrets(entry)
        module = entry.path.removesuffix("c")
        if entry.path in policy.function:
            continue
        if not entry.path.endswith(".pyc") or module not in sources:
            yield f"{entry.path} is no module of the repository"
        elif entry.content[:4] != importlib.util.MAGIC_NUMBER:
            yield f"{entry.path} is not bytecode of this Python"


def _layer(found: list[Entry], parts: Parts, policy: Policy) -> Iterator[str]:
    by_path = {entry.path: entry for entry in found}
    recorded: dict[str, str] = {}
    installed = set()
    for entry in found:
        yield from odd(entry)
        if entry.path.endswith(".dist-info/RECORD"):
            recorded |= _recorded(entry)
        elif entry.path.endswith(".dist-info/METADATA"):
            package = HeaderParser().parsestr(entry.content.decode("utf-8"))
            installed.add((normal(package["Name"]), package["Version"]))
            yield from _licences(package, policy)
    pinned = {(normal(name), version) for name, version in PINNED.findall(parts.lock)}
    for name, version in sorted(installed ^ pinned):
        where = "is not in the lock" if (name, version) in installed else "is missing"
        yield f"{name} {version} {where}"
    for entry in found:
        yield from _file_of_layer(entry, by_path, recorded, parts.architecture)


def _recorded(record: Entry) -> dict[str, str]:
    """sha256 by path, of a package's RECORD; empty where it tells none."""
    base = PurePosixPath(record.path).parents[1]
    rows = csv.reader(io.StringIO(record.content.decode("utf-8")))
    return {(base / row[0]).as_posix(): row[1] for row in rows if row}


def _file_of_layer(
    entry: Entry, by_path: Mapping[str, Entry], recorded: Mapping[str, str], architecture: str
) -> Iterator[str]:
    path = PurePosixPath(entry.path)
    if path.parent.name.endswith(".dist-info") and path.name in OWN:
        return
    if path.suffix == ".pyc":
        yield from _bytecode(entry, by_path)
    elif entry.path not in recorded:
        yield f"{entry.path} belongs to no package"
    elif recorded[entry.path] != f"sha256={_digest(entry.content)}":
        yield f"{entry.path} is not as its package has it"
    if entry.machine is not None and (entry.machine != architecture or path.suffix != ".so"):
        yield f"{entry.path} is machine code of {entry.machine}"
    elif entry.machine is None and entry.content.startswith(NATIVE):
        yield f"{entry.path} is a program"


def _digest(content: bytes) -> str:
    """As RECORD writes it: base64 for URLs, without its padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _bytecode(entry: Entry, by_path: Mapping[str, Entry]) -> Iterator[str]:
    """Bytecode says by a hash which source it was made of."""
    path = PurePosixPath(entry.path)
    source = path.parents[1] / f"{path.name.partition('.')[0]}.py"
    beside = by_path.get(source.as_posix())
    if beside is None:
        yield f"{entry.path} is bytecode of nothing"
    elif entry.content[8:HEADER] != importlib.util.source_hash(beside.content):
        yield f"{entry.path} is not bytecode of the source beside it"


def _licences(package: Message, policy: Policy) -> Iterator[str]:
    """An SPDX expression decides by its terms, else the classifiers do, else its own words."""
    names = list(_named(package))
    if not names:
        yield f"{package['Name']} names no licence"
    for name in names:
        if name not in policy.licences:
            yield f"{package['Name']} comes under {name}"


def _named(package: Message) -> Iterable[str]:
    if expression := package["License-Expression"]:
        return [each for each in re.findall(r"[\w.+-]+", expression) if each not in ("AND", "OR")]
    classifiers = [str(each) for each in package.get_all("Classifier", [])]
    names = [each.removeprefix(OSI) for each in classifiers if each.startswith(OSI)]
    own = str(package["License"] or "").strip().splitlines()
    return names or own[:1]
