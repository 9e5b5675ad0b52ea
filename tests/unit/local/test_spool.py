from pathlib import Path
from typing import Any

import pytest

from local.spool import Spool

BLOCK = 4_096


def points(value: float, count: int = 1) -> list[dict[str, Any]]:
    return [{"name": "m", "value": value, "timestamp": i, "tags": {}} for i in range(count)]


def fill(spool: Spool, *values: float) -> None:
    for value in values:
        spool.append(points(value), f"k{value}", "")


def drained(spool: Spool) -> list[float]:
    found = []
    while (batch := spool.oldest) is not None:
        (point,) = spool.points(batch) or []
        found.append(point["value"])
        spool.remove(batch)
    return found


def test_batches_come_out_in_the_order_in_which_they_came_in(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    fill(spool, *range(12))
    assert len(spool) == 12
    assert drained(spool) == list(range(12))
    assert (len(spool), spool.size, spool.lost) == (0, 0, 0)


def test_a_restart_finds_everything_as_it_was(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(points(1.0, count=3), "one", "")
    spool.append(points(2.0), "two", "abc")
    again = Spool(tmp_path)
    assert again.size == spool.size
    first = again.oldest
    assert first is not None and (first.points, first.key, first.layout) == (3, "one", "")
    again.remove(first)
    second = again.oldest
    assert second is not None and (second.key, second.layout) == ("two", "abc")
    again.append(points(3.0), "three", "")
    assert drained(Spool(tmp_path)) == [2.0, 3.0]


def test_what_has_no_room_pushes_out_the_oldest_and_is_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=3 * BLOCK)
    for value in range(5):
        spool.append(points(value, count=2), "k", "")
    assert (len(spool), spool.lost) == (3, 4)
    assert spool.size <= 3 * BLOCK
    again = Spool(tmp_path, most_bytes=3 * BLOCK)
    assert again.lost == 4
    fill(again, 5.0)
    assert again.lost == 6


def test_the_newest_batch_is_kept_however_large_it_is(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=1)
    fill(spool, 1.0, 2.0)
    assert drained(spool) == [2.0]


def test_a_batch_can_change_its_form_and_nothing_else(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(points(1.0), "one", "abc")
    fill(spool, 2.0)
    assert spool.oldest is not None
    spool.in_full(spool.oldest)
    again = Spool(tmp_path)
    assert again.oldest is not None
    assert (again.oldest.key, again.oldest.layout) == ("one", "")
    assert drained(again) == [1.0, 2.0]


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b", b"nonsense"])
def test_a_file_that_was_damaged_is_no_batch(tmp_path: Path, left: bytes) -> None:
    spool = Spool(tmp_path)
    fill(spool, 1.0)
    (file,) = tmp_path.iterdir()
    file.write_bytes(left)
    assert spool.oldest is not None
    assert spool.points(spool.oldest) is None


def test_what_a_crash_left_half_written_was_never_there(tmp_path: Path) -> None:
    fill(Spool(tmp_path), 1.0)
    (tmp_path / "000000000002-1-k-.batch.new").write_bytes(b"half")
    assert drained(Spool(tmp_path)) == [1.0]
    assert not list(tmp_path.glob("*.new"))
