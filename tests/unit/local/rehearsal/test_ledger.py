"""The accounting of points: what was acknowledged is there, once, as it was sent."""

import pytest

from local.rehearsal.ledger import Attempt, Balance, Cell, Ledger, Outage, cells, outage

A: Cell = ("web-1", 1_000)
B: Cell = ("web-2", 1_000)


def ledger(*acknowledged: Cell, unanswered: tuple[Cell, ...] = ()) -> Ledger:
    found = Ledger()
    for number, cell in enumerate((*acknowledged, *unanswered), 1):
        found.send(cell, float(number))
        found.answered(cell, 5_000, 202 if cell in acknowledged else 500)
    return found


def test_what_was_acknowledged_and_is_there_once_balances() -> None:
    balance = ledger(A, B).balance({A: (1, 1.0), B: (1, 2.0)})
    assert balance == Balance(2, 2, (), (), (), ())
    assert balance.holds


def test_an_acknowledged_point_that_is_not_there_is_lost() -> None:
    balance = ledger(A, B).balance({A: (1, 1.0)})
    assert (balance.lost, balance.holds) == ((B,), False)


def test_a_point_that_is_there_twice_is_doubled() -> None:
    balance = ledger(A).balance({A: (2, 2.0)})
    assert (balance.doubled, balance.wrong, balance.holds) == ((A,), (), False)


def test_another_value_is_a_change() -> None:
    balance = ledger(A).balance({A: (1, 7.0)})
    assert (balance.wrong, balance.holds) == ((A,), False)


def test_a_point_that_nobody_sent_is_made_up() -> None:
    balance = ledger(A).balance({A: (1, 1.0), B: (1, 2.0)})
    assert (balance.foreign, balance.holds) == ((B,), False)


@pytest.mark.parametrize("stored", [{A: (1, 1.0)}, {A: (1, 1.0), B: (1, 2.0)}])
def test_what_was_never_acknowledged_may_be_there_or_not(
    stored: dict[Cell, tuple[int, float]],
) -> None:
    balance = ledger(A, unanswered=(B,)).balance(stored)
    assert (balance.sent, balance.acknowledged, balance.holds) == (2, 1, True)


def test_what_was_never_acknowledged_may_not_be_there_twice() -> None:
    assert not ledger(A, unanswered=(B,)).balance({A: (1, 1.0), B: (2, 4.0)}).holds


def test_nothing_acknowledged_proves_nothing() -> None:
    assert not Ledger().balance({}).holds


def test_two_points_never_share_a_cell() -> None:
    found = ledger(A)
    with pytest.raises(ValueError, match="is taken"):
        found.send(A, 2.0)


def test_a_point_is_acknowledged_once_however_often_it_was_tried() -> None:
    found = ledger(unanswered=(A,))
    found.answered(A, 6_000, 0)
    found.answered(A, 7_000, 202)
    assert (found.acknowledged, found.failures(0, 10_000)) == (1, 2)
    assert (found.failures(5_001, 10_000), found.span) == (1, (1_000, 2_000))


def attempts(*told: tuple[int, int, str]) -> list[Attempt]:
    return [Attempt(*each) for each in told]


def test_an_outage_ends_with_the_first_good_answer_after_the_last_failure() -> None:
    found = outage(
        attempts(
            (1_000, 202, "a"),
            (2_000, 500, "a"),
            (3_000, 202, "a"),
            (4_000, 0, "a"),
            (6_500, 202, "a"),
        ),
        since=0,
    )
    assert found == Outage(2_000, 6_500, 2)
    assert found.seconds == 4.5


def test_an_outage_of_one_host_does_not_end_with_anothers_success() -> None:
    told = attempts((1_000, 500, "a"), (1_100, 202, "b"), (9_000, 202, "a"))
    assert outage(told, 0, "a") == Outage(1_000, 9_000, 1)
    assert outage(told, 0, "b") is None


def test_an_outage_goes_on_while_nothing_has_succeeded() -> None:
    found = outage(attempts((1_000, 202, "a"), (2_000, 503, "a")), 0)
    assert found is not None and (found.until, found.seconds) == (None, None)


def test_failures_before_a_moment_are_not_of_its_outage() -> None:
    assert outage(attempts((1_000, 500, "a"), (2_000, 202, "a")), since=1_500) is None


def test_an_answer_of_the_api_becomes_cells() -> None:
    def result(*values: float | None) -> dict[str, object]:
        series = {"tags": {"host": "web-1"}, "timestamps": [1_000, 2_000], "values": list(values)}
        return {"series": [series]}

    found = cells(result(1, None), result(3.5, None))
    assert found == {("web-1", 1_000): (1, 3.5)}
