"""A layer and a function that are as they should be, and every way in which they are not."""

import base64
import hashlib
import importlib.util
import py_compile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from skafu.ops.scan.packages import FILE, Parts, Policy, read, scan
from tests.support.transformed import ROOT

LOCK = "tool==1.0 \\\n    --hash=sha256:00\n"
POLICY = Policy(function=["skafu/build.json"], licences={"MIT": "asks for its text"})
INFO = "python/tool-1.0.dist-info"
ELF = b"\x7fELF" + b"\0" * 14 + b"\xb7\x00"
X86 = ELF[:-2] + b"\x3e\x00"


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def record(layer: Path) -> None:
    """As an installer writes it, about what is there now."""
    rows = []
    for path in sorted((layer / "python").rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and path.name != "RECORD":
            digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest())
            name = path.relative_to(layer / "python").as_posix()
            rows.append(f"{name},sha256={digest.decode().rstrip('=')},{path.stat().st_size}")
    put(layer, f"{INFO}/RECORD", "\n".join(rows).encode())


def compiled(source: Path, target: Path) -> None:
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(target), invalidation_mode=mode)


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """What a build makes."""
    layer, function = tmp_path / "Layer", tmp_path / "Function"
    source = put(layer, "python/tool/__init__.py", b"ANSWER = 42\n")
    compiled(source, layer / "python/tool/__pycache__/__init__.cpython-312.pyc")
    put(layer, "python/tool/fast.so", ELF)
    put(layer, f"{INFO}/METADATA", b"Name: Tool\nVersion: 1.0\nLicense-Expression: MIT\n")
    put(layer, f"{INFO}/INSTALLER", b"uv")
    record(layer)
    own = put(tmp_path / "backend", "skafu/keys.py", b"A = 1\n")
    compiled(own, function / "skafu/keys.pyc")
    put(function, "skafu/build.json", b"{}")
    return Parts({"Function": function}, layer, LOCK, "arm64", frozenset({"skafu/keys.py"}))


def test_what_a_build_makes_is_clean(parts: Parts) -> None:
    said = scan(parts, POLICY)
    assert said.is_clean, said.findings
    assert said.looked_at == "2 files of 1 functions, 6 files of the layer"


def test_zips_are_read_like_folders(parts: Parts, tmp_path: Path) -> None:
    archive = tmp_path / "Function.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(parts.functions["Function"] / "skafu/keys.pyc", "skafu/keys.pyc")
        packed.writestr("skafu/.env", "x")
    changed = Parts({"Function": archive}, parts.layer, LOCK, "arm64", parts.modules)
    assert scan(changed, POLICY).findings == (
        "Function: skafu/.env is no module of the repository",
    )


def test_an_empty_function_is_a_finding(parts: Parts, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    changed = Parts({"Function": empty}, parts.layer, LOCK, "arm64", parts.modules)
    assert scan(changed, POLICY).findings == ("Function: it is empty",)


KEY = b"AKIA" + b"Q" * 16


def _executable(function: Path) -> None:
    (function / "skafu/build.json").chmod(0o755)


def _link(function: Path) -> None:
    (function / "skafu/link.pyc").symlink_to("keys.pyc")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: put(f, "skafu/stowaway.pyc", b""), "skafu/stowaway.pyc is no module"),
        (lambda f: put(f, "skafu/keys.py", b""), "skafu/keys.py is no module"),
        (lambda f: put(f, "skafu/keys.pyc", b"xxxx"), "is not bytecode of this Python"),
        (lambda f: put(f, "skafu/build.json", KEY), "build.json holds an access key of AWS"),
        (_executable, "build.json may be executed"),
        (_link, "link.pyc is a link"),
    ],
)
def test_a_function_holds_its_modules_and_nothing_else(
    parts: Parts, change: Callable[[Path], object], told: str
) -> None:
    change(parts.functions["Function"])
    assert any(told in each for each in scan(parts, POLICY).findings)


def _other_source(layer: Path) -> None:
    put(layer, "python/tool/__init__.py", b"ANSWER = 43\n")
    record(layer)


def _other_licence(layer: Path) -> None:
    put(
        layer,
        f"{INFO}/METADATA",
        b"Name: Tool\nVersion: 1.0\nLicense-Expression: MIT AND GPL-3.0\n",
    )
    record(layer)


def _no_licence(layer: Path) -> None:
    put(layer, f"{INFO}/METADATA", b"Name: Tool\nVersion: 1.0\n")
    record(layer)


def _another_package(layer: Path) -> None:
    put(layer, "python/more-2.dist-info/METADATA", b"Name: more\nVersion: 2\nLicense: MIT\n")
    record(layer)


def _program(layer: Path) -> None:
    put(layer, "python/tool/run", b"#!/bin/sh\n")
    record(layer)


def _other_machine(layer: Path) -> None:
    put(layer, "python/tool/fast.so", X86)
    record(layer)


def _hidden_machine_code(layer: Path) -> None:
    put(layer, "python/tool/data.txt", ELF)
    record(layer)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda layer: put(layer, "python/x.py", b""), "python/x.py belongs to no package"),
        (lambda layer: put(layer, "python/tool/fast.so", ELF + b"x"), "not as its package has it"),
        (_other_source, "is not bytecode of the source beside it"),
        (lambda layer: put(layer, "python/x.pyc", b""), "python/x.pyc is bytecode of nothing"),
        (_other_licence, "Tool comes under GPL-3.0"),
        (_no_licence, "Tool names no licence"),
        (_another_package, "more 2 is not in the lock"),
        (_program, "python/tool/run is a program"),
        (_other_machine, "fast.so is machine code of x86_64"),
        (_hidden_machine_code, "data.txt is machine code of arm64"),
    ],
)
def test_a_layer_is_what_is_locked_as_it_was_published(
    parts: Parts, change: Callable[[Path], object], told: str
) -> None:
    change(parts.layer)
    found = scan(parts, POLICY).findings
    assert any(told in each for each in found), found


def test_a_package_that_is_locked_and_not_there_is_a_finding(parts: Parts) -> None:
    lock = LOCK + "other==2.0 \\\n    --hash=sha256:00\n"
    changed = Parts(parts.functions, parts.layer, lock, "arm64", parts.modules)
    assert scan(changed, POLICY).findings == ("Layer: other 2.0 is missing",)


def test_the_policy_says_why_each_licence_is_taken() -> None:
    assert all(read(ROOT / FILE).licences.values())


def test_bytecode_is_told_by_the_hash_that_python_writes() -> None:
    assert len(importlib.util.source_hash(b"A = 1\n")) == 8
