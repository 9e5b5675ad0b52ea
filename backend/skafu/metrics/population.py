"""Which groups hold the series that are wanted, as the directories say that manifests name."""

from collections.abc import Iterable, Iterator

from skafu.metrics.archive import Archive
from skafu.metrics.demands import Selection, Sieve
from skafu.metrics.manifests import Manifest
from skafu.metrics.model import Series

type Directories = tuple[str, ...]


class Population:
    """Made for one reading; what was found out about directories and groups is remembered."""

    def __init__(self, archive: Archive, tenant: str, sieve: Sieve) -> None:
        self._archive = archive
        self._tenant = tenant
        self._sieve = sieve
        self._selections: dict[str, Selection | None] = {}
        self._candidates: dict[Directories, list[tuple[int, str]] | None] = {}
        self._homes: dict[Directories, dict[Series, str]] = {}

    def survey(self, lists: Iterable[Directories]) -> None:
        """Find out, for each list of directories, which groups may hold what is wanted."""
        # In order, so that the same reading asks the same questions in the same order each time.
        new = [each for each in dict.fromkeys(lists) if each not in self._candidates]
        if not new:
            return
        found = self._archive.directories(self._tenant, [name for some in new for name in some])
        for names in new:
            if any(name not in found for name in names):
                self._candidates[names] = None
                continue
            groups = [group for name in names for group in found[name].groups]
            self._candidates[names] = [
                (number, group.hash)
                for number, group in enumerate(groups)
                if any(group.may_hold(metric) for metric in self._sieve.metrics)
            ]

    def present(self, manifest: Manifest) -> list[tuple[int, str]] | None:
        """The groups with points in a manifest that was surveyed and that may hold what is wanted,
        with their numbers there; None where a directory cannot be read.
        """
        candidates = self._candidates[manifest.directories]
        if candidates is None:
            return None
        return [(number, group) for number, group in candidates if manifest.has(number)]

    def selected(self, groups: Iterable[str]) -> Iterator[tuple[str, Selection | None]]:
        """What is wanted of each group, which may be nothing; None where it cannot be read."""
        for name, group in self._archive.groups(self._tenant, groups):
            selection = None if group is None else self._sieve.select(group)
            self._selections[name] = selection
            yield name, selection

    def home(self, directories: Directories, series: Series) -> str | None:
        """The group that a series' points are in where these directories are named: the first that
        lists it. None where that cannot be known.
        """
        self.survey([directories])
        candidates = [group for _, group in self._candidates[directories] or ()]
        homes = self._homes.get(directories)
        if homes is None:
            homes = self._homes[directories] = {}
            for _ in self.selected(x for x in candidates if x not in self._selections):
                pass
            for group in candidates:
                if selection := self._selections[group]:
                    for each in selection.series.values():
                        homes.setdefault(each, group)
        known = homes.get(series)
        if known is None:
            return next((group for group in candidates if self._selections[group] is None), None)
        return known
