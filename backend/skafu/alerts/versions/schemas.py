"""What the routes about versions read and answer, as models."""

from typing import Any

from pydantic import Field

from skafu.alerts.schemas import Instant, Integer, Shape


class RestoreIn(Shape):
    """Which version's content becomes the next version. If-Match names the newest version, also of
    an alert that was deleted: `GET /api/alerts/{id}/versions` has it as its ETag.
    """

    version: Integer = Field(ge=1)


class FieldDifference(Shape):
    """One field (a dotted path); null also where it was or is not there."""

    field: str
    before: Any
    after: Any


class VersionOut(Shape):
    """One version and how it differs from the one before. `by` and `action` are null where the
    audit does not reach: it keeps 400 days.
    """

    version: int
    at: Instant
    by: str | None = Field(description="Id of the person or machine")
    action: str | None = Field(description="create, change or restore")
    changes: tuple[FieldDifference, ...]
    alert: dict[str, Any] = Field(description="The alert as this version had it")


class DeletionOut(Shape):
    at: Instant
    by: str


class VersionList(Shape):
    """Versions, newest first. `deletion` tells who deleted the alert, if the audit still knows."""

    versions: tuple[VersionOut, ...]
    deleted: bool
    deletion: DeletionOut | None
    cursor: str | None
