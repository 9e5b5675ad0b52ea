import json
from pathlib import Path
from typing import Any

import pytest

from skafu.ops import audit
from skafu.ops.promotion.assessing import Ended
from skafu.ops.scan import advisories
from skafu.ops.scan.said import Said

CLEAN = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 12}}}


def npm(said: Any, err: str = "") -> Said:
    text = said if isinstance(said, str) else json.dumps(said)
    return advisories.npm(Path("."), Path("nowhere"), lambda *_: Ended(1, text, err))


def test_npm_says_how_much_it_has_looked_at() -> None:
    said = npm(CLEAN)
    assert said.is_clean and said.looked_at == "12 packages"


@pytest.mark.parametrize("severity", ["moderate", "high", "critical"])
def test_what_is_moderate_or_worse_is_a_finding(severity: str) -> None:
    said = npm({**CLEAN, "vulnerabilities": {"left-pad": {"severity": severity}}})
    assert said.findings == (f"left-pad: {severity}",)


@pytest.mark.parametrize("severity", ["info", "low"])
def test_what_is_less_is_told(severity: str) -> None:
    said = npm({**CLEAN, "vulnerabilities": {"left-pad": {"severity": severity}}})
    assert said.is_clean and said.notes == (f"left-pad: {severity}",)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"message": "405"}, "no advisories: 405"),
        ({"error": {"summary": "no such endpoint"}}, "no advisories: no such endpoint"),
        ({}, "no advisories: it ended"),
        ("", "not understood"),
        ("[]", "no advisories|not understood"),
        ({**CLEAN, "metadata": {"dependencies": {"total": 0}}}, "looked at no package"),
        ({**CLEAN, "vulnerabilities": {"a": {}}}, "not understood"),
    ],
)
def test_whom_npm_could_not_ask_is_not_audited(said: Any, told: str) -> None:
    found = npm(said, "it ended")
    assert found.not_audited is not None and not found.is_clean
    assert any(each in found.not_audited for each in told.split("|"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("a==1\nb==2\n", encoding="utf-8")
    return tmp_path


def answering(*told: str, vulnerable: str = "") -> audit.Ask:
    """Advisories about these packages, and about the one that everybody knows."""

    def ask(requirements: Path) -> str:
        if "requests" in requirements.read_text(encoding="utf-8"):
            known = [{"name": "requests", "version": "2.19.0", "vulns": [found("CVE-0")]}]
            return json.dumps({"dependencies": known})
        rows = [each.split("==") for each in told]
        return json.dumps(
            {
                "dependencies": [
                    {"name": n, "version": v, "vulns": [found("CVE-1")] if n == vulnerable else []}
                    for n, v in rows
                ]
            }
        )

    return ask


def found(name: str) -> dict[str, Any]:
    return {"id": name, "fix_versions": ["9"]}


def test_every_pinned_package_is_asked_about(root: Path) -> None:
    said = advisories.pypi(root, answering("a==1", "b==2"))
    assert said.is_clean and said.looked_at == "2 pinned packages"


def test_a_vulnerability_is_told_with_its_mend(root: Path) -> None:
    said = advisories.pypi(root, answering("a==1", "b==2", vulnerable="b"))
    assert said.findings == ("requirements/dev.txt: b==2: CVE-1, fixed in 9",)


def test_a_package_that_nobody_told_of_is_not_audited(root: Path) -> None:
    said = advisories.pypi(root, answering("a==1"))
    assert said.not_audited == "1 packages, requirements/dev.txt: b==2 first"


def test_a_source_without_advisories_is_no_answer(root: Path) -> None:
    said = advisories.pypi(root, lambda _: json.dumps({"dependencies": []}))
    assert said.not_audited is not None and "has no advisories" in said.not_audited
