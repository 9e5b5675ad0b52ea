import platform
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.home import Refused
from local.sam_local import base_image
from local.sam_local.engine import Engine
from tests.support.docker_engine import docker_engine

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="made of Linux programs")
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """The stand-in image without the runtime's packages, which would have to be fetched."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        nothing = folder / "requirements.txt"
        nothing.write_text("")
        with docker_engine(folder) as held:
            assert base_image.make(Engine(held.path), [nothing], UV) == "skafu-lambda-python:3.12"
            packed = held.imported[1]
        with tarfile.open(fileobj=BytesIO(packed)) as tar:
            tar.extractall(folder / "root", filter="tar")
        yield folder / "root"


def test_its_interpreter_runs_on_what_the_image_holds(image: Path) -> None:
    loader = next((image / "lib64").glob("ld-linux*"), None) or next(image.glob("lib/ld-linux*"))
    folders = {library.parent for library in image.rglob("lib*.so*")}
    code = "import ctypes, hashlib, json, sqlite3, ssl, sys, zoneinfo; print(sys.prefix)"
    printed = subprocess.check_output(
        [
            *(loader, "--inhibit-cache", "--library-path", ":".join(map(str, folders))),
            *(image / "var/lang/bin/python3.12", "-IB", "-c", code),
        ],
        text=True,
    )
    assert printed.strip() == str(image / "var/lang")


def test_it_has_what_the_sam_cli_runs_in_it(image: Path) -> None:
    assert {"sh", "mv", "chmod", "cp", "rm"} <= {tool.name for tool in (image / "bin").iterdir()}
    assert (image / "var/runtime/bootstrap").stat().st_mode & 0o111 == 0o111


def test_its_standard_library_is_compiled_because_nothing_can_be_written_there(
    image: Path,
) -> None:
    assert list((image / "var/lang/lib/python3.12/json/__pycache__").glob("decoder.*.pyc"))


def test_what_cannot_be_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="uv failed: "):
        base_image.make(Engine("/nowhere"), [tmp_path / "missing.txt"], UV)
    with pytest.raises(Refused, match="needs the program"):
        base_image.make(Engine("/nowhere"), [], tmp_path / "no-uv")
