"""Grouping series afresh, where what has been appended over time costs more than it need.

Between two buckets of a day directories only grow. What a day's newcomers got are groups of their
own, and series that are gone stay listed: at the begin of a day, the series of the last merged one
are grouped anew if that takes much fewer groups. It is done rarely, because a series that stays in
its group is read over many days in one query.
"""

from skafu.metrics.compaction.directories import nothing
from skafu.metrics.compaction.means import Means
from skafu.metrics.compaction.place import Blocked, Place
from skafu.metrics.groups import GROUP_SERIES, grouped
from skafu.shared.observability import logger

_SLACK = 2
_LISTED = 16


def regrouped(
    means: Means, place: Place, day: int, directories: tuple[str, ...]
) -> tuple[str, ...]:
    """The directories to begin a day with: of the series of `day`, which is merged, grouped afresh,
    or those that there are.
    """
    try:
        generations = means.manifests.generations(place, day)
        if not generations or not generations[0].directories or not directories:
            return directories
        first = generations[0]
        names, _ = means.directories.names(place.tenant, first.directories)
        listed, _ = means.directories.names(place.tenant, directories)
        used = [each for number, each in enumerate(names) if first.has(number)]
        least = -(-sum(each.size for each in used) // GROUP_SERIES)
        crowded = len(listed) > 2 * len(used) + _LISTED
        if not crowded and 4 * len(used) <= 5 * least + 4 * _SLACK:
            return directories
        groups = means.directories.groups(place.tenant, [each.hash for each in used])
        series = {each for group in groups for each in group.series}
        if not crowded and 4 * len(used) <= 5 * len(grouped(series)) + 4 * _SLACK:
            return directories
        lives = means.lives(place.tenant)
        return means.directories.extend(place.tenant, nothing(), series, lives).hashes
    except Blocked as reason:
        # It can be done another day.
        logger.warning("series cannot be grouped afresh", reason=str(reason))
        return directories
