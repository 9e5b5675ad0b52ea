from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.home import Refused
from local.sam_local.engine import Engine
from tests.support.docker_engine import FakeEngine, docker_engine

SAM = ["sam.cli.container.type=lambda"]


@pytest.fixture
def folder() -> Iterator[Path]:
    # pytest's own folders can have names too long for a socket.
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def held(folder: Path) -> Iterator[FakeEngine]:
    with docker_engine(folder) as engine:
        yield engine


@pytest.fixture
def engine(held: FakeEngine) -> Engine:
    return Engine(held.path)


def container(name: str, source: str, labels: list[str]) -> dict[str, object]:
    return {"Id": name, "Labels": labels, "Mounts": [{"Source": source}]}


def test_an_engine_tells_its_version_and_its_bridge(engine: Engine) -> None:
    assert engine.version() == "29.0.1"
    assert engine.bridge().address == "172.17.0.1"


def test_images_are_listed_by_all_of_their_names(engine: Engine, held: FakeEngine) -> None:
    held.images = [{"RepoTags": ["a:1", "a:2"]}, {"RepoTags": None}, {"RepoTags": ["b:1"]}]
    assert engine.images() == {"a:1", "a:2", "b:1"}


def test_a_tar_file_becomes_an_image(engine: Engine, held: FakeEngine) -> None:
    content = bytes(range(256)) * 1000
    engine.import_image(BytesIO(content), "skafu", "3.12", ("ENV A=b c", "WORKDIR /"))
    query, body = held.imported
    assert body == content
    assert query == {
        "fromSrc": ["-"],
        "repo": ["skafu"],
        "tag": ["3.12"],
        "changes": ["ENV A=b c", "WORKDIR /"],
    }


def test_only_functions_of_this_build_are_ours(engine: Engine, held: FakeEngine) -> None:
    held.containers = {
        "ours": container("ours", "/home/build/MetricsFunction", SAM),
        "other": container("other", "/elsewhere/build/MetricsFunction", SAM),
        "near": container("near", "/home/build-cache", SAM),
        "database": container("database", "/home/build/MetricsFunction", ["x=y"]),
    }
    assert engine.functions_of(Path("/home/build")) == {"ours"}


def test_a_container_is_removed_once_and_gone_the_second_time(
    engine: Engine, held: FakeEngine
) -> None:
    held.containers = {"ours": container("ours", "/home/build", SAM)}
    engine.remove("ours")
    assert not held.containers
    engine.remove("ours")


def test_what_the_engine_refuses_is_told(engine: Engine, held: FakeEngine) -> None:
    held.refuses = True
    with pytest.raises(Refused, match="refused GET /version: .*the disk is full"):
        engine.version()


def test_without_an_engine_one_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"No Docker engine answers at .*: start one"):
        Engine(str(tmp_path / "nobody.sock")).version()
