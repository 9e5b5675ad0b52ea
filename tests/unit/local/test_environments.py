import sys
from pathlib import Path

import pytest

from local.environments import ROOT, STAMP, Environment, environments, pinned


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """One that is ready."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1 --hash=sha256:00\n")
    made = Environment(tmp_path / "env", requirements)
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    (made.folder / STAMP).write_text(made.wanted)
    return made


def test_an_environment_that_holds_its_requirements_is_left_alone(
    environment: Environment,
) -> None:
    assert environment.is_ready


def test_changed_requirements_make_it_stale(environment: Environment) -> None:
    environment.requirements.write_text("a==2 --hash=sha256:00\n")
    assert not environment.is_ready


def test_without_a_python_it_is_not_ready(environment: Environment) -> None:
    environment.python.unlink()
    assert not environment.is_ready


def test_without_a_stamp_it_is_not_ready(environment: Environment) -> None:
    (environment.folder / STAMP).unlink()
    assert not environment.is_ready


def test_every_environment_has_its_requirements() -> None:
    found = environments(ROOT)
    assert found[0].folder == ROOT / ".venv"
    assert all(each.requirements.is_file() for each in found)


def test_one_packages_lines_are_found_with_their_hashes() -> None:
    uv = "uv==2.0 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    text = f"a==1 \\\n    --hash=sha256:00\n{uv}z==3\n"
    assert pinned("uv", text) == uv
    assert pinned("z", text) == "z==3\n"
    with pytest.raises(ValueError, match="b is not among"):
        pinned("b", text)


def test_uv_is_pinned_for_development() -> None:
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in pinned("uv", text)
