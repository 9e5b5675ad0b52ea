import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.audit import KNOWN, Ask, Unanswered, judge, report

LOCK = "one==1.0 \\\n    --hash=sha256:00\nTwo_Parts==2.1 \\\n    --hash=sha256:11\n"
OF_ONE = {"name": "one", "version": "1.0", "vulns": []}
OF_TWO = {"name": "two-parts", "version": "2.1", "vulns": []}
OF_KNOWN = {
    "name": "requests",
    "version": "2.19.0",
    "vulns": [{"id": "CVE-2018-18074", "fix_versions": ["2.20.0"]}],
}


def said(*dependencies: Mapping[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def source(known: str, locks: str) -> Ask:
    """It says one thing of the release that is known, another of every lock."""
    return lambda file: known if file.read_text(encoding="utf-8") == KNOWN else locks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A work tree with one lock."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text(LOCK)
    return tmp_path


def test_packages_that_all_were_told_of_are_clean() -> None:
    verdict = judge(LOCK, said(OF_ONE, OF_TWO))
    assert verdict.is_clean and verdict.packages == 2


def test_a_vulnerability_is_named_with_what_fixes_it() -> None:
    verdict = judge(LOCK + KNOWN, said(OF_ONE, OF_TWO, OF_KNOWN))
    assert not verdict.is_clean
    assert verdict.vulnerable == ("requests==2.19.0: CVE-2018-18074, fixed in 2.20.0",)


def test_a_package_that_was_skipped_is_not_audited() -> None:
    skipped = {"name": "two-parts", "skip_reason": "Dependency not found on PyPI"}
    assert judge(LOCK, said(OF_ONE, skipped)).unaudited == ("two-parts==2.1",)


def test_a_package_that_the_answer_leaves_out_is_not_audited() -> None:
    assert judge(LOCK, said(OF_ONE)).unaudited == ("two-parts==2.1",)


def test_another_version_than_the_pinned_one_says_nothing() -> None:
    assert judge(LOCK, said(OF_ONE | {"version": "0.9"}, OF_TWO)).unaudited == ("one==1.0",)


@pytest.mark.parametrize("answer", ["", "no", "[]", "{}", '{"dependencies": [{"vulns": []}]}'])
def test_an_answer_of_another_shape_is_none(answer: str) -> None:
    with pytest.raises(Unanswered):
        judge(LOCK, answer)


def test_a_file_that_pins_nothing_is_not_clean() -> None:
    with pytest.raises(Unanswered):
        judge("# empty\n", said())


def test_clean_locks_succeed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(root, source(said(OF_KNOWN), said(OF_ONE, OF_TWO))) == 0
    assert "requirements/dev.txt: 2 packages, 0 vulnerabilities" in capsys.readouterr().out


def test_a_vulnerable_lock_fails(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = OF_ONE | {"vulns": [{"id": "PYSEC-1", "fix_versions": []}]}
    assert report(root, source(said(OF_KNOWN), said(bad, OF_TWO))) == 1
    assert "one==1.0: PYSEC-1, fixed in no version yet" in capsys.readouterr().out


def test_a_lock_that_was_told_of_in_part_fails(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(root, source(said(OF_KNOWN), said(OF_TWO))) == 1
    assert "not audited: one==1.0" in capsys.readouterr().out


def test_a_source_without_advisories_audits_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    innocent = said(OF_KNOWN | {"vulns": []})
    assert report(root, source(innocent, said(OF_ONE, OF_TWO))) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("Not audited: ") and printed.out == ""


def test_a_source_that_does_not_answer_audits_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: Path) -> str:
        raise Unanswered("no connection")

    assert report(root, refuse) == 1
    assert capsys.readouterr().err == "Not audited: no connection\n"


def test_a_work_tree_without_locks_is_not_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(tmp_path, source(said(OF_KNOWN), said())) == 1
    assert "there is no lock" in capsys.readouterr().err
