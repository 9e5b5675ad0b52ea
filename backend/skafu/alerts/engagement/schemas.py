"""What the routes about acknowledging, assigning and commenting read and answer, as models."""

from typing import Annotated

from pydantic import AfterValidator, Field

from skafu.alerts.engagement.store import Action
from skafu.alerts.paging.schemas import LabelMap, refuse
from skafu.alerts.schemas import Instant, Shape

MAX_COMMENT = 4_096


def _visible(text: str) -> str:
    if any(ord(each) < 32 and each not in "\n\t\r" for each in text):
        raise refuse("must not contain control characters")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise refuse("must say something")
    return text


Text = Annotated[str, Field(max_length=MAX_COMMENT), AfterValidator(_visible)]


class FiringIn(Shape):
    """Which firing is meant: that of the instance with these tags, or, without `tags`, every one
    that the alert has now.
    """

    tags: LabelMap | None = Field(default=None, examples=[{"host": "web-1"}])
    comment: Text = ""


class AssignIn(FiringIn):
    """Who shall look after it."""

    assignee: str | None = Field(
        default=None,
        min_length=1,
        max_length=128,
        description="The id of a member; null: nobody. The caller, if it is not given.",
    )


class CommentIn(Shape):
    """What is said, about the instance with these tags or, without `tags`, about the alert."""

    tags: LabelMap | None = Field(default=None, examples=[{"host": "web-1"}])
    comment: Annotated[Text, AfterValidator(_said)]


class EngagementOut(Shape):
    """What people do about one firing, which began with the bucket that ended at `began`. The next
    firing of the same instance begins with nothing of it.
    """

    tags: dict[str, str]
    began: Instant
    acknowledged_by: str | None
    acknowledged_at: Instant | None
    assignee: str | None


class EngagementList(Shape):
    """The firings that were meant. `more`: there are others, which were left as they are."""

    instances: tuple[EngagementOut, ...]
    more: bool


class RemarkOut(Shape):
    """Something that was done or said; `assignee` counts where the action is assign."""

    id: str
    at: Instant
    by: str
    action: Action
    began: Instant | None = Field(description="Of the firing that it is about, if there was one.")
    comment: str
    assignee: str | None


class RemarkList(Shape):
    comments: tuple[RemarkOut, ...]
    cursor: str | None
