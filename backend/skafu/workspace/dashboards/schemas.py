"""What the routes about dashboards read and answer, as models.

Only routes that read a body and the documentation import this module, because it imports pydantic.
Rules over more than one field are in rules.py.
"""

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)

from skafu.metrics.fields.schemas import (
    MAX_CHOICES,
    MAX_PERIOD_S,
    FilterSpec,
    Message,
    Name,
    QuerySpec,
    TagKey,
    TagValue,
    Unit,
    filter_value,
    known_unit,
    refuse,
)
from skafu.metrics.model import Operator
from skafu.metrics.points import MAX_TAG_VALUE, MAX_TAGS
from skafu.workspace.dashboards import limits
from skafu.workspace.dashboards.variables import variable_in

USUAL = {"filters": [], "group_by": [], "fill": "null", "hidden": False}
"""Of a query: what it means not to give these."""

LAID_OUT = frozenset("\n\r\t")


def _plain(text: str) -> str:
    """Text of one line. Nothing is refused but what cannot be shown: it is shown as text."""
    if any(unicodedata.category(each) == "Cc" for each in text):
        raise refuse("must not contain control characters or line breaks")
    return text


def _lines(text: str) -> str:
    """Text of several lines."""
    if any(unicodedata.category(each) == "Cc" for each in text if each not in LAID_OUT):
        raise refuse("must not contain control characters")
    return text


def _named(text: str) -> str:
    if not text.strip():
        raise refuse("must have a visible character")
    return text


def _value(value: object, info: ValidationInfo) -> str | tuple[str, ...] | bool:
    """As in a query, and a variable for a list too."""
    if info.data.get("op") is Operator.IN and isinstance(value, str) and variable_in(value):
        return value
    return filter_value(value, info)


def _plain_value(value: str | tuple[str, ...] | bool) -> str | list[str] | bool:
    return list(value) if isinstance(value, tuple) else value


Integer = Annotated[int, Field(strict=True)]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Instant = Annotated[int, Field(description="Epoch milliseconds")]
Line = Annotated[str, Field(max_length=limits.MAX_LINE), AfterValidator(_plain)]
DashboardName = Annotated[Line, Field(min_length=1), AfterValidator(_named)]
Severity = Literal["critical", "high", "medium", "low", "info"]
PanelType = Literal["line", "area", "stat", "top_list", "table", "heatmap", "alerts", "text"]
_TEXT: dict[str, Any] = {"type": "string", "maxLength": MAX_TAG_VALUE}
PanelFilterValue = Annotated[
    str | tuple[str, ...] | bool,
    PlainValidator(_value),
    PlainSerializer(_plain_value),
    WithJsonSchema(
        {
            "anyOf": [
                _TEXT,
                {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MAX_CHOICES},
                {"type": "boolean"},
            ],
            "description": "`$name` stands for the values of the dashboard's variable `name`",
        }
    ),
]


class PanelFilter(FilterSpec):
    """A condition on one tag, as in a query; `$name` stands for a variable's values. With `=` it
    lets pass whatever equals one of them, with `!=` what equals none; `prefix` takes one value.
    While no value is chosen everything passes.
    """

    value: PanelFilterValue


class PanelQuery(QuerySpec):
    """One query of a panel, as POST /api/metrics/query takes it once the variables have values."""

    filters: list[PanelFilter] = Field(  # type: ignore[assignment] # narrower, and never written to
        default_factory=list, max_length=MAX_TAGS
    )

    def document(self) -> dict[str, Any]:
        """The query without what is as if it had not been given."""
        found = self.model_dump(mode="json", exclude_none=True)
        if self.expression is not None:
            del found["statistic"]
        for name, usual in USUAL.items():
            if found.get(name) == usual:
                del found[name]
        return found


class PanelThreshold(Message):
    """A line across a chart, or where a number changes its colour."""

    value: Finite
    severity: Severity


class PanelAlerts(Message):
    """Which alerts a list shows: of this severity, with all these labels."""

    severity: Severity | None = None
    labels: Annotated[dict[TagKey, TagValue], Field(max_length=limits.MAX_LABELS)] = Field(
        default_factory=dict
    )


class Panel(Message):
    """A rectangle of the grid: 12 columns, rows of 80 pixels, `x` and `y` its upper left corner.

    Panels of alerts and of text have no queries; all others have at least one that is not hidden.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    title: Line
    type: PanelType
    x: Annotated[Integer, Field(ge=0, lt=limits.COLUMNS)]
    y: Annotated[Integer, Field(ge=0, lt=limits.MAX_ROWS)]
    w: Annotated[Integer, Field(ge=1, le=limits.COLUMNS)]
    h: Annotated[Integer, Field(ge=1, le=limits.MAX_HEIGHT)]
    queries: Annotated[list[PanelQuery], Field(max_length=limits.MAX_QUERIES)] = Field(
        default_factory=list
    )
    unit: Annotated[Unit, AfterValidator(known_unit)] | None = None
    thresholds: Annotated[list[PanelThreshold], Field(max_length=limits.MAX_THRESHOLDS)] = Field(
        default_factory=list
    )
    text: (
        Annotated[
            str,
            Field(
                max_length=limits.MAX_TEXT,
                description="Shown as it is, with its line breaks; addresses become links",
            ),
            AfterValidator(_lines),
        ]
        | None
    ) = None
    alerts: PanelAlerts | None = None

    def document(self) -> dict[str, Any]:
        """The panel without what is as if it had not been given."""
        found = self.model_dump(mode="json", exclude_none=True, exclude={"queries"})
        if not self.thresholds:
            del found["thresholds"]
        if self.alerts is not None and not self.alerts.labels:
            del found["alerts"]["labels"]
        return {**found, "queries": [each.document() for each in self.queries]}


class DashboardVariable(Message):
    """Values of a tag that people choose: `$name` in filters stands for them. The choices are the
    tag's values, of `metric` alone if that is given; no default means all of them.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
    tag: TagKey
    metric: Name | None = None
    default: Annotated[list[TagValue], Field(max_length=limits.MAX_DEFAULTS)] = Field(
        default_factory=list
    )


class DashboardRange(Message):
    """What is shown at first: so many seconds up to now."""

    last: Annotated[Integer, Field(ge=limits.MIN_LAST_S, le=MAX_PERIOD_S)]


class DashboardIn(Message):
    """A dashboard as it is asked for: at most 300 KB of JSON."""

    name: DashboardName
    description: Annotated[
        str, Field(max_length=limits.MAX_DESCRIPTION), AfterValidator(_lines)
    ] = ""
    variables: Annotated[list[DashboardVariable], Field(max_length=limits.MAX_VARIABLES)] = Field(
        default_factory=list
    )
    range: DashboardRange = DashboardRange(last=3_600)
    panels: Annotated[list[Panel], Field(max_length=limits.MAX_PANELS)] = Field(
        default_factory=list
    )

    def document(self) -> dict[str, Any]:
        """The same as the plain values that are kept."""
        found = self.model_dump(mode="json", exclude_none=True, exclude={"panels"})
        return {**found, "panels": [each.document() for each in self.panels]}


class DashboardOut(DashboardIn):
    """A dashboard as it is stored. Fields of panels and queries that are as if they had not been
    given are left out.
    """

    id: str
    version: int
    created_at: Instant
    updated_at: Instant
    updated_by: Annotated[str, Field(description="Id of the person or machine")]


class DashboardRow(Message):
    """A dashboard in a list; `panels` is how many it has."""

    id: str
    name: str
    description: str
    panels: int
    version: int
    updated_at: Instant
    updated_by: Annotated[str, Field(description="Id of the person or machine")]


class DashboardList(Message):
    """Dashboards in the order of their names; `limit` is how many there may be."""

    dashboards: list[DashboardRow]
    limit: int
    cursor: str | None


class DashboardRestoreIn(Message):
    """Which version's content becomes the next version. If-Match names the newest version, also of
    a dashboard that was deleted: `GET /api/dashboards/{id}/versions` has it as its ETag.
    """

    version: Annotated[Integer, Field(ge=1)]


class DashboardChange(Message):
    """One field (a dotted path: `panels.<id>.title`); null also where it was or is not there. Of
    queries and texts it is told only that they changed: `before` and `after` are fingerprints.
    """

    field: str
    before: Any
    after: Any


class DashboardVersionOut(Message):
    """One version: who made it, how, and how it differs from the one before. The dashboard itself
    is GET /api/dashboards/{id}?version=.
    """

    version: int
    at: Instant
    by: Annotated[str, Field(description="Id of the person or machine")]
    action: Annotated[str, Field(description="create, change or restore")]
    name: str
    panels: int
    changes: list[DashboardChange]


class DashboardVersionList(Message):
    """Versions, newest first: the last 50 are kept. `gone_at` is when a dashboard that was deleted
    can no longer be restored.
    """

    versions: list[DashboardVersionOut]
    deleted: bool
    gone_at: Instant | None
    cursor: str | None
