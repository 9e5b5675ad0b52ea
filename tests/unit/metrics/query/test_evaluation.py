"""Most cases are those of the documentation of PromQL (operators, functions) and of CloudWatch
(metric math); where they differ the test's name says whom Skafu follows.
"""

import math

import pytest

from skafu.metrics.query import evaluation
from skafu.metrics.query.evaluation import Evaluation, Operand, TooMuchWork, Work
from skafu.metrics.query.parsing import ExpressionError, parse
from skafu.metrics.query.ranking import ranked
from skafu.metrics.query.values import Row

NAN = math.nan


def row(*values: float | None, unit: str | None = None, **tags: str) -> Row:
    return Row(tuple(sorted(tags.items())), unit, list(values))


def computed(text: str, **answers: list[Row]) -> Operand:
    return Evaluation(answers, Work()).of(parse(text))


def values(text: str, **answers: list[Row]) -> list[list[float | None]]:
    found = computed(text, **answers)
    assert isinstance(found, list)
    return [list(each.values) for each in found]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("7 % 3", 1.0),
        ("-7 % 3", -1.0),
        ("7 % -3", 1.0),
        ("1 / 0", None),
        ("0 / 0", None),
        ("5 % 0", None),
        ("0 ^ -1", None),
        ("(-8) ^ 0.5", None),
        ("10 ^ 400", None),
        ("1e308 * 10", None),
        ("sqrt(-1)", None),
        ("ln(0)", None),
        ("log10(1000)", 3.0),
        ("ln(1)", 0.0),
        ("abs(-3.5)", 3.5),
        ("ceil(1.2) + floor(-1.2)", 0.0),
        ("round(2.5) + round(-2.5)", 1.0),
        ("round(0.49999999999999994)", 0.0),
        ("min(3, 2) + max(3, 2)", 5.0),
        ("clamp(7, 0, 5)", 5.0),
        ("clamp(-7, 0, 5)", 0.0),
        ("1 + 1 / 0", None),
        ("abs(1 / 0)", None),
    ],
)
def test_arithmetic_is_promqls_and_what_is_not_finite_is_none(
    text: str, value: float | None
) -> None:
    assert computed(text) == value


def test_gaps_stay_gaps_and_division_by_zero_makes_one() -> None:
    a, b = row(1.0, None, 3.0, 4.0), row(2.0, 2.0, None, 0.0)
    assert values("a / b", a=[a], b=[b]) == [[0.5, None, None, None]]
    assert values("-a + 1", a=[a]) == [[0.0, None, -2.0, -3.0]]
    assert values("2 ^ a", a=[a]) == [[2.0, None, 8.0, 16.0]]
    assert values("a / (1 / 0)", a=[a]) == [[None] * 4]
    assert values("(1 / 0) * a", a=[a]) == [[None] * 4]


def test_of_what_is_not_known_nothing_is_known() -> None:
    found = values("max(a, 1) + 0 * b", a=[row(NAN, 2.0, None)], b=[row(1.0, NAN, NAN)])
    assert [value is not None and math.isnan(value) for value in found[0]] == [True, True, False]
    (total,) = values("sum(a)", a=[row(NAN, 1.0, host="a"), row(1.0, 1.0, host="b")])
    assert total[0] is not None and math.isnan(total[0]) and total[1] == 2.0


def test_a_percentage_of_two_queries_by_host() -> None:
    errors = [row(1.0, 0.0, host="a"), row(5.0, None, host="b")]
    requests = [row(4.0, 0.0, host="a"), row(20.0, 1.0, host="b")]
    found = computed("e * 100 / r", e=errors, r=requests)
    assert found == [row(25.0, None, host="a"), row(25.0, None, host="b")]


def test_a_share_of_the_sum_over_all_series() -> None:
    hosts = [row(1.0, 3.0, host="a"), row(3.0, None, host="b")]
    assert computed("a / sum(a)", a=hosts) == [
        row(0.25, 1.0, host="a"),
        row(0.75, None, host="b"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sum", [4.0, 3.0, None]),
        ("avg", [2.0, 3.0, None]),
        ("min", [1.0, 3.0, None]),
        ("max", [3.0, 3.0, None]),
    ],
)
def test_series_are_joined_bucket_by_bucket_over_those_that_have_a_value(
    name: str, expected: list[float | None]
) -> None:
    hosts = [row(1.0, 3.0, None, host="a"), row(3.0, None, None, host="b")]
    assert computed(f"{name}(a)", a=hosts) == [row(*expected)]
    assert computed(f"{name}(a)", a=[]) == []


def test_a_sum_that_no_double_can_hold_is_none() -> None:
    large = [row(1.7e308, host="a"), row(1.7e308, host="b")]
    assert values("sum(a)", a=large) == [[None]]
    assert values("avg(a)", a=large) == [[1.7e308]]


def test_topk_ranks_by_the_average_over_the_range_ties_by_tags() -> None:
    hosts = [
        row(1.0, 1.0, host="a"),
        row(9.0, None, host="b"),
        row(1.0, None, host="c"),
        row(None, None, host="d"),
        row(0.0, 4.0, host="e"),
    ]
    assert _hosts("topk(3, a)", hosts) == "bea"
    assert _hosts("topk(9, a)", hosts) == "beacd"
    assert _hosts("bottomk(3, a)", hosts) == "ace"
    assert _hosts("bottomk(1, topk(2, a))", hosts) == "e"


def _hosts(text: str, rows: list[Row]) -> str:
    found = computed(text, a=rows)
    assert isinstance(found, list)
    return "".join(each.tags[0][1] for each in found)


def test_what_is_not_known_does_not_rank() -> None:
    rows = [row(NAN, 1.0, host="a"), row(NAN, NAN, host="b"), row(2.0, 2.0, host="c")]
    assert [r.tags[0][1] for r in ranked(rows, 3, largest=True)] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sum(1)", "at character 1: sum takes series, not a number"),
        ("1 + avg(2 * 3)", "at character 5: avg takes series"),
        ("topk(0, a)", "topk takes first how many, a whole number from 1"),
        ("topk(1.5, a)", "a whole number"),
        ("topk(a, a)", "a whole number"),
        ("bottomk(1 / 0, a)", "a whole number"),
        ("topk(1, 2)", "takes series"),
    ],
)
def test_functions_say_what_they_take(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        computed(text, a=[row(1.0)])
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("a", "Bytes"),
        ("-a", "Bytes"),
        ("a + b", "Bytes"),
        ("a + 1", "Bytes"),
        ("1 - a", "Bytes"),
        ("max(a, b)", "Bytes"),
        ("sum(a)", "Bytes"),
        ("topk(1, a)", "Bytes"),
        ("clamp(round(a), 0, 9)", "Bytes"),
        ("a / b", None),
        ("a * 2", None),
        ("a ^ 2", None),
        ("sqrt(a)", None),
        ("a + s", None),
        ("a + n", None),
    ],
)
def test_a_unit_stays_where_it_means_the_same(text: str, unit: str | None) -> None:
    rows = {"a": "Bytes", "b": "Bytes", "s": "Seconds", "n": None}
    found = computed(text, **{name: [row(1.0, unit=of)] for name, of in rows.items()})
    assert isinstance(found, list)
    assert found[0].unit == unit


def test_units_that_differ_are_told() -> None:
    work = Evaluation({"a": [row(1.0, unit="Seconds")], "b": [row(1.0, unit="Bytes")]}, Work())
    work.of(parse("a + b"))
    assert work.mixed == {("Seconds", "Bytes")}
    work.of(parse("a / b"))
    assert len(work.mixed) == 1


def test_series_without_a_partner_are_counted() -> None:
    work = Evaluation({"a": [row(1.0, host="a"), row(1.0, host="b")], "b": [row(1.0)]}, Work())
    work.of(parse("a + b"))
    assert work.lonely == 0
    work = Evaluation({"a": [row(1.0, host="a")], "b": [row(1.0, host="b")]}, Work())
    assert work.of(parse("a + b")) == []
    assert work.lonely == 2


def test_work_is_bounded() -> None:
    rows = [row(*[1.0] * 100, host=str(n)) for n in range(10)]
    Evaluation({"a": rows}, Work(3_000)).of(parse("a + 1 + 1 + 1"))
    for text in ("a + 1 + 1 + 1", "abs(abs(abs(a)))", "sum(a) + topk(1, a) + a"):
        with pytest.raises(TooMuchWork):
            Evaluation({"a": rows}, Work(2_000)).of(parse(text))
    assert evaluation.MAX_WORK == 5_000_000
