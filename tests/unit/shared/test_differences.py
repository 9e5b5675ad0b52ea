from skafu.shared.differences import Difference, differences


def test_what_is_the_same_is_not_told() -> None:
    assert not differences({"a": 1, "b": [1, 2]}, {"b": (1, 2), "a": 1})


def test_objects_are_compared_field_by_field_and_lists_as_a_whole() -> None:
    before = {"labels": {"team": "a", "tier": "1"}, "channels": ["x"], "name": "n"}
    after = {"labels": {"team": "b", "tier": "1"}, "channels": ["x", "y"], "name": "n"}

    assert differences(before, after) == [
        Difference("channels", ["x"], ["x", "y"]),
        Difference("labels.team", "a", "b"),
    ]


def test_what_is_absent_and_what_is_none_are_the_same() -> None:
    assert not differences({"upper": None}, {})
    assert differences(None, {"name": "n"}) == [Difference("name", None, "n")]
    assert differences({"name": "n"}, None) == [Difference("name", "n", None)]


def test_a_value_that_becomes_an_object_is_one_difference() -> None:
    assert differences({"t": None}, {"t": {"type": "change"}}) == [
        Difference("t", None, {"type": "change"})
    ]
