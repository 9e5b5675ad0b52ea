import json
from pathlib import Path

import pytest

from skafu.ops.scan.command import SCANNERS, Scanner, main
from skafu.ops.scan.said import Failed, Said, output_of

CLEAN = Said("a", "3 lines")
FOUND = Said("b", "4 files", ("x is | y",), notes=("z is so",))
UNASKED = Said("c", "nothing", (), "no advisories: 405")


def saying(said: Said) -> Scanner:
    return lambda *_: said


def broken(*_: Path) -> Said:
    raise Failed("it ended with 3")


def ran(folder: Path, scanners: dict[str, Scanner], *arguments: str) -> int:
    return main(["--reports", str(folder / "reports"), *arguments], scanners)


def test_nothing_found_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(tmp_path, {"a": saying(CLEAN)}) == 0
    assert capsys.readouterr().out == "a          no findings: 3 lines\n"


def test_a_finding_fails_and_is_in_both_reports(tmp_path: Path) -> None:
    assert ran(tmp_path, {"a": saying(CLEAN), "b": saying(FOUND)}) == 1
    told = json.loads((tmp_path / "reports" / "security.json").read_text(encoding="utf-8"))
    assert [each["findings"] for each in told["scanners"]] == [[], ["x is | y"]]
    page = (tmp_path / "reports" / "security.md").read_text(encoding="utf-8")
    assert "| b | 1 | 4 files |" in page and "- x is | y\n- z is so" in page


def test_a_scanner_that_cannot_work_is_never_clean(tmp_path: Path) -> None:
    assert ran(tmp_path, {"a": saying(CLEAN), "b": broken}) == 1


def test_what_nobody_could_be_asked_about_is_told_and_fails_where_it_must_not_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, {"c": saying(UNASKED)}) == 0
    assert "not audited: no advisories: 405" in capsys.readouterr().out
    assert "clean" not in (tmp_path / "reports" / "security.md").read_text(encoding="utf-8")
    assert ran(tmp_path, {"c": saying(UNASKED)}, "--audited") == 1


def test_one_scanner_can_be_asked_alone(tmp_path: Path) -> None:
    assert ran(tmp_path, {"a": saying(CLEAN), "b": broken}, "--only", "a") == 0


def test_many_findings_are_told_in_part_and_reported_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = Said("a", "all", tuple(f"n{number}" for number in range(30)))
    ran(tmp_path, {"a": saying(many)})
    assert "and 10 more" in capsys.readouterr().out
    assert "- n29" in (tmp_path / "reports" / "security.md").read_text(encoding="utf-8")


def test_everything_that_skafu_is_made_of_has_a_scanner() -> None:
    assert set(SCANNERS) == {"secrets", "checkov", "packages", "bandit", "pip-audit", "npm-audit"}


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="sh ended with 3: so it is"):
        output_of(["/bin/sh", "-c", "echo so it is >&2; exit 3"], tmp_path)
    with pytest.raises(Failed, match="there is no nowhere"):
        output_of(["nowhere"], tmp_path)
    assert output_of(["/bin/sh", "-c", "cat"], tmp_path, "given") == "given"
