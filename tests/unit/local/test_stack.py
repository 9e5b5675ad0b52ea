from pathlib import Path

import pytest

from local import stack


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A small repository."""
    for folder in ("backend/skafu", "layers", "environments"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("template.yaml", "samconfig.toml", "backend/skafu/a.py", "layers/Makefile"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_sources_that_are_the_same_have_the_same_fingerprint(sources: Path) -> None:
    before = stack.fingerprint(sources)
    (sources / "README.md").write_text("not deployed")
    cache = sources / "backend" / "skafu" / "__pycache__"
    cache.mkdir()
    (cache / "a.pyc").write_bytes(b"compiled")
    assert stack.fingerprint(sources) == before


@pytest.mark.parametrize("name", ["template.yaml", "backend/skafu/a.py", "environments/new.yaml"])
def test_a_changed_or_a_new_source_changes_it(sources: Path, name: str) -> None:
    before = stack.fingerprint(sources)
    (sources / name).write_text("changed")
    assert stack.fingerprint(sources) != before


def test_a_file_that_moved_changes_it(sources: Path) -> None:
    before = stack.fingerprint(sources)
    (sources / "backend/skafu/a.py").rename(sources / "backend/skafu/b.py")
    assert stack.fingerprint(sources) != before


def test_this_machine_has_an_architecture_that_lambda_knows() -> None:
    assert stack.architecture() in ("arm64", "x86_64")
