"""The runtime has no database of time zones: the layer brings one."""

import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.fixture(name="bare_runtime")
def _bare_runtime() -> Iterator[None]:
    zoneinfo.reset_tzpath(to=[])
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.usefixtures("bare_runtime")
def test_zones_are_known_where_the_system_knows_none() -> None:
    assert zoneinfo.ZoneInfo.no_cache("Europe/Berlin").key == "Europe/Berlin"


def test_the_layer_brings_the_database() -> None:
    locked = (ROOT / "layers/powertools/requirements.txt").read_text(encoding="utf-8")
    assert "\ntzdata==" in f"\n{locked}"
