"""Build the artefact of a commit: what every environment gets, made once.

It is a folder with a part for each function and for the layer (zips of what `sam build` made), one
for the console (a zip of what `npm run build` made), the template that names them, the stacks of
infrastructure/, samconfig.toml, a bill of materials and a manifest with each part's hash; and the
same as one .zip beside it. Two builds of one commit by the same tools are the same bytes.

What is in the functions' zips and the layer's is looked into (docs/security-checks.md); an artefact
that holds what it should not goes into quarantine, where nothing deploys it from.
"""

import argparse
import os
import platform
import shutil
import subprocess  # nosec B404: it runs the SAM CLI
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from skafu.ops.artefact import frontend, manifest, sbom, sources, zips
from skafu.ops.artefact.frontend import Node
from skafu.ops.artefact.manifest import DataFormat, Manifest
from skafu.ops.artefact.sources import Refused, Source
from skafu.ops.generated import ROOT
from skafu.ops.scan import packages, quarantine
from skafu.ops.scan.checks import Unreadable

type Architecture = Literal["arm64", "x86_64"]

ARCHITECTURES: tuple[Architecture, ...] = ("arm64", "x86_64")
ARTEFACTS = ".artefact"
TEMPLATE = "template.yaml"
DATA_FORMAT = "backend/skafu/data_format.json"
LAYER, LOCK = "PowertoolsLayer", "layers/powertools/requirements.txt"
CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
"""Which property of a resource says where its code is."""
TOLD_LINES = 15


@dataclass(frozen=True)
class Tools:
    """Programs that a build calls: the SAM CLI and what its make rules run, and Node."""

    sam: str
    uv: str
    node: Node
    python: str = sys.executable

    @classmethod
    def of(cls, root: Path) -> "Tools":
        """Those of the project (`make setup`), else those on the PATH."""
        ours = root / ".local" / "tools" / "sam" / "bin" / "sam"
        programs = Path(sys.executable).parent
        uv = programs / "uv"
        return cls(
            str(ours) if ours.exists() else "sam",
            str(uv) if uv.exists() else "uv",
            Node.of(root, programs),
        )

    def versions(self) -> dict[str, str]:
        """Of whatever can change the bytes, the library that compresses included."""
        return {
            "node": output_of([self.node.node, "--version"]).strip().removeprefix("v"),
            "python": platform.python_version(),
            "sam": _last_word_of(self.sam, "--version"),
            "uv": output_of([self.uv, "--version"]).split()[1],
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
        }


def build(
    root: Path, into: Path, architecture: Architecture, tools: Tools, *, dirty: bool = False
) -> Path:
    """The artefact's folder, below `into`; its .zip is beside it.

    An artefact does not change: when there is one of these sources already, it stays as it is.
    Raises Refused when there are uncommitted changes (unless `dirty`), when a tool fails, and when
    an artefact of the same sources has other content.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=into) as scratch:
        work = Path(scratch)
        source = sources.export(root, work / "sources", dirty=dirty)
        stored = DataFormat.at(source.folder / DATA_FORMAT)
        # Before the build, which leaves bytecode beside the modules that it runs.
        identity = source.identity(architecture)
        _sam_build(source, work, architecture, tools)
        made = work / "artefact"
        made.mkdir()
        console = frontend.build(source.folder / "frontend", tools.node, output_of)
        zips.pack(console, made / frontend.NAME)
        _assemble(source.folder, work / "built", made, architecture, identity)
        described = Manifest(
            format=manifest.FORMAT,
            identity=identity,
            architecture=architecture,
            commit=source.commit,
            dirty=source.dirty,
            tools=tools.versions(),
            data_format=stored,
            parts=manifest.parts_of(made),
        )
        described.write(made)
        bundle = work / "bundle.zip"
        zips.bundle(made, [manifest.NAME, *described.parts], bundle)
        return _keep(described, made, bundle, into)


def _sam_build(source: Source, work: Path, architecture: str, tools: Tools) -> None:
    """What the repository's make rules make, in `work`/built. The rules' own settings win over
    those of the caller's shell, and no account is asked for anything.
    """
    kept = {n: text for n, text in os.environ.items() if not n.startswith(("AWS_", "PYTHON"))}
    settings = {
        "PYTHON": tools.python,
        "UV": tools.uv,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "SAM_CLI_TELEMETRY": "0",
    }
    folders = ["--build-dir", str(work / "built"), "--cache-dir", str(work / "cache")]
    overrides = ["--parameter-overrides", f"Architecture={architecture}"]
    line = [tools.sam, "build", "--parallel", "--template-file", TEMPLATE, *folders, *overrides]
    output_of(line, cwd=source.folder, env=kept | settings)


def _assemble(
    folder: Path, built: Path, made: Path, architecture: Architecture, identity: str
) -> None:
    """Put the parts into `made`, from the sources in `folder` and from what was built of them."""
    template = yaml.safe_load((built / TEMPLATE).read_text(encoding="utf-8"))
    for name in coded(template):
        zips.pack(built / name, made / f"{name}.zip")
    (made / TEMPLATE).write_text(packed(template, architecture), encoding="utf-8")
    (made / "infrastructure").mkdir()
    for path in sorted((folder / "infrastructure").glob("*.yaml")):
        shutil.copyfile(path, made / "infrastructure" / path.name)
    shutil.copyfile(folder / "samconfig.toml", made / "samconfig.toml")
    lock, other = ((folder / name).read_text(encoding="utf-8") for name in (LOCK, frontend.LOCK))
    (made / "sbom.json").write_text(sbom.bill(built / LAYER, lock, other, identity), "utf-8")


def coded(template: Mapping[str, Any]) -> Iterator[str]:
    """The logical ids of resources that have code: one part each."""
    for name, resource in template["Resources"].items():
        if resource["Type"] in CODE:
            yield name


def parts_of(place: Path, root: Path) -> packages.Parts:
    """What a scan of the artefact in `place` has to know, which was built of the work tree in
    `root`.
    """
    template = yaml.safe_load((place / TEMPLATE).read_text(encoding="utf-8"))
    functions = {name: place / f"{name}.zip" for name in coded(template) if name != LAYER}
    lock = (root / LOCK).read_text(encoding="utf-8")
    architecture = manifest.read(place).architecture
    return packages.Parts(
        functions, place / f"{LAYER}.zip", lock, architecture, packages.modules(root)
    )


def packed(template: Mapping[str, Any], architecture: Architecture) -> str:
    """The built template, with the names of zips where folders were, for one architecture alone."""
    found = dict(template)
    functions = found["Globals"]["Function"]
    found["Globals"] = found["Globals"] | {
        "Function": {name: value for name, value in functions.items() if name != "CodeUri"}
    }
    only = {"Default": architecture, "AllowedValues": [architecture]}
    parameters = found["Parameters"]
    found["Parameters"] = parameters | {"Architecture": parameters["Architecture"] | only}
    found["Resources"] = dict(found["Resources"])
    for name in coded(template):
        resource = found["Resources"][name]
        place = {CODE[resource["Type"]]: f"{name}.zip"}
        found["Resources"][name] = resource | {"Properties": resource["Properties"] | place}
    return plain(found)


def plain(template: Mapping[str, Any]) -> str:
    """A template as YAML, in its own order."""
    return yaml.dump(template, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)


class _Plain(yaml.SafeDumper):
    """Writes everything out: CloudFormation need not know YAML's references."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _keep(described: Manifest, made: Path, bundle: Path, into: Path) -> Path:
    """Move what was made to its place. What is dirty may be made again and again."""
    place = into / described.name
    archive = into / f"{described.name}.zip"
    if described.dirty:
        shutil.rmtree(place, ignore_errors=True)
    if not place.exists():
        bundle.replace(archive)
        made.rename(place)
    elif manifest.read(place).content != described.content:
        raise Refused(
            f"{place} was built of the same sources and has other parts: other tools have built "
            "it, or the build cannot be repeated. Remove it if it was never deployed."
        )
    return place


def _last_word_of(*line: str) -> str:
    return output_of(line).split()[-1]


def output_of(
    line: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """What a program prints. Raises Refused with the end of what it said."""
    try:
        done = subprocess.run(  # nosec B603: a fixed command
            line,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Refused(f"There is no {line[0]}: run make setup.") from error
    if done.returncode:
        said = done.stdout.strip().splitlines()[-TOLD_LINES:]
        raise Refused("\n".join([f"{Path(line[0]).name} failed:", *said]))
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """The command; its exit code. The last line it prints is the artefact's folder."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops build",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--architecture", choices=ARCHITECTURES, default="arm64", help="(%(default)s)"
    )
    parser.add_argument(
        "--dirty", action="store_true", help="with uncommitted changes, and marked so"
    )
    parser.add_argument("--into", type=Path, default=ROOT / ARTEFACTS, help="(%(default)s)")
    options = parser.parse_args(arguments)
    try:
        place = build(ROOT, options.into, options.architecture, Tools.of(ROOT), dirty=options.dirty)
        policy = packages.read(ROOT / packages.FILE)
        looked_at = quarantine.inspect(place, parts_of(place, ROOT), policy)
    except (Refused, Unreadable) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    _tell(manifest.read(place))
    print(f"nothing odd in {looked_at}")
    print(place)
    return 0


def _tell(built: Manifest) -> None:
    for name, part in built.parts.items():
        print(f"{part.size:>9,}  {part.sha256[:12]}  {name}")
    marked = ", with uncommitted changes" if built.dirty else ""
    print(f"commit {built.commit[:12]}{marked}, {built.architecture}, content {built.content[:12]}")
