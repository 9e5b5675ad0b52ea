"""In which order alerts can be made that name each other: pure."""

from collections.abc import Mapping, Set
from graphlib import CycleError, TopologicalSorter


class Circle(Exception):
    """Alerts that name each other all around; the last in `ring` is the first again."""

    def __init__(self, ring: list[str]) -> None:
        super().__init__("alerts depend on themselves")
        self.ring = ring


def named_first(named: Mapping[str, Set[str]]) -> list[str]:
    """The keys, each after all those among its values; names that are no key count for nothing.
    Raises Circle.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for each, others in named.items():
        sorter.add(each, *sorted(others & named.keys()))
    try:
        return list(sorter.static_order())
    except CycleError as cycle:
        raise Circle(cycle.args[1]) from cycle
