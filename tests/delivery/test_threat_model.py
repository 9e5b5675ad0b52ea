"""The threat model names its proofs, and they exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/threat-model.md"
TEXT = PAGE.read_text("utf-8")
PROOFS = sorted(set(re.findall(r"\[`([^`]+)`]\(([^)#]+)\)", TEXT)))
CATEGORIES = (
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
)


def rows(category: str) -> list[list[str]]:
    """Threat, what is done and proof of each row of a category's table."""
    section = TEXT.partition(f"\n## {category}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.parametrize(("name", "path"), PROOFS)
def test_each_proof_is_there(name: str, path: str) -> None:
    found = (PAGE.parent / path).resolve()
    assert found.is_file(), path
    text = found.read_text("utf-8")
    if name.startswith("test_"):
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{path} has no {name}"
    else:
        assert name in text, f"{path} does not name {name}"


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_threat_has_something_done_about_it_and_a_proof(category: str) -> None:
    found = rows(category)
    assert found
    for row in found:
        threat, done, proof = row
        assert threat and done, row
        assert re.search(r"\[`[^`]+`]\([^)]+\)", proof), f"{threat}: no proof"


def test_every_file_of_attacks_on_tenants_is_a_proof_of_something() -> None:
    named = {Path(path).name for _, path in PROOFS if "isolation" in path}
    there = {path.name for path in (ROOT / "tests/functional/isolation").glob("test_*.py")}
    assert named == there
