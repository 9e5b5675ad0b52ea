"""Sorting what a reader delivers into the groups of each question, and what is made of them."""

import math
from dataclasses import dataclass, field

from skafu.metrics.demands import HourRun, Run
from skafu.metrics.model import Series, Statistic, Tags, group_of
from skafu.metrics.query import units
from skafu.metrics.query.counters import added, increases, rates, uncertain
from skafu.metrics.query.piles import Pile, joined
from skafu.metrics.query.planning import Plan
from skafu.metrics.query.question import Resolution, refused
from skafu.metrics.query.reducing import Values, reduced
from skafu.metrics.query.values import Row

type _Group = dict[tuple[Tags, str | None], Pile]
"""The piles of one group by unit, and by series where each must be known by itself."""


@dataclass
class Collection:
    """The points of one question, by group. `place` is the question's among the queries.

    `groups` have points in the range. With `counting` only the groups go on being collected, so
    that it can be said how many they are.
    """

    place: int
    plan: Plan
    groups: dict[Tags, _Group] = field(default_factory=dict)
    counting: bool = False
    _sinks: dict[Series, Pile | None] = field(default_factory=dict)
    _early: dict[Tags, _Group] = field(default_factory=dict)
    _left_out: dict[str, set[Tags]] = field(default_factory=dict)
    _kinds: set[type[Run | HourRun]] = field(default_factory=set)

    @property
    def points(self) -> int:
        """How many values its answer has."""
        return len(self.groups) * len(self.plan.grid)

    @property
    def resolution(self) -> Resolution:
        """What its answer comes from."""
        if len(self._kinds) == 2:
            return Resolution.MIXED
        return Resolution.HOURS if HourRun in self._kinds else Resolution.RAW

    def add(self, run: Run | HourRun) -> int:
        """Take points or hours; how many these were."""
        inside = self._is_inside(run)
        if inside:
            self._kinds.add(type(run))
        pile = self._sink(run.series, inside)
        if pile is None or self.counting:
            return 0
        return pile.add(run)

    def rows(self, warnings: list[str]) -> list[Row]:
        """A row for each group, in order of tags. Raises Unprocessable for units that cannot be
        told together.
        """
        if self._left_out:
            told = ", ".join(f"{len(s)} in {unit}" for unit, s in sorted(self._left_out.items()))
            warnings.append(f"{self._id}: series of another unit are left out: {told}")
        unit = self._unit()
        shown = units.answered(self.plan.question.statistic, unit)
        rows = [
            Row(tags, shown, self._finite(self._values(group, unit, warnings), warnings))
            for tags, group in sorted(self.groups.items())
        ]
        unknown = sum(math.isnan(value) for row in rows for value in row.values if value)
        statistic = self.plan.question.statistic
        if unknown and (statistic.percentile is not None or statistic == Statistic.STDDEV):
            warnings.append(
                f"{self._id}: {unknown} values are not known, because some points are statistic "
                f"sets, which have no {statistic}; send histograms, or values with their counts"
            )
        return rows

    @property
    def _id(self) -> str:
        return self.plan.question.id

    def _is_inside(self, run: Run | HourRun) -> bool:
        """Whether anything of it is not only there to tell from where a counter grew."""
        last = run.hours[-1].start if isinstance(run, HourRun) else run.timestamps[-1]
        return last >= self.plan.start

    def _sink(self, series: Series, inside: bool) -> Pile | None:
        """The pile that a series' points go to; None where its unit is not asked for."""
        group = group_of(self.plan.question.group_by, series.tags)
        if inside and group not in self.groups and self._has_unit(series):
            self.groups[group] = self._early.pop(group, {})
        if series not in self._sinks:
            self._sinks[series] = self._pile(group, series)
        if inside and self._sinks[series] is None:
            self._left_out.setdefault(series.unit or units.NONE, set()).add(series.tags)
        return self._sinks[series]

    def _pile(self, group: Tags, series: Series) -> Pile | None:
        if not self._has_unit(series):
            return None
        piles = self.groups.get(group)
        if piles is None:
            piles = self._early.setdefault(group, {})
        single = series.tags if self.plan.grew else ()
        return piles.setdefault((single, series.unit), Pile())

    def _has_unit(self, series: Series) -> bool:
        wanted = units.required(self.plan.question.statistic, self.plan.question.unit)
        return wanted is None or units.dimension(series.unit) == units.dimension(wanted)

    def _unit(self) -> str | None:
        """The unit that everything is converted to. Raises Unprocessable."""
        question = self.plan.question
        if question.unit is not None:
            wanted = units.required(question.statistic, question.unit)
            return None if wanted == units.NONE else wanted
        found = {unit for group in self.groups.values() for _, unit in group}
        if not found or question.statistic == Statistic.COUNT:
            return None
        if len({units.dimension(unit) for unit in found}) > 1:
            named = ", ".join(sorted(unit or units.NONE for unit in found))
            raise refused(
                f"queries.{self.place}.unit",
                f"series of {question.metric} have units that cannot be converted into each other "
                f"({named}): choose one of them with `unit`",
            )
        return units.common(found)

    def _values(self, group: _Group, unit: str | None, warnings: list[str]) -> Values:
        series: dict[Tags, list[Pile]] = {}
        for (tags, mine), pile in group.items():
            scale = units.scale(mine, unit)
            series.setdefault(tags, []).append(pile if scale is None else pile.scaled(scale))
        piles = [joined(piles) for piles in series.values()]
        grid, statistic = self.plan.grid, self.plan.question.statistic
        if not self.plan.grew:
            return reduced(statistic, joined(piles), grid)
        guessed = sum(uncertain(pile) for pile in piles)
        if guessed:
            warnings.append(
                f"{self._id}: increases of {guessed} hours are estimates, because late points lie "
                "between others"
            )
        found = added([increases(pile, grid, self.plan.start) for pile in piles])
        return rates(found, grid) if statistic == Statistic.RATE else found

    def _finite(self, values: Values, warnings: list[str]) -> Values:
        for place, value in enumerate(values):
            if value is not None and math.isinf(value):
                at = self.plan.grid.starts[place]
                warnings.append(f"{self._id}: the value at {at} is too large for a double")
                values[place] = math.nan
        return values
