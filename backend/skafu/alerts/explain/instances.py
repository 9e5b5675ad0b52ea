"""Which instance somebody means: by all of its tags, by some that only it has, or the only one."""

from collections.abc import Iterable, Mapping

from skafu.alerts.model import Alert
from skafu.alerts.points import PointSource, members
from skafu.alerts.states import MAX_INSTANCES, StateReader
from skafu.metrics.model import Tags
from skafu.shared.errors import FieldError, Unprocessable

CHOICES_SHOWN = 20


def choose(alert: Alert, known: Iterable[Tags], asked: Mapping[str, str]) -> Tags:
    """The tags of the one instance that is meant. An instance that nobody knows can be asked for by
    all tags of the alert's `group_by`.

    Raises Unprocessable, naming the choices, where several or none could be meant.
    """
    exact = tuple(sorted(asked.items()))
    candidates = sorted({tags for tags in known if asked.items() <= dict(tags).items()})
    if exact in candidates:
        return exact
    if len(candidates) == 1:
        return candidates[0]
    wanted = set(alert.definition.group_by)
    if not candidates and set(asked) == wanted:
        return exact
    raise Unprocessable(
        "it is not clear which instance is meant", [FieldError("tags", _which(candidates, wanted))]
    )


def _which(candidates: list[Tags], wanted: set[str]) -> str:
    if not candidates:
        named = " and ".join(f"tags={name}=..." for name in sorted(wanted)) or "no tags"
        return f"there is no such instance; one is named by {named}"
    shown = "; ".join(" ".join(f"tags={k}={v}" for k, v in x) for x in candidates[:CHOICES_SHOWN])
    more = len(candidates) - CHOICES_SHOWN
    return f"name one of these instances: {shown}" + (f"; and {more} more" if more > 0 else "")


def known_instances(
    states: StateReader, source: PointSource, tenant: str, alert: Alert
) -> set[Tags]:
    """Instances that have a state, and those that series belong to but that have not begun. Raises
    Unavailable.
    """
    found = {x.tags for x in states.of_alert(tenant, alert.id, MAX_INSTANCES).shown}
    if alert.definition.metric:
        entries = source.entries(tenant, alert.definition.metric)
        layouts = source.layouts(tenant, [entry.layout for entry in entries])
        for layout in layouts.values():
            found.update(members(alert.definition, layout))
    return found
