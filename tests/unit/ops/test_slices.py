import subprocess
import sys
from pathlib import Path

import pytest

from skafu.ops.generated import ROOT
from skafu.ops.slices import cut, main, reachable

TREE = {
    "skafu/__init__.py": "",
    "skafu/build.json": "{}",
    "skafu/shared/__init__.py": "",
    "skafu/shared/clock.py": 'NOW = 1\n"""Never shipped."""\n',
    "skafu/shared/hints.py": "",
    "skafu/shared/unused.py": "",
    "skafu/metrics/__init__.py": "",
    "skafu/metrics/late.py": "import json\n",
    "skafu/metrics/api.py": (
        "from typing import TYPE_CHECKING\n"
        "from skafu.shared.clock import NOW\n"
        "if TYPE_CHECKING:\n"
        "    from skafu.shared import hints\n"
        "def slow():\n"
        "    from skafu.metrics import late\n"
        "    return late\n"
        "def broken():\n"
        "    raise KeyError(NOW)\n"
    ),
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        path = tmp_path / "backend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "backend"


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _cut(sources: Path, target: Path) -> dict[str, bytes]:
    cut("skafu.metrics.api", sources, target)
    return _files(target)


def test_a_slice_is_what_the_handler_can_come_to_import(sources: Path) -> None:
    assert [path.as_posix() for path in reachable("skafu.metrics.api", sources)] == [
        "skafu/__init__.py",
        "skafu/metrics/__init__.py",
        "skafu/metrics/api.py",
        "skafu/metrics/late.py",
        "skafu/shared/__init__.py",
        "skafu/shared/clock.py",
    ]


def test_a_handler_that_does_not_exist_is_an_error(sources: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="skafu.metrics.handler"):
        reachable("skafu.metrics.handler", sources)


def test_a_slice_is_bytecode_and_the_record_of_what_it_goes_with(
    sources: Path, tmp_path: Path
) -> None:
    assert sorted(_cut(sources, tmp_path / "slice")) == [
        "skafu/__init__.pyc",
        "skafu/build.json",
        "skafu/metrics/__init__.pyc",
        "skafu/metrics/api.pyc",
        "skafu/metrics/late.pyc",
        "skafu/shared/__init__.pyc",
        "skafu/shared/clock.pyc",
    ]


def test_two_builds_in_different_places_are_the_same_bytes(sources: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    sources.rename(elsewhere)
    first = _cut(elsewhere, tmp_path / "first")
    elsewhere.rename(sources)
    assert _cut(sources, tmp_path / "second") == first


def test_an_edit_changes_the_slice_and_an_edit_beyond_its_reach_does_not(
    sources: Path, tmp_path: Path
) -> None:
    before = _cut(sources, tmp_path / "before")
    (sources / "skafu/shared/unused.py").write_text("X = 1\n")
    assert _cut(sources, tmp_path / "same") == before
    (sources / "skafu/metrics/late.py").write_text("X = 1\n")
    after = _cut(sources, tmp_path / "after")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"skafu/metrics/late.pyc"}


def test_a_slice_runs_without_its_sources_and_tracebacks_keep_file_and_line(
    sources: Path, tmp_path: Path
) -> None:
    _cut(sources, tmp_path / "slice")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'slice')!r}); "
        "import skafu.metrics.api as api; api.slow(); api.broken()"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert 'File "/var/task/skafu/metrics/api.py", line 9, in broken' in run.stderr
    assert run.stderr.rstrip().endswith("KeyError: 1")


def test_docstrings_stay_at_home(sources: Path, tmp_path: Path) -> None:
    assert b"Never shipped" not in _cut(sources, tmp_path / "slice")["skafu/shared/clock.pyc"]


def test_a_stale_record_stops_the_build(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for name in ("environments", "layers/powertools"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file():
                copy = root / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    record = root / "backend/skafu/build.json"
    record.parent.mkdir(parents=True)
    record.write_bytes((ROOT / "backend/skafu/build.json").read_bytes())
    handler = "skafu.workspace.handlers.api"
    assert main([str(root), handler, str(tmp_path / "good")]) is None
    with (root / "environments/production.yaml").open("a") as file:
        file.write("# another comment\n")
    refusal = main([str(root), handler, str(tmp_path / "bad")])
    assert refusal == "backend/skafu/build.json is stale: run python -m skafu.ops environments"
    assert not (tmp_path / "bad").exists()
