"""Assess the security of what an artefact was built from: the code (bandit), the template that
CloudFormation gets (cfn-lint), other people's packages (pip-audit for the functions and the tools,
npm audit for the console), the workflows (zizmor). The report is what the gate security_assessment
takes.

A tool that could not look, or could not reach its advisories, is "not audited", which is never
clean. The exit code is 1 unless every tool has looked and found nothing.
"""

import argparse
import json
import subprocess  # nosec B404: it runs the tools
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from skafu.ops.artefact import manifest as manifests
from skafu.ops.artefact.build import CODE, TEMPLATE, coded
from skafu.ops.artefact.frontend import Node
from skafu.ops.artefact.sources import Refused, export
from skafu.ops.artefact.upload import opened
from skafu.ops.generated import ROOT
from skafu.ops.promotion.rules import scans
from skafu.ops.promotion.rules.assessment import Assessment, Tool
from skafu.shared.clock import Clock, system_clock

SCANNED = ("backend", "local", "benchmarks")
TOLD = 20

type Run = Callable[[Sequence[str], Path], "Ended"]
"""Runs a program in a folder."""


@dataclass(frozen=True)
class Ended:
    """What a program said, and its exit code; 127 for one that is not there."""

    code: int
    out: str
    err: str = ""

    def json(self) -> Any:
        """What it printed. Raises ValueError for anything but JSON."""
        return json.loads(self.out)


def run(line: Sequence[str], folder: Path) -> Ended:
    """Run a program."""
    try:
        done = subprocess.run(  # nosec B603: fixed commands
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        return Ended(127, "", str(error))
    return Ended(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Assessor:
    """Looks at the sources in `root`, and at an artefact's template. `programs` is the folder of
    the tools, `npm` the line that runs npm.
    """

    root: Path
    template: Path
    programs: Path
    npm: Sequence[str]
    run: Run = run

    def tools(self) -> tuple[Tool, ...]:
        """What each of them says."""
        looks = {
            "bandit": self._bandit,
            "cfn-lint": self._cfn_lint,
            "npm-audit": self._npm_audit,
            "pip-audit": self._pip_audit,
            "zizmor": self._zizmor,
        }
        return tuple(_looked(name, look) for name, look in looks.items())

    def _bandit(self) -> Tool:
        options = ["--quiet", "--recursive", "--configfile", "pyproject.toml", "--format", "json"]
        ended = self._ran("bandit", *options, *SCANNED)
        said = ended.json()
        scans.bandit(said)  # refuses a scan of nothing
        lines = said["metrics"]["_totals"]["loc"]
        found = [f"{x['test_id']} {x['filename']}:{x['line_number']}" for x in said["results"]]
        unread = [f"not read: {each['filename']}" for each in said["errors"]]
        return _tool("bandit", ended, found + unread, f"{lines:,} lines")

    def _cfn_lint(self) -> Tool:
        names = sorted(self.template.parent.glob("infrastructure/*.yaml"))
        with tempfile.TemporaryDirectory() as scratch:
            transformed = Path(scratch, "transformed.json")
            transformed.write_text(self._transformed(), encoding="utf-8")
            paths = [str(path) for path in (transformed, *names)]
            ended = self._ran("cfn-lint", "--format", "json", *paths)
        found = [
            f"{each['Rule']['Id']} {Path(each['Filename']).name}: {each['Message']}"
            for each in ended.json()
        ]
        about = f"the transformed template and {len(names)} stacks"
        return _tool("cfn-lint", ended, found, about)

    def _transformed(self) -> str:
        """The template as CloudFormation gets it. SAM's translator looks up AWS's managed policies
        nowhere: the template names none. Raises ValueError with what the translator complains of.
        """
        template = yaml.safe_load(self.template.read_text(encoding="utf-8"))
        for name in coded(template):
            resource = template["Resources"][name]
            resource["Properties"][CODE[resource["Type"]]] = f"s3://artefacts/{name}"
        line = [str(self.programs / "python"), "-c", TRANSFORM]
        with tempfile.TemporaryDirectory() as scratch:
            given = Path(scratch, "template.json")
            given.write_text(json.dumps(template, default=str), encoding="utf-8")
            ended = self.run([*line, str(given)], self.root)
        if ended.code:
            raise ValueError(f"the template cannot be transformed: {_last(ended)}")
        return ended.out

    def _npm_audit(self) -> Tool:
        ended = self.run([*self.npm, "--prefix", "frontend", "audit", "--json"], self.root)
        said = ended.json()
        if "error" in said or "metadata" not in said:
            told = said.get("error", {}).get("summary") or said.get("message") or _last(ended)
            return _unasked("npm-audit", ended, str(told))
        packages = said["metadata"]["dependencies"]["total"]
        if not packages:
            return _unasked("npm-audit", ended, "it has looked at no package")
        found = [f"{name}: {each['severity']}" for name, each in said["vulnerabilities"].items()]
        return _tool("npm-audit", ended, found, f"{packages} packages")

    def _pip_audit(self) -> Tool:
        # Not pip-audit itself: this one knows whether it was answered (ops/audit.py).
        ended = self._ran("python", "-m", "skafu.ops", "audit")
        lines = ended.out.splitlines()
        packages = sum(int(each.split()[1]) for each in lines if each.endswith("vulnerabilities"))
        missing = [each.strip() for each in lines if each.startswith("  not audited: ")]
        found = [each.strip() for each in lines if each.startswith("  ")]
        found = [each for each in found if each not in missing]
        if ended.err.startswith("Not audited: ") or not packages:
            return _unasked("pip-audit", ended, _last(ended).removeprefix("Not audited: "))
        if missing:
            told = f"{len(missing)} packages, {missing[0].removeprefix('not audited: ')} first"
            return _unasked("pip-audit", ended, told, found)
        return _tool("pip-audit", ended, found, f"{packages} packages")

    def _zizmor(self) -> Tool:
        workflows = sorted(str(path) for path in (self.root / ".github").rglob("*.yml"))
        if not workflows:
            raise ValueError("there are no workflows")
        options = ["--offline", "--strict-collection", "--persona", "auditor", "--quiet"]
        strict = [*options, "--no-config", "--no-ignores", "--format", "json"]
        ended = self._ran("zizmor", *strict, *workflows)
        found = [str(each["ident"]) for each in ended.json()]
        return _tool("zizmor", ended, found, f"{len(workflows)} workflows")

    def _ran(self, program: str, *options: str) -> Ended:
        return self.run([str(self.programs / program), *options], self.root)


TRANSFORM = """
import json, sys
import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
given = json.load(open(sys.argv[1], encoding="utf-8"))
session = boto3.Session(region_name="us-east-1")
made = Translator({}, Parser(), boto_session=session).translate(given, {"Environment": "production"})
json.dump(made, sys.stdout)
"""


def _looked(name: str, look: Callable[[], Tool]) -> Tool:
    """What a tool says; one whose answer is not understood has not looked."""
    try:
        return look()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        return _unasked(name, Ended(1, ""), f"its answer is not understood: {error}")


def _tool(name: str, ended: Ended, found: Sequence[str], about: str) -> Tool:
    if ended.code and not found:
        return _unasked(name, ended, _last(ended))
    told = tuple(found[:TOLD])
    return Tool(name=name, exit_code=ended.code, findings=len(found), looked_at=about, told=told)


def _unasked(name: str, ended: Ended, why: str, found: Sequence[str] = ()) -> Tool:
    return Tool(
        name=name,
        exit_code=ended.code,
        findings=len(found) or None,
        looked_at="nothing",
        not_audited=why or "it has said nothing",
        told=tuple(found[:TOLD]),
    )


def _last(ended: Ended) -> str:
    said = (ended.err.strip() or ended.out.strip()).splitlines()
    return said[-1] if said else f"exit code {ended.code}"


def identity_of(root: Path, architecture: str) -> str:
    """Of the sources as they are in a work tree, which is what the tools look at."""
    with tempfile.TemporaryDirectory() as scratch:
        return export(root, Path(scratch, "sources"), dirty=True).identity(architecture)


def line(tool: Tool) -> str:
    """A tool, for people."""
    if tool.not_audited is not None:
        return f"{tool.name:10} not audited: {tool.not_audited}"
    return f"{tool.name:10} {tool.findings} findings in {tool.looked_at}"


def main(arguments: Sequence[str], run: Run = run, clock: Clock = system_clock) -> int:
    """The command; its exit code."""
    options = _parser().parse_args(arguments)
    programs = Path(sys.executable).parent
    npm = [Node.of(options.root, programs).npm]
    try:
        with opened(options.artefact) as folder:
            manifest = manifests.read(folder)
            tools = Assessor(options.root, folder / TEMPLATE, programs, npm, run).tools()
        identity = identity_of(options.root, manifest.architecture)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    found = Assessment(identity=identity, at=clock(), tools=tools)
    options.report.write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for tool in tools:
        print("\n".join([line(tool), *(f"  {each}" for each in tool.told)]))
    if identity != manifest.identity:
        print("These are not the sources of the artefact.", file=sys.stderr)
    clean = all(tool.findings == 0 and not tool.exit_code for tool in tools)
    return 0 if clean and identity == manifest.identity else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops assess",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--artefact", required=True, type=Path, metavar="PATH", help="its folder or its .zip"
    )
    parser.add_argument("--report", required=True, type=Path, metavar="FILE")
    parser.add_argument(
        "--root", type=Path, default=ROOT, metavar="PATH", help="its sources (%(default)s)"
    )
    return parser
