"""A stand-in for AWS's Python image, made from this machine, where the real one cannot be pulled.

It holds what `sam local` asks of that image and no more: a shell with a few tools (the SAM CLI adds
its own files with them), CPython 3.12, boto3, the runtime's client, and /var/runtime/bootstrap. Its
C library is this machine's, it has no package manager, and it runs as root: a test of code, not of
Amazon Linux. Linux with glibc only.
"""

import platform
import re
import shutil
import subprocess  # nosec B404 # programs of this machine, arguments of our own
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from local.home import Refused
from local.sam_local.engine import Engine

NAME = "skafu-lambda-python"
TAG = "3.12"
TOOLS = ("sh", "mv", "cp", "rm", "mkdir", "chmod", "ls", "cat", "env")
# What compiled packages, of the layer or the runtime's client, may ask for: manylinux wheels name
# the parts that the C library had before it became one, and names are looked up by parts of it.
EXTRA_LIBRARIES = (
    *("libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2"),
    *("libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libnss_files.so.2", "libnss_dns.so.2"),
)
# Parts of the standard library that no function uses; they are half of it.
UNUSED = (
    *("__pycache__", "config-3.12*", "ensurepip", "idlelib", "site-packages", "test"),
    *("tkinter", "_tkinter*"),
)
LANGUAGE = PurePosixPath("var/lang")
RUNTIME = PurePosixPath("var/runtime")
FOLDERS = ("var/task", "var/rapid", "opt", "proc", "sys", "dev", "root", "tmp", "etc")
ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\n"
# Lambda starts the first; the SAM CLI's debugging options start the second, below a debugger.
BOOTSTRAP = """\
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python3.12
exec ${AWS_LAMBDA_EXEC_WRAPPER:-} /var/lang/bin/python3.12 /var/runtime/bootstrap.py
"""
BOOTSTRAP_PY = """\
import os
import sys

from awslambdaric.__main__ import main

os.chdir("/var/task")
sys.path[:0] = ["/var/task", "/opt/python", "/opt/python/lib/python3.12/site-packages"]
main([__file__, os.environ["_HANDLER"]])
"""
CHANGES = (
    "ENV PATH=/var/lang/bin:/bin",
    "ENV LD_LIBRARY_PATH=/var/lang/lib:/var/task/lib:/opt/lib",
    "ENV LANG=C.UTF-8",
    "ENV LAMBDA_TASK_ROOT=/var/task",
    "ENV LAMBDA_RUNTIME_DIR=/var/runtime",
    "WORKDIR /var/task",
    'ENTRYPOINT ["/var/runtime/bootstrap"]',
)


def libraries(ldd: str) -> set[Path]:
    """The files that `ldd` says a program needs, the loader among them."""
    return {Path(path) for path in re.findall(r"(?:=>\s+|^\s+)(/\S+)", ldd, re.MULTILINE)}


def place(library: Path) -> PurePosixPath:
    """Where a library goes: system libraries where the loader looks for them, the interpreter's own
    beside it.
    """
    if library.parts[1] in ("lib", "lib64", "usr"):
        return PurePosixPath(*library.parts[1:])
    return LANGUAGE / "lib" / library.name


def make(engine: Engine, requirements: Iterable[Path], uv: Path) -> str:
    """Make the image and return its name. Raises Refused where this machine lacks what it is made
    of.

    `requirements` are hashed requirement files of what the runtime brings along; `uv` installs
    them.
    """
    if platform.system() != "Linux":
        raise Refused("The stand-in image is made of Linux programs: this machine has none.")
    with tempfile.TemporaryDirectory(prefix="skafu-image-") as folder:
        root = Path(folder) / "root"
        _add_folders(root)
        _add_runtime(root, requirements, uv)
        _add_programs(root)
        _compile(root)
        packed = Path(folder) / "root.tar"
        with tarfile.open(packed, "w") as tar:
            tar.add(root, "")
        with packed.open("rb") as rootfs:
            engine.import_image(rootfs, NAME, TAG, CHANGES)
    return f"{NAME}:{TAG}"


def _add_folders(root: Path) -> None:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(ACCOUNTS)
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")


def _add_programs(root: Path) -> None:
    """The tools, the interpreter with its standard library, and every library that these load."""
    python = Path(sys.executable).resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    home = root / LANGUAGE / "lib/python3.12"
    unused = shutil.ignore_patterns(*UNUSED)
    shutil.copytree(standard, home, ignore=unused, dirs_exist_ok=True)
    _copy(python, root / LANGUAGE / "bin/python3.12")
    programs = [python, *home.glob("lib-dynload/*.so")]
    for tool in TOOLS:
        found = shutil.which(tool)
        if found is None:
            raise Refused(f"The stand-in image needs the program {tool}, which is not here.")
        _copy(Path(found), root / "bin" / tool)
        programs.append(Path(found))
    needed = libraries("".join(_output(["ldd", str(program)]) for program in programs))
    beside = {library.parent for library in needed if library.name.startswith("libc.so")}
    extra = {folder / name for folder in beside for name in EXTRA_LIBRARIES}
    for library in needed | {each for each in extra if each.exists()}:
        _copy(library, root / place(library))


def _add_runtime(root: Path, requirements: Iterable[Path], uv: Path) -> None:
    """What starts a function, and the packages that Lambda puts beside the interpreter."""
    packages = root / LANGUAGE / "lib/python3.12/site-packages"
    files = [word for file in requirements for word in ("-r", str(file))]
    command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable]
    _output([*command, "--require-hashes", "--target", str(packages), *files])
    runtime = root / RUNTIME
    runtime.mkdir(parents=True)
    (runtime / "bootstrap.py").write_text(BOOTSTRAP_PY)
    (runtime / "bootstrap").write_text(BOOTSTRAP)
    (runtime / "bootstrap").chmod(0o755)


def _compile(root: Path) -> None:
    """Bytecode for all of it: without, each new container takes seconds to answer."""
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    _output([*command, "-s", str(root), "-p", "/", str(root / LANGUAGE)])


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(  # nosec B603 # see the import
            command, check=True, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise Refused(f"The stand-in image needs the program {command[0]}.") from error
    except subprocess.CalledProcessError as error:
        raise Refused(f"{command[0]} failed: {error.stderr.strip()}") from error
    return done.stdout
