"""One alert as it stands in a file: the fields of `POST /api/alerts`, with names in place of ids
and without what is the default.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from skafu.alerts.code.names import Names, NoSuchName, ids_of
from skafu.alerts.definitions import silence_periods
from skafu.alerts.model import Alert, Definition, Draft, Kind
from skafu.alerts.states import Instances
from skafu.alerts.views import alert_view
from skafu.shared.errors import FieldError, Unprocessable

type Entry = dict[str, Any]

NAMES_A_CHANNEL, NAMES_ALERTS = "channels", "condition"


class Wrong(Exception):
    """What is wrong with an entry, field by field."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("an entry is wrong")
        self.errors = errors


def written(alert: Alert, alerts: Names, channels: Names) -> Entry:
    """An alert as it is written into a file. Its id stands there only if its name does not say
    which alert it is.
    """
    shown = alert_view(alert, Instances())
    fields = {name: shown[name] for name in _defaults() if name in shown}
    for name in _implied(alert.definition):
        del fields[name]
    entry = {
        name: value
        for name, value in ((name, tidy(value)) for name, value in fields.items())
        if value is not None and value != tidy(_defaults()[name])
    }
    if entry.get(NAMES_A_CHANNEL):
        entry[NAMES_A_CHANNEL] = [channels.name_of(each) for each in entry[NAMES_A_CHANNEL]]
    if entry.get(NAMES_ALERTS):
        entry[NAMES_ALERTS] = _renamed(entry[NAMES_ALERTS], alerts.name_of)
    if alerts.name_of(alert.id) == alert.id:
        entry = {"id": alert.id, **entry}
    return entry


def asked(entry: Mapping[str, Any], alerts: Names, channels: Names) -> tuple[Entry, Draft]:
    """What an entry asks for: as a body of `POST /api/alerts`, and as a value. Raises Wrong."""
    # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
    from skafu.alerts.schemas import AlertIn

    # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
    from skafu.shared.validation import validate

    body = {name: value for name, value in entry.items() if name != "id"}
    errors: list[FieldError] = []
    named = body.get(NAMES_A_CHANNEL)
    if isinstance(named, list):
        body[NAMES_A_CHANNEL] = ids_of(NAMES_A_CHANNEL, named, channels, errors)
    try:
        if isinstance(body.get(NAMES_ALERTS), dict):
            body[NAMES_ALERTS] = _renamed(body[NAMES_ALERTS], alerts.id_of)
    except NoSuchName as error:
        errors.append(FieldError(NAMES_ALERTS, str(error)))
    try:
        draft = validate(AlertIn, body).draft()
    except Unprocessable as refusal:
        raise Wrong([*errors, *refusal.errors]) from refusal
    if errors:
        raise Wrong(errors)
    return body, draft


def alerts_in(condition: Any) -> set[str]:
    """The alerts that a condition names, as it names them."""
    found: set[str] = set()

    def note(name: str) -> str:
        found.add(name)
        return name

    _renamed(condition, note)
    return found


def _implied(definition: Definition) -> list[str]:
    """Fields that follow from others."""
    implied = []
    if definition.datapoints_to_alarm == definition.evaluation_periods:
        implied.append("datapoints_to_alarm")
    if definition.kind is Kind.HEARTBEAT:
        rhythm = definition.period, definition.evaluation_periods
        usual = silence_periods(definition.period * definition.evaluation_periods) == rhythm
        implied += ["period", "evaluation_periods"] if usual else ["no_data_for"]
    return implied


@cache
def _defaults() -> Mapping[str, Any]:
    """The fields of an alert, in the order of the documentation, with what they are if not given;
    required ones have None.
    """
    # pylint: disable-next=import-outside-toplevel # pydantic costs a cold start
    from skafu.alerts.schemas import AlertIn

    return {
        name: None if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in AlertIn.model_fields.items()
    }


def tidy(value: Any) -> Any:
    """Plain lists, objects and texts, without fields that are None."""
    if isinstance(value, Mapping):
        return {str(name): tidy(each) for name, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [tidy(each) for each in value]
    if isinstance(value, str):
        return str.__str__(value)
    return value


def _renamed(condition: Any, rename: Callable[[str], str]) -> Any:
    """A condition with every alert that it names called otherwise."""
    if isinstance(condition, Mapping):
        return {
            name: (
                rename(each)
                if name == "alert" and isinstance(each, str) and each
                else _renamed(each, rename)
            )
            for name, each in condition.items()
        }
    if isinstance(condition, (list, tuple)):
        return [_renamed(each, rename) for each in condition]
    return condition
