from pathlib import Path

import pytest

from skafu.ops.scan.checks import FILE, Unreadable, read
from tests.support.transformed import ROOT

GOOD = """
required:
  - {says: Keys are rotated, checks: [CKV_AWS_7], cis: ["3.6"], why: an old key opens little}
elsewhere:
  CKV_AWS_18: the trail tells it
"""


def listed(folder: Path, text: str) -> Path:
    path = folder / "checks.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_check_is_found_with_what_it_is_for(tmp_path: Path) -> None:
    found = read(listed(tmp_path, GOOD))
    assert found.ids["CKV_AWS_7"].cis == ["3.6"]
    assert found.elsewhere == {"CKV_AWS_18": "the trail tells it"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("why: an old key opens little", "soc2: []", "why"),
        ('cis: ["3.6"], ', "", "nobody asks for this: Keys are rotated"),
        ("[CKV_AWS_7]", "[CKV_AWS_7, CKV_AWS_7]", "CKV_AWS_7 twice"),
        ("[CKV_AWS_7]", "[CKV_AWS_18]", "CKV_AWS_18 twice"),
        ("the trail tells it", '""', "elsewhere"),
        ("says:", "sais:", "sais"),
        ("required:", "required: [", "checks.yaml"),
    ],
)
def test_a_list_without_reasons_or_with_slips_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(Unreadable, match=told):
        read(listed(tmp_path, GOOD.replace(old, new)))


def test_the_list_serves_all_three_frameworks() -> None:
    found = read(ROOT / FILE)
    assert any(each.cis for each in found.required)
    assert any(each.soc2 for each in found.required)
    assert any(each.gdpr for each in found.required)
