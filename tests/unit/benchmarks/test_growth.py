from benchmarks.deployment import Read
from benchmarks.growth import Asked, Grown, picture, tables

READ = Read(rru=9.0, calls=11, points=1200, hours=0, cpu_ms=1.0)
GROWN = [Grown(100, 0.01, 0.006, 0.02, 6.0, 4.0), Grown(1000, 0.004, 0.003, 0.003, 5.0, 3.0)]
ASKED = Asked(
    series={1: READ, 100: READ},
    ranges={"1 h": (READ, None), "30 d": (READ, READ)},
    ages={0: READ, 28: READ},
)


def test_the_tables_have_a_row_for_each_measure() -> None:
    lines = tables(GROWN, ASKED).splitlines()
    assert "| 1,000 | 0.00400 | 0.00300 | 0.00300 | 5.0 | 3.0 |" in lines
    assert "| 100 | 9 | 11 | 1,200 |" in lines
    assert "| 1 h | 9 | 11 |  |  |" in lines
    assert "| 28 | 9 | 11 |" in lines


def test_the_picture_has_a_point_for_each_measure() -> None:
    assert picture(GROWN, ASKED).count("<circle") == 2 * 2 + 2 + 2 + 1 + 2
