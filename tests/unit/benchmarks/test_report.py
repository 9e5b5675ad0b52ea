from benchmarks.report import document, table
from benchmarks.rows import Row

KEPT = Row("units", 0.0041, "WRU", 0.01, 0.004)
OVER = Row("size", 104.2, "KB", 100, note="grew")
UNKNOWN = Row("time", None, "x", 4, 1, "no interpreter")


def test_the_table_says_which_budgets_are_kept() -> None:
    assert table([KEPT, OVER, UNKNOWN]).splitlines()[2:] == [
        "| units | 0.0041 | 0.01 | 0.004 | WRU | kept |",
        "| size | 104.2 | 100 |  | KB | OVER; grew |",
        "| time |  | 4 | 1 | x | no interpreter |",
    ]


def test_the_document_has_value_budget_limit_and_unit() -> None:
    assert document([KEPT, UNKNOWN]) == {
        "units": {"value": 0.0041, "budget": 0.01, "limit": 0.004, "unit": "WRU"},
        "time": {"value": None, "budget": 4, "limit": 1, "unit": "x"},
    }
