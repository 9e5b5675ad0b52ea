"""Which series of two operands belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

from skafu.metrics.model import Tags


class Unmatched(ValueError):
    """Two operands whose series cannot be told together; the sentence shows tags of both."""


@dataclass(frozen=True)
class Pair:
    """Places in the left and in the right operand, and the tags of what comes out."""

    left: int
    right: int
    tags: Tags


@dataclass(frozen=True)
class Matching:
    """All pairs, in the order of the side that has more tags, and how many series of both sides are
    left without a partner.
    """

    pairs: list[Pair]
    lonely: int


def match(left: Sequence[Tags], right: Sequence[Tags]) -> Matching:
    """Series match whose tags are equal. Where one side's series have fewer tags, or none, each of
    them matches all of the other side that agree with it.

    The tags of one side are distinct. Raises Unmatched where each side has a tag that the other one
    lacks.
    """
    left_keys, right_keys = _keys(left), _keys(right)
    if left_keys >= right_keys:
        return _many_to_one(left, right, right_keys, mirrored=False)
    if left_keys < right_keys:
        return _many_to_one(right, left, left_keys, mirrored=True)
    shown = " and ".join(_shown(max(side, key=len)) for side in (left, right))
    raise Unmatched(
        f"series like {shown} cannot be matched: each side has a tag that the other one lacks; "
        "group both by the same tags, or one of them by some of the other's"
    )


def _many_to_one(
    many: Sequence[Tags], ones: Sequence[Tags], keys: frozenset[str], *, mirrored: bool
) -> Matching:
    places = {tags: place for place, tags in enumerate(ones)}
    pairs = []
    met: set[int] = set()
    for place, tags in enumerate(many):
        one = places.get(tuple(tag for tag in tags if tag[0] in keys))
        if one is not None:
            met.add(one)
            pairs.append(Pair(one, place, tags) if mirrored else Pair(place, one, tags))
    return Matching(pairs, len(many) - len(pairs) + len(ones) - len(met))


def _keys(series: Sequence[Tags]) -> frozenset[str]:
    return frozenset(key for tags in series for key, _ in tags)


def _shown(tags: Tags) -> str:
    return "{" + ", ".join(f"{key}={value}" for key, value in tags) + "}"
