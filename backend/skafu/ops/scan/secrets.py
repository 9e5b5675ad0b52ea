"""Secrets in the tracked files of a work tree, by the detect-secrets that comes with checkov.

What looks like a secret and is none has a rule in security/secrets.yaml: which kind, in which
files, what the line looks like, why. A rule that nothing needs is a finding: it would hide the
next one. Locks are looked at line by line here: a hash of 64 digits is what they are made of.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.scan.checks import Text, Unreadable
from skafu.ops.scan.said import Failed, Said, output_of

FILE = "security/secrets.yaml"
PROGRAM = Path(__file__).with_name("secrets_program.py")
PYTHON = Path(".local/tools/checkov/bin/python")
PINS = re.compile(
    r"(?:[a-z0-9._-]+(?:\[[a-z0-9,_-]+])?==\S+(?: ; [^\"]*(?:\"[\w.]+\"[^\"]*)*)?|"
    r"    --hash=sha256:[0-9a-f]{64})(?: \\)?"
)
"""A line of requirements as `make lock` writes it."""
type Ask = Callable[[Sequence[str]], str]
"""What secrets_program.py prints about these files. Raises Failed."""


class Rule(BaseModel):
    """What is no secret. `files` is a shell pattern whose * crosses folders; `line` is a regular
    expression that is found in the line. `sometimes` is for what is generated anew and does not
    always look random: such a rule may be without need for a while.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kinds: Annotated[list[Text], Field(min_length=1)]
    files: Text
    line: Text = "."
    why: Text
    sometimes: bool = False

    def covers(self, candidate: "Candidate", line: str) -> bool:
        return (
            candidate.kind in self.kinds
            and fnmatchcase(candidate.file, self.files)
            and re.search(self.line, line) is not None
        )


class Candidate(BaseModel):
    """What looks like a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    line: int
    kind: str


class Rules(BaseModel):
    """security/secrets.yaml. `generated` are files that a check compares with what they are made
    of, so that nobody has written into them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    generated: list[Text]
    rules: list[Rule]


def read(path: Path) -> Rules:
    """The rules. Raises Unreadable."""
    try:
        return Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Unreadable(f"{path.name}: {error}") from error


def tracked(root: Path) -> list[str]:
    """Files that git knows and that are there. Raises Failed."""
    names = output_of(["git", "ls-files", "-z"], root).split("\0")
    return [name for name in names if name and (root / name).is_file()]


def scan(root: Path, ask: Ask | None = None) -> Said:
    """What looks like a secret in a work tree and is not known to be none. Raises Failed."""
    rules = read(root / FILE)
    files = [each for each in tracked(root) if each not in rules.generated]
    files = [each for each in files if not is_lock(root / each)]
    answer = (ask or _asked(root))(files)
    try:
        found = [Candidate.model_validate(each) for each in json.loads(answer)]
    except (ValueError, TypeError) as error:
        raise Failed("the answer of detect-secrets is not understood") from error
    return judge(root, rules.rules, found, len(files))


def _asked(root: Path) -> Ask:
    return lambda files: output_of([root / PYTHON, "-P", PROGRAM], root, "\n".join(files))


def is_lock(path: Path) -> bool:
    """Whether a file is nothing but pins and their hashes."""
    if path.name == "package-lock.json":
        return True  # what is not a hash in it is a name, a version or a licence
    if path.suffix != ".txt" or "requirements" not in f"{path.parent.name}/{path.name}":
        return False
    lines = path.read_text(encoding="utf-8").splitlines()
    return bool(lines) and all(PINS.fullmatch(line) for line in lines)


def judge(root: Path, rules: Sequence[Rule], found: Iterable[Candidate], files: int) -> Said:
    """The verdict; lines are read from the work tree."""
    findings, needed, known = [], set(), 0
    for candidate in found:
        lines = (root / candidate.file).read_text(encoding="utf-8").splitlines()
        line = lines[candidate.line - 1] if 0 < candidate.line <= len(lines) else ""
        covering = [n for n, rule in enumerate(rules) if rule.covers(candidate, line)]
        needed.update(covering[:1])
        known += bool(covering)
        if not covering:
            findings.append(f"{candidate.file}:{candidate.line}: {candidate.kind}")
    idle = [rule for n, rule in enumerate(rules) if n not in needed and not rule.sometimes]
    findings += [f"nothing needs the rule for {', '.join(r.kinds)} in {r.files}" for r in idle]
    about = f"{files} tracked files, {known} places known to be no secret"
    return Said("secrets", about, tuple(sorted(findings)))
