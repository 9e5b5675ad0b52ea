from skafu.alerts.memory import Memory, Remembered
from skafu.alerts.model import State
from skafu.alerts.samples import Past


def remembered(version: int = 1, past: int = 0) -> Remembered:
    known = {end: Past(1.0, frozenset()) for end in range(past)}
    return Remembered(version, 0, known, State.OK, 0, 60, 90)


def test_an_instance_is_remembered_under_the_version_it_was_evaluated_by() -> None:
    memory = Memory()
    memory.put("acme", "alert-1", "a", remembered(2))

    assert memory.get("acme", "alert-1", "a", 2) == remembered(2)
    assert memory.get("acme", "alert-1", "a", 3) is None
    assert memory.get("acme", "alert-1", "b", 2) is None
    assert memory.get("umbrella", "alert-1", "a", 2) is None


def test_what_was_evaluated_longest_ago_is_forgotten_first() -> None:
    memory = Memory(capacity=2)
    for name in ("a", "b", "a", "c"):
        memory.put("acme", "alert-1", name, remembered())

    known = [name for name in "abc" if memory.get("acme", "alert-1", name, 1)]
    assert known == ["a", "c"]


def test_no_more_past_buckets_are_remembered_than_fit() -> None:
    memory = Memory(most_past=10)
    for name, past in (("a", 4), ("b", 4), ("a", 5), ("c", 3)):
        memory.put("acme", "alert-1", name, remembered(past=past))

    known = [name for name in "abc" if memory.get("acme", "alert-1", name, 1)]
    assert known == ["a", "c"]
    memory.put("acme", "alert-1", "d", remembered(past=99))
    assert memory.get("acme", "alert-1", "d", 1), "the newest is remembered, whatever it takes"
    assert not memory.get("acme", "alert-1", "c", 1)
