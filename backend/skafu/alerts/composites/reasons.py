"""Why a composite alert is where it is, in a plain sentence for people."""

from collections.abc import Mapping, Sequence

from skafu.alerts.composites.logic import witnesses
from skafu.alerts.model import Effect, Expression, State

MOST_TOLD = 5
"""So many alerts are named; of more, how many more there are."""

SAID = {State.ALARM: "in ALARM", State.OK: "OK", State.INSUFFICIENT_DATA: "without data"}


def sentence(expression: Expression, effect: Effect, names: Mapping[str, str]) -> str:
    """Why one effect came about, as in "disk and load are in ALARM, maintenance is OK". `names` are
    those of the alerts, by id; who has none is told by id.
    """
    if effect.over:
        return "none of its alerts has this instance any more"
    found = witnesses(expression, effect.inputs)
    told = []
    for state in (State.ALARM, State.OK, State.INSUFFICIENT_DATA):
        mine = [names.get(x, x) for x in found if effect.inputs.get(x) is state]
        if mine:
            told.append(f"{_listed(mine)} {'are' if len(mine) > 1 else 'is'} {SAID[state]}")
    return ", ".join(told)


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_TOLD:
        return f"{', '.join(names[:MOST_TOLD])} and {len(names) - MOST_TOLD} others"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
