import pytest

from skafu.alerts.code.ordering import Circle, named_first


def test_what_is_named_comes_first_and_otherwise_the_order_stays() -> None:
    named = {"a": {"c"}, "b": set[str](), "c": {"d"}, "d": {"elsewhere"}}
    order = named_first(named)
    assert order.index("d") < order.index("c") < order.index("a")
    assert named_first({"x": set(), "y": set(), "a": set()}) == ["x", "y", "a"]


def test_a_circle_is_told_all_around() -> None:
    with pytest.raises(Circle) as refused:
        named_first({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()})
    assert set(refused.value.ring) == {"a", "b", "c"}
    assert refused.value.ring[0] == refused.value.ring[-1]
