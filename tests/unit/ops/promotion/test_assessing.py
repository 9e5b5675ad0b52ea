"""Assessing the security of an artefact's sources, with scripts in the tools' places."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import PATHS
from skafu.ops.promotion import assessing
from skafu.ops.promotion.assessing import Ended, identity_of, run
from skafu.ops.promotion.rules.assessment import TOOLS, Assessment, Tool
from tests.support.clocks import NOON
from tests.support.promoting import artefact
from tests.support.reports import bandit
from tests.support.repositories import repository

TEMPLATE = "Resources:\n  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}\n"
CLEAN_NPM = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 400}}}
AUDITED = (
    "requirements/dev.txt: 80 packages, 0 vulnerabilities\nlayers: 9 packages, 0 vulnerabilities"
)


def good() -> dict[str, Ended]:
    return {
        "bandit": Ended(0, json.dumps(bandit())),
        "cfn-lint": Ended(0, "[]"),
        "npm": Ended(0, json.dumps(CLEAN_NPM)),
        "skafu.ops": Ended(0, AUDITED),
        "zizmor": Ended(0, "[]"),
        "-c": Ended(0, '{"Resources": {}}'),
    }


@dataclass
class Bench:
    """A repository, its artefact, and what the programs would say."""

    folder: Path
    says: dict[str, Ended] = field(default_factory=good)
    lines: list[Sequence[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        files = {name: "" for name in PATHS if Path(name).suffix}
        folders = {f"{name}/x": "" for name in PATHS if not Path(name).suffix}
        workflow = {".github/workflows/check.yml": "on: push"}
        repository(self.folder / "root", files | folders | workflow)
        place = self.folder / "artefact"
        (place / "infrastructure").mkdir(parents=True)
        (place / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
        (place / "infrastructure" / "foundation.yaml").write_text("{}", encoding="utf-8")
        artefact(place, identity_of(self.folder / "root", "arm64"))

    def run(self, line: Sequence[str], folder: Path) -> Ended:
        assert folder == self.folder / "root"
        self.lines.append(line)
        [name] = [n for n in self.says if Path(line[0]).name == n or n in line[1:3]]
        return self.says[name]

    def assess(self) -> tuple[int, dict[str, Tool]]:
        report = self.folder / "assessment.json"
        line = ["--artefact", str(self.folder / "artefact"), "--report", str(report)]
        line += ["--root", str(self.folder / "root")]
        code = assessing.main(line, self.run, lambda: NOON)
        found = Assessment.model_validate_json(report.read_bytes())
        assert found.at == NOON
        return code, {each.name: each for each in found.tools}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_tools_that_find_nothing_make_a_clean_report(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    code, tools = bench.assess()
    assert code == 0 and tuple(tools) == TOOLS
    assert all(each.findings == 0 and each.not_audited is None for each in tools.values())
    looked = {each.name: each.looked_at for each in tools.values()}
    assert looked == {
        "bandit": "1,000 lines",
        "cfn-lint": "the transformed template and 1 stacks",
        "npm-audit": "400 packages",
        "pip-audit": "89 packages",
        "zizmor": "1 workflows",
    }
    assert "pip-audit  0 findings in 89 packages" in capsys.readouterr().out


def test_it_is_the_transformed_template_that_is_looked_at(bench: Bench) -> None:
    bench.says["-c"] = Ended(1, "", "Traceback\nInvalidDocumentException: what is this")
    code, tools = bench.assess()
    assert code == 1
    assert "cannot be transformed" in str(tools["cfn-lint"].not_audited)
    assert "what is this" in str(tools["cfn-lint"].not_audited)


WEAK = {"test_id": "B602", "filename": "a.py", "line_number": 7}
LINT = {"Rule": {"Id": "E3012"}, "Filename": "/x/transformed.json", "Message": "no"}
NPM = CLEAN_NPM | {"vulnerabilities": {"vite": {"severity": "high"}}}
PIP = "a.txt: 80 packages, 1 vulnerabilities\n  requests==2.19.0: CVE-2018-18074, fixed in 2.20"


@pytest.mark.parametrize(
    ("program", "ended", "name", "told"),
    [
        ("bandit", Ended(1, json.dumps(bandit(WEAK))), "bandit", "B602 a.py:7"),
        ("cfn-lint", Ended(2, json.dumps([LINT])), "cfn-lint", "E3012 transformed.json: no"),
        ("npm", Ended(1, json.dumps(NPM)), "npm-audit", "vite: high"),
        (
            "skafu.ops",
            Ended(1, PIP),
            "pip-audit",
            "requests==2.19.0: CVE-2018-18074, fixed in 2.20",
        ),
        ("zizmor", Ended(13, '[{"ident": "unpinned-uses"}]'), "zizmor", "unpinned-uses"),
    ],
)
def test_a_finding_is_counted_and_told(
    bench: Bench, program: str, ended: Ended, name: str, told: str
) -> None:
    bench.says[program] = ended
    code, tools = bench.assess()
    assert code == 1
    assert (tools[name].findings, tools[name].told) == (1, (told,))
    assert tools[name].not_audited is None


NOT_NPM = {"message": "405 Method Not Allowed", "error": {"summary": "nobody answers"}}
SKIPPED = "a.txt: 80 packages, 0 vulnerabilities\n  not audited: boto3==1.0"


@pytest.mark.parametrize(
    ("program", "ended", "name", "told"),
    [
        ("npm", Ended(1, json.dumps(NOT_NPM)), "npm-audit", "nobody answers"),
        ("npm", Ended(1, json.dumps({"message": "405"})), "npm-audit", "405"),
        (
            "npm",
            Ended(0, json.dumps({"metadata": {"dependencies": {"total": 0}}})),
            "npm-audit",
            "it has looked at no package",
        ),
        ("skafu.ops", Ended(1, "", "Not audited: no advisories"), "pip-audit", "no advisories"),
        ("skafu.ops", Ended(1, SKIPPED), "pip-audit", "1 packages, boto3==1.0 first"),
        ("skafu.ops", Ended(0, ""), "pip-audit", "exit code 0"),
        ("bandit", Ended(127, "", "no such file"), "bandit", "its answer is not understood"),
        ("bandit", Ended(0, json.dumps(bandit(lines=0))), "bandit", "it has looked at no line"),
        ("zizmor", Ended(1, "[]", "fatal: no audit was performed"), "zizmor", "fatal: no audit"),
        ("zizmor", Ended(0, "no JSON"), "zizmor", "its answer is not understood"),
        ("cfn-lint", Ended(0, '{"Rule": 1}'), "cfn-lint", "its answer is not understood"),
    ],
)
def test_what_could_not_look_is_not_audited(
    bench: Bench, program: str, ended: Ended, name: str, told: str
) -> None:
    bench.says[program] = ended
    code, tools = bench.assess()
    assert code == 1
    assert told in str(tools[name].not_audited)
    assert tools[name].findings is None


def test_what_is_found_beside_what_was_not_audited_is_not_forgotten(bench: Bench) -> None:
    bench.says["skafu.ops"] = Ended(1, f"{PIP}\n  not audited: boto3==1.0")
    _, tools = bench.assess()
    assert tools["pip-audit"].findings == 1
    assert tools["pip-audit"].not_audited == "1 packages, boto3==1.0 first"


def test_no_workflows_are_none_to_be_clean(bench: Bench) -> None:
    (bench.folder / "root/.github/workflows/check.yml").unlink()
    _, tools = bench.assess()
    assert "there are no workflows" in str(tools["zizmor"].not_audited)


def test_other_sources_than_the_artefacts_are_told(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    (bench.folder / "root/template.yaml").write_text("{Resources: {}}")
    code, tools = bench.assess()
    assert code == 1 and all(each.findings == 0 for each in tools.values())
    assert "These are not the sources of the artefact" in capsys.readouterr().err


def test_no_artefact_is_nothing_to_assess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--artefact", str(tmp_path), "--report", str(tmp_path / "a.json")]
    assert assessing.main(line) == 1
    assert "is not an artefact" in capsys.readouterr().err


def test_a_program_is_run_in_the_folder_and_a_missing_one_is_none(tmp_path: Path) -> None:
    ended: Any = run(["/bin/sh", "-c", "pwd; echo no >&2; exit 3"], tmp_path)
    assert ended == Ended(3, f"{tmp_path}\n", "no\n")
    assert run([str(tmp_path / "none")], tmp_path).code == 127
