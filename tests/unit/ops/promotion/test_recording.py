"""Recording that a gate was passed, and letting an artefact go on when all are."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion import listing, recording, tested
from skafu.ops.promotion.evidence import EvidenceStore
from skafu.ops.promotion.gates import STEPS
from skafu.ops.release.record import Evidence
from tests.support.clocks import NOON
from tests.support.clouds import CALLER
from tests.support.passed_gates import pass_gates
from tests.support.promoting import BUCKET, Place, artefact
from tests.support.reports import assessment, bandit, case, junit, load, tool

IDENTITY = "a" * 64


@dataclass
class Desk:
    """Somebody at work on one artefact."""

    folder: Path
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        self.manifest: Manifest = artefact(self.folder / "artefact")

    def file(self, name: str, told: object) -> str:
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    def evidence(self, gate: str, *more: str, environment: str = "development") -> int:
        line = [*self._line(environment), "--gate", gate, *more]
        return recording.main(line, self.place.make, lambda: NOON)

    def gates(self, *more: str, environment: str = "development") -> int:
        return listing.main([*self._line(environment), *more], self.place.make, lambda: NOON)

    def tested(self, environment: str = "development") -> int:
        return tested.main(self._line(environment), self.place.make, lambda: NOON)

    def found(self, environment: str = "development") -> dict[str, Evidence]:
        return self.store(environment).found(gate.name for gate in STEPS[environment].gates)

    def store(self, environment: str = "development") -> EvidenceStore:
        return EvidenceStore.of(self.place.account, environment, IDENTITY)

    def _line(self, environment: str) -> list[str]:
        return ["--environment", environment, "--artefact", str(self.folder / "artefact")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


# --- evidence -------------------------------------------------------------------------------------


def test_a_good_report_is_kept_with_the_figures_that_decided(desk: Desk) -> None:
    content = json.dumps(bandit()).encode()
    report = desk.file("bandit.json", content)
    link = "https://github.com/example/skafu/actions/runs/1"
    assert desk.evidence("security", "--report", report, "--link", link) == 0
    digest = hashlib.sha256(content).hexdigest()
    assert desk.found() == {
        "security": Evidence(
            gate="security",
            at=NOON,
            by=CALLER,
            summary="bandit: nothing in 1,000 lines",
            digest=digest,
            link=link,
        )
    }
    folder = f"evidence/development/{IDENTITY}"
    assert desk.place.bucket.written == [f"{folder}/reports/{digest}", f"{folder}/security.json"]
    assert desk.store().report(desk.found()["security"]) == content


def test_several_reports_are_kept_as_one_that_is_always_the_same(desk: Desk) -> None:
    quick = desk.file("quick.xml", junit(*map(case, ("unit", "contract", "functional"))).content)
    others = desk.file("others.xml", junit(case("property")).content)
    digests = []
    for _ in range(2):
        assert desk.evidence("unit", "--report", quick, "--report", others) == 0
        digests.append(desk.found()["unit"].digest)
    assert digests[0] == digests[1]
    with zipfile.ZipFile(io.BytesIO(desk.store().report(desk.found()["unit"]))) as kept:
        assert kept.namelist() == ["others.xml", "quick.xml"]
        assert kept.read("quick.xml") == Path(quick).read_bytes()


def test_reports_of_one_name_cannot_be_told_apart(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.folder / "x").mkdir()
    report = desk.file("bandit.json", bandit())
    other = desk.file("x/bandit.json", bandit())
    assert desk.evidence("security", "--report", report, "--report", other) == 1
    assert "Two reports have the same name" in said(capsys)


def test_a_report_that_fails_takes_the_place_of_what_was_seen_before(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    report = desk.file("bandit.json", bandit())
    assert desk.evidence("security", "--report", report) == 0
    bad = bandit({"test_id": "B602", "filename": "a.py", "line_number": 7})
    assert desk.evidence("security", "--report", desk.file("bandit.json", bad)) == 1
    assert "security is not passed in development: bandit: 1 findings" in said(capsys)
    assert not desk.found()
    [seen] = desk.store().seen(["security"]).values()
    assert not seen.passed and seen.summary == "bandit: 1 findings: B602 a.py:7"
    assert json.loads(desk.store().report(seen)) == bad
    assert desk.gates() == 1
    assert "security             failed   2023-11-15" in said(capsys)


def test_a_gate_that_failed_lets_nothing_on(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.place.account.records().keep_deployed("development", Mark.of(desk.manifest, NOON))
    pass_gates(desk.place.bucket, BUCKET, "development", IDENTITY)
    bad = bandit({"test_id": "B602", "filename": "a.py", "line_number": 7})
    assert desk.evidence("security", "--report", desk.file("bandit.json", bad)) == 1
    assert desk.gates() == 1 and desk.tested() == 1
    assert "it lacks security" in said(capsys)


def test_a_report_that_cannot_be_read_changes_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    report = desk.file("bandit.json", bandit())
    assert desk.evidence("security", "--report", report) == 0
    assert desk.evidence("security", "--report", desk.file("bandit.json", b"{")) == 1
    assert desk.evidence("security", "--report", str(desk.folder / "none.json")) == 1
    told = said(capsys)
    assert "is not a JSON report" in told and "none.json cannot be read" in told
    assert desk.found().keys() == {"security"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("end_to_end", "--waive", "x"), "end_to_end is no gate out of development; these are"),
        (("unit",), "either --report FILE, or --waive REASON"),
        (("unit", "--report", "a", "--waive", "b"), "either --report FILE, or --waive REASON"),
        (("unit", "--waive", " ", "--by", "Ana"), "A gate is left out for a reason"),
        (("unit", "--waive", "later"), "Somebody has to answer for a gate that is left out"),
        (("unit", "--report", "none", "--limits", "x"), "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    assert desk.evidence(*arguments) == 1
    assert told in said(capsys)
    assert not desk.place.bucket.objects


def test_the_change_window_takes_no_report(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for more in (("--report", "x"), ("--waive", "now", "--by", "Ana")):
        assert desk.evidence("change_window", *more, environment="staging") == 1
        assert "is looked at when an artefact is promoted" in said(capsys)


def test_a_dirty_artefact_needs_no_evidence(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    artefact(desk.folder / "artefact", dirty=True)
    assert desk.evidence("unit", "--waive", "x", "--by", "Ana") == 1
    assert "cannot be promoted" in said(capsys)


def test_a_gate_is_left_out_by_name_and_with_a_reason(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.evidence("unit", "--waive", "the runner is down", "--by", "Ana") == 0
    assert f"unit is left out in development: the runner is down (Ana ({CALLER}))" in said(capsys)
    [kept] = desk.found().values()
    assert (kept.waived, kept.by, kept.digest) == ("the runner is down", f"Ana ({CALLER})", None)
    assert desk.gates() == 1
    assert "unit                 waived" in said(capsys)


def test_a_real_report_takes_the_place_of_a_waiver(desk: Desk) -> None:
    assert desk.evidence("security", "--waive", "later", "--by", "Ana") == 0
    assert desk.evidence("security", "--report", desk.file("bandit.json", bandit())) == 0
    assert desk.found()["security"].waived is None


def test_a_tool_that_nobody_answered_is_accepted_by_name(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    unasked = tool("npm-audit", exit_code=1, findings=None, not_audited="nobody answers")
    report = desk.file("assessment.json", assessment(unasked))
    line = ("security_assessment", "--report", report, "--accept", "npm-audit=a mirror")
    assert desk.evidence(*line, environment="staging") == 1
    assert "Somebody has to answer for what is accepted" in said(capsys)
    assert desk.evidence(*line, "--by", "Ana", environment="staging") == 0
    [kept] = desk.found("staging").values()
    assert kept.waived == "npm-audit: a mirror" and kept.by == f"Ana ({CALLER})"
    assert kept.digest is not None


def test_other_gates_have_nothing_to_accept(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    report = desk.file("bandit.json", bandit())
    line = ("security", "--report", report, "--accept", "bandit=so what", "--by", "Ana")
    assert desk.evidence(*line) == 1
    assert "There is nothing to accept in security" in said(capsys)
    with pytest.raises(SystemExit):
        desk.evidence("security", "--report", report, "--accept", "bandit")


def test_other_limits_than_the_projects_are_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    report = desk.file("load.json", load(rate=5.0, sent_rate=5.0, seconds=5.0))
    assert desk.evidence("load", "--report", report, environment="staging") == 1
    limits: dict[str, object] = {"seconds": 5, "rate": 5, "points": 10, "error_share": 0}
    limits |= {"latency_ms": {"p50": 100, "p95": 200, "p99": 500}}
    path = desk.file("limits.yaml", {"staging": limits})
    assert desk.evidence("load", "--report", report, "--limits", path, environment="staging") == 0
    assert desk.found("staging")["load"].summary.endswith(f"(limits of {path})")
    scan = desk.file("bandit.json", bandit())
    assert desk.evidence("security", "--report", scan, "--limits", path) == 1
    assert "security has no limits" in said(capsys)


# --- the store ------------------------------------------------------------------------------------


def test_evidence_is_of_one_artefact_in_one_environment(desk: Desk) -> None:
    pass_gates(desk.place.bucket, BUCKET, "development", "b" * 64)
    pass_gates(desk.place.bucket, BUCKET, "staging", IDENTITY)
    assert not desk.found()
    assert len(desk.found("staging")) == 4


def test_a_report_that_is_another_one_is_not_kept(desk: Desk) -> None:
    told = Evidence(gate="unit", at=NOON, by="x", summary="x", digest="b" * 64)
    with pytest.raises(ValueError, match="the digest of the report is"):
        desk.store().keep(told, b"report")
    assert not desk.place.bucket.objects


def test_a_report_that_is_damaged_or_gone_is_missed(desk: Desk) -> None:
    assert desk.evidence("security", "--report", desk.file("bandit.json", bandit())) == 0
    kept = desk.found()["security"]
    key = f"evidence/development/{IDENTITY}/reports/{kept.digest}"
    desk.place.bucket.objects[key] += b" "
    with pytest.raises(Refused, match="The report for security is gone"):
        desk.store().report(kept)
    del desk.place.bucket.objects[key]
    with pytest.raises(Refused, match="The report for security is gone"):
        desk.store().report(kept)
    waived = kept.model_copy(update={"digest": None})
    with pytest.raises(Refused, match="There was no report for security"):
        desk.store().report(waived)


def test_evidence_that_is_damaged_is_none(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    pass_gates(desk.place.bucket, BUCKET, "development", IDENTITY)
    desk.place.bucket.objects[f"evidence/development/{IDENTITY}/unit.json"] = b'{"gate": "unit"}'
    assert desk.gates() == 1
    assert "The evidence for unit cannot be read" in said(capsys)


# --- gates ----------------------------------------------------------------------------------------


def test_gates_tell_what_is_there_and_what_lacks(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    pass_gates(desk.place.bucket, BUCKET, "development", IDENTITY, "review")
    assert desk.gates() == 1
    lines = said(capsys).splitlines()
    assert lines[0] == (
        "aaaaaaaaaaaa (commit cccccccccccc) from development to staging; approvers: Tech Lead, "
        "QA Lead; waits for nobody"
    )
    assert lines[1] == "unit                 passed   2023-11-15 12:00 UTC by arn:test"
    assert lines[2].strip() == "it is passed"
    assert lines[-1] == "review               lacking  it takes JSON of `review`"


def test_with_all_of_them_the_exit_code_is_good(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    pass_gates(desk.place.bucket, BUCKET, "staging", IDENTITY)
    windows = desk.file(
        "w.yaml",
        b"production: {time_zone: UTC, windows: [{days: [sat], "
        b"opens: '09:00', closes: '10:00'}]}",
    )
    assert desk.gates("--change-windows", windows, environment="staging") == 0
    told = said(capsys)
    assert "waits for approval of the GitHub environment" in told
    assert "change_window        closed   Wed 12:00 is outside of sat" in told


def test_programs_get_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.evidence("security", "--report", desk.file("bandit.json", bandit())) == 0
    capsys.readouterr()
    assert desk.gates("--json") == 1
    told: Any = json.loads(capsys.readouterr().out)
    assert (told["environment"], told["identity"], told["passed"]) == (
        "development",
        IDENTITY,
        False,
    )
    states: Sequence[str] = [each["state"] for each in told["gates"]]
    assert states == ["lacking", "lacking", "passed", "lacking", "lacking"]
    assert told["gates"][2]["evidence"]["by"] == CALLER


# --- tested ---------------------------------------------------------------------------------------


def test_nothing_is_tested_before_its_gates_are_passed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    records = desk.place.account.records()
    records.keep_deployed("development", Mark.of(desk.manifest, NOON))
    pass_gates(desk.place.bucket, BUCKET, "development", IDENTITY, "unit", "review")
    assert desk.tested() == 1
    assert "has not passed all gates of development; it lacks unit, review" in said(capsys)
    assert records.tested("development", IDENTITY) is None
    pass_gates(desk.place.bucket, BUCKET, "development", IDENTITY)
    assert desk.tested() == 0
    assert records.tested("development", IDENTITY) == Mark.of(desk.manifest, NOON)


def test_gates_alone_do_not_say_that_it_was_deployed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    pass_gates(desk.place.bucket, BUCKET, "development", IDENTITY)
    assert desk.tested() == 1
    assert "not the one that is deployed in development" in said(capsys)


def test_staging_is_tested_without_the_change_window(desk: Desk) -> None:
    desk.place.account.records().keep_deployed("staging", Mark.of(desk.manifest, NOON))
    pass_gates(desk.place.bucket, BUCKET, "staging", IDENTITY)
    assert desk.tested("staging") == 0
