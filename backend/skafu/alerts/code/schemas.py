"""What the import answers, as models."""

from typing import Any, Literal

from pydantic import Field

from skafu.alerts.schemas import Shape
from skafu.alerts.versions.schemas import FieldDifference

Result = Literal["created", "changed", "unchanged", "deleted", "failed", "left"]


class WrongField(Shape):
    field: str
    reason: str


class ImportedAlert(Shape):
    """What became, or would become, of one alert. `left`: time ran out, import again.

    `id` is null for an alert that a dry run would make. `alert` is, in a dry run, what would be
    asked for, as `POST /api/alerts` takes it: it can be backtested.
    """

    id: str | None
    name: str
    line: int | None = Field(description="Where its entry begins in the file")
    outcome: Result
    version: int | None
    changes: tuple[FieldDifference, ...]
    alert: dict[str, Any] | None
    detail: str | None = Field(description="Why it failed")
    errors: tuple[WrongField, ...]


class ImportedRoute(Shape):
    name: str
    outcome: Literal["created", "changed", "unchanged", "deleted"]
    changes: tuple[FieldDifference, ...]


class ImportedRoutes(Shape):
    """What became, or would become, of the routes, which are replaced together."""

    outcome: Literal["changed", "unchanged", "failed", "left"]
    moved: bool = Field(description="Their order changes")
    routes: tuple[ImportedRoute, ...]
    detail: str | None
    errors: tuple[WrongField, ...]


class ImportOut(Shape):
    """Every alert of the file, and every one that is removed; counts are of alerts."""

    dry_run: bool
    counts: dict[Result, int]
    alerts: tuple[ImportedAlert, ...]
    routes: ImportedRoutes | None
