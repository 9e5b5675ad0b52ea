"""Data do not roll back: who changes what is stored says which releases can read it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.manifest import DataFormat
from tests.architecture.stored_format import FORMAT, RECORDED, differences, main, stored

RECORD: Mapping[str, Any] = json.loads(RECORDED.read_text("utf-8"))
ADVICE = """
What is stored is not what was recorded for data format {writes}:
  {changed}
The release before this one runs beside it during a deployment, and again after a rollback. Can it
read what this one writes? If not, first let a release read it and go on writing the old format
(add the new number to `reads` in backend/skafu/data_format.json), and only a later one write it
(raise `writes`): docs/delivery.md, "What is stored". Then record it:
  PYTHONPATH=backend:. python -m tests.architecture.stored_format [--readable WHY]
"""


def test_whatever_is_stored_was_recorded_for_the_data_format_that_is_told() -> None:
    changed = "\n  ".join(differences(RECORD["stored"], stored()))
    assert not changed, ADVICE.format(writes=RECORD["writes"], changed=changed)


def test_the_record_is_of_the_data_format_that_a_release_tells() -> None:
    assert DataFormat.at(FORMAT).writes == RECORD["writes"]


def test_all_that_may_be_stored_is_looked_at() -> None:
    found = stored()
    assert found["versions"]["skafu.metrics.blocks.VERSION"] == 2
    assert {"segment", "decision", "page", "dashboard", "audit"} <= set(
        " ".join(found["items"]).split()
    )
    assert found["bodies"]["skafu.alerts.model.Severity"][0] == "critical"
    assert "definition" in found["bodies"]["skafu.alerts.model.Alert"]
    assert "skafu.alerts.model.Definition" in found["bodies"]
    assert any("<tenant>#alerts" in each for each in found["keys"]["alert"])


def test_differences_are_told_by_their_place() -> None:
    old = {"versions": {"a": 1}, "items": {"page": ["body"]}}
    new = {"versions": {"a": 2}, "items": {"page": ["body"], "note": ["at"]}}
    assert list(differences(old, new)) == ["items > note: None -> ['at']", "versions > a: 1 -> 2"]


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A record of which the source differs by now."""
    path = tmp_path / "recorded.json"
    old = {"writes": RECORD["writes"], "readable": [], "stored": {"versions": {"a": 1}}}
    path.write_text(json.dumps(old))
    return path


def test_a_change_is_recorded_only_by_who_says_what_it_means(
    changed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = changed.read_text()
    assert main([], changed) == 1
    assert "Raise `writes`" in capsys.readouterr().out
    assert changed.read_text() == before
    assert main(["--readable", "old ones skip items of this kind"], changed) == 0
    found = json.loads(changed.read_text())
    assert found["readable"] == ["old ones skip items of this kind"]
    assert found["stored"] == stored()


def test_a_higher_format_is_recorded_and_forgets_what_was_readable_before(
    changed: Path, tmp_path: Path
) -> None:
    told = tmp_path / "data_format.json"
    told.write_text('{"writes": 7, "reads": [7]}')
    assert main([], changed, told) == 0
    found = json.loads(changed.read_text())
    assert (found["writes"], found["readable"]) == (7, [])
