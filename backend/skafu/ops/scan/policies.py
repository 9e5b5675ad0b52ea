"""Templates against the policies of security/checks.yaml, by checkov in an environment of its own.

Its whole answer is judged here: a required check that fails, one that this checkov does not have,
a file that it could not read. A required check that looked at nothing is fine: there is no such
resource yet.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.scan import templates
from skafu.ops.scan.checks import FILE, Checks, read
from skafu.ops.scan.said import Failed, Said, output_of

PROGRAM = Path(__file__).with_name("checkov_program.py")
PYTHON = Path(".local/tools/checkov/bin/python")

type Ask = Callable[[Path], str]
"""What checkov_program.py prints about a folder of templates. Raises Failed."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Result(_Part):
    """Of one check at one resource."""

    check: str
    name: str
    result: Literal["PASSED", "FAILED", "SKIPPED", "UNKNOWN"]
    file: str
    resource: str


class Answer(_Part):
    """What checkov_program.py prints."""

    version: str
    known: Annotated[list[str], Field(min_length=1)]
    results: Annotated[list[Result], Field(min_length=1)]
    unread: list[str]


def scan(root: Path, ask: Ask | None = None) -> Said:
    """What checkov says of a work tree's templates. Raises Failed, Unreadable, and Misplaced for a
    suppression that is not understood.
    """
    checks = read(root / FILE)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        names = templates.write(folder, templates.rendered(root))
        answer = (ask or _asked(root))(folder)
    try:
        return judge(checks, Answer.model_validate_json(answer), names)
    except ValidationError as error:
        raise Failed(f"checkov's answer is not understood: {error.errors()[0]['msg']}") from error


def _asked(root: Path) -> Ask:
    return lambda folder: output_of([root / PYTHON, "-P", PROGRAM, folder], root)


def judge(checks: Checks, answer: Answer, names: Mapping[str, str]) -> Said:
    """The verdict; `names` are those of the templates by their files."""
    known = set(answer.known)
    unknown = sorted({*checks.ids, *checks.elsewhere} - known)
    findings = [f"{each}: checkov {answer.version} has no such check" for each in unknown]
    findings += [f"not read: {names.get(each, each)}" for each in sorted(answer.unread)]
    failed = [each for each in answer.results if each.result == "FAILED"]
    required = [each for each in failed if each.check in checks.ids]
    findings += _places(required, names)
    idle = sorted(set(checks.elsewhere) - {each.check for each in failed} - set(unknown))
    findings += [
        f"{each} is not required, and nothing fails it: no reason is needed" for each in idle
    ]
    passed = Counter(each.result for each in answer.results)
    about = (
        f"{len(names)} templates, {passed['PASSED']} checks passed, {passed['SKIPPED']} suppressed"
        f" at their resources"
    )
    return Said("checkov", about, tuple(findings), notes=tuple(_not_required(checks, failed)))


def _places(failed: Iterable[Result], names: Mapping[str, str]) -> list[str]:
    """A line for each check at each resource of a template, and in which environments it fails."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for each in failed:
        template, _, environment = names.get(each.file, each.file).partition(":")
        found.setdefault((each.check, template, each.resource, each.name), []).append(environment)
    return [
        f"{check} {template} {resource}{f' ({', '.join(places)})' if any(places) else ''}: {name}"
        for (check, template, resource, name), places in sorted(found.items())
    ]


def _not_required(checks: Checks, failed: Iterable[Result]) -> Iterable[str]:
    counted = Counter((each.check, each.name) for each in failed if each.check not in checks.ids)
    for (check, name), count in sorted(counted.items()):
        why = checks.elsewhere.get(check, "no reason is given")
        yield f"not required: {check} fails {count} times ({name}): {why}"
