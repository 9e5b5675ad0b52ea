"""The quality gate: without a server, by reports; on a server, by its web API."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.quality.command import PROJECT, main
from skafu.ops.quality.coverage import Covered, cobertura, lcov
from skafu.ops.quality.gate import FILE, Gate, read
from skafu.ops.quality.server import apply, calling
from tests.support.transformed import ROOT

XML = """<coverage><packages><package><classes><class><lines>
<line number="1" hits="1"/>
<line number="2" hits="{hits}" branch="true" condition-coverage="50% (1/2)"/>
</lines></class></classes></package></packages></coverage>"""
LCOV = "SF:a.ts\nBRF:4\nBRH:4\nLF:8\nLH:8\nend_of_record\nSF:b.ts\nLF:2\nLH:1\nend_of_record\n"
GATE = read(ROOT / FILE)


def weak(severity: str) -> dict[str, str]:
    return {"issue_severity": severity}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A work tree whose tests have run: 14 of 16 covered."""
    (tmp_path / "security").mkdir()
    (tmp_path / FILE).write_bytes((ROOT / FILE).read_bytes())
    reports = tmp_path / ".reports"
    (reports / "console").mkdir(parents=True)
    (reports / "coverage.xml").write_text(XML.format(hits=1), encoding="utf-8")
    (reports / "console" / "lcov.info").write_text(LCOV, encoding="utf-8")
    scanned(tmp_path)
    return tmp_path


def scanned(root: Path, *found: Mapping[str, str]) -> None:
    told = json.dumps({"results": list(found)})
    (root / ".reports" / "bandit.json").write_text(told, encoding="utf-8")


def quality(root: Path) -> int:
    return main(["--root", str(root)], {})


def test_lines_and_branches_of_all_languages_count_together(root: Path) -> None:
    backend = cobertura(root / ".reports" / "coverage.xml")
    assert backend == Covered(lines=2, lines_run=2, branches=2, branches_run=1)
    console = lcov(root / ".reports" / "console" / "lcov.info")
    assert console == Covered(lines=10, lines_run=9, branches=4, branches_run=4)
    assert round((backend + console).percent, 1) == 88.9


def test_what_is_covered_and_clean_passes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quality(root) == 0
    assert "passes coverage: 88.9 % (backend 75.0, console 92.9)" in capsys.readouterr().out


def test_too_little_coverage_fails(root: Path) -> None:
    thin = LCOV.replace("LH:8", "LH:1").replace("BRH:4", "BRH:0")
    (root / ".reports" / "console" / "lcov.info").write_text(thin, encoding="utf-8")
    assert quality(root) == 1


@pytest.mark.parametrize("severity", ["LOW", "MEDIUM", "HIGH"])
def test_a_finding_that_nobody_judged_fails(
    root: Path, severity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scanned(root, weak(severity))
    assert quality(root) == 1
    found = capsys.readouterr().out
    assert ("fails  vulnerabilities" in found) == (severity != "LOW")
    assert "fails  security_hotspots_reviewed" in found


@pytest.mark.parametrize("name", ["coverage.xml", "console/lcov.info", "bandit.json"])
def test_a_report_that_is_missing_is_no_good_one(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".reports" / name).unlink()
    assert quality(root) == 1
    assert f"There is no {Path(name).name} to read" in capsys.readouterr().err


def test_a_run_without_tests_covers_nothing() -> None:
    with pytest.raises(Refused, match="nothing to cover"):
        assert Covered().percent


def test_the_gate_is_the_seeds() -> None:
    asked = {each.metric: (each.op, each.error) for each in GATE.conditions}
    assert asked["vulnerabilities"] == ("GT", 0)
    assert asked["security_hotspots_reviewed"] == ("LT", 100)
    assert asked["code_smells"] == ("GT", 49)
    assert asked["coverage"] == ("LT", 80)


class Sonar:
    """A server with the gate that every server has, which answers as the web API does."""

    def __init__(self) -> None:
        self.gates: dict[str, list[dict[str, Any]]] = {"Sonar way": []}
        self.held = "Sonar way"
        self.changes: list[str] = []

    def __call__(self, method: str, path: str, given: Mapping[str, str]) -> Any:
        what = path.removeprefix("api/qualitygates/")
        if method == "POST":
            self.changes.append(what)
            self._change(what, dict(given))
            return None
        if what == "list":
            return {"qualitygates": [{"name": name} for name in self.gates]}
        if what == "show":
            return {"conditions": [dict(each) for each in self.gates[given["name"]]]}
        assert what == "get_by_project"
        return {"qualityGate": {"name": self.held}}

    def _change(self, what: str, given: dict[str, str]) -> None:
        everywhere = [each for gate in self.gates.values() for each in gate]
        if what == "create":
            own = {"id": "1", "metric": "new_violations", "op": "GT", "error": "0"}
            self.gates[given["name"]] = [own]
        elif what == "create_condition":
            gate = self.gates[given.pop("gateName")]
            gate.append({"id": str(len(everywhere) + 1), **given})
        elif what == "update_condition":
            [each] = [each for each in everywhere if each["id"] == given["id"]]
            each.update(given)
        elif what == "delete_condition":
            for gate in self.gates.values():
                gate[:] = [each for each in gate if each["id"] != given["id"]]
        elif what == "select":
            assert given["projectKey"] == PROJECT
            self.held = given["gateName"]


def asked(sonar: Sonar) -> dict[str, tuple[str, str]]:
    return {each["metric"]: (each["op"], each["error"]) for each in sonar.gates[GATE.name]}


WANTED = {each.metric: (each.op, str(each.error)) for each in GATE.conditions}


def test_a_server_gets_the_gate_and_the_project_is_held_to_it() -> None:
    sonar = Sonar()
    assert list(apply(GATE, PROJECT, sonar))
    assert asked(sonar) == WANTED and sonar.held == GATE.name


def test_again_it_changes_nothing() -> None:
    sonar = Sonar()
    list(apply(GATE, PROJECT, sonar))
    sonar.changes.clear()
    assert not list(apply(GATE, PROJECT, sonar))
    assert not sonar.changes


def test_what_somebody_has_changed_by_hand_is_put_right() -> None:
    sonar = Sonar()
    list(apply(GATE, PROJECT, sonar))
    sonar.gates[GATE.name][0]["error"] = "12"
    sonar.gates[GATE.name].pop()
    assert len(list(apply(GATE, PROJECT, sonar))) == 2
    assert asked(sonar) == WANTED


def test_the_server_is_that_of_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--server"], {}, Sonar()) == 1
    assert "SONAR_HOST_URL is not set" in capsys.readouterr().err
    there = {"SONAR_HOST_URL": "https://sonar.example", "SONAR_TOKEN": "t"}
    sonar = Sonar()
    assert main(["--server"], there, sonar) == 0
    assert main(["--server"], there, sonar) == 0
    assert capsys.readouterr().out.endswith("nothing to change\n")


def test_only_the_web_is_called() -> None:
    with pytest.raises(Refused, match="is no address of a server"):
        calling("file:///etc", "t")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("op: GT", "op: EQ", "op"),
        ("metric: bugs", "metric: coverage", "twice"),
        ("why:", "reason:", "why"),
    ],
)
def test_a_gate_that_is_not_understood_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text((ROOT / FILE).read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match=told):
        read(path)
    with pytest.raises(Refused, match="asks nothing of lines"):
        Gate.of(GATE, "lines")
