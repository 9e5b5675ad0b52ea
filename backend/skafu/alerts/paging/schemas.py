"""What several routes about routing and silences read: matchers, labels, times.

Only routes that read a body and the documentation import this module: it imports pydantic.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    JsonValue,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from skafu.alerts.paging.model import Matchers
from skafu.alerts.schemas import Shape, TagName, TagValue
from skafu.metrics.model import Operator, TagFilter
from skafu.shared.errors import Unprocessable
from skafu.shared.instants import instant_from
from skafu.shared.validation import parse

MAX_MATCHERS = 30
MAX_CHOICES = 100
MAX_VALUE = 256
MAX_LABELS = 100
FAR = 10**13 - 1  # the last moment that keys can hold


def refuse(sentence: str) -> PydanticCustomError:
    """What a validator raises."""
    return PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})


def _moment(value: object) -> int:
    try:
        at = instant_from(value)
    except ValueError as error:
        raise refuse(str(error)) from error
    if not 0 <= at < FAR:
        raise refuse("must be after 1970 and before 2286")
    return at


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}],
            "description": "Epoch milliseconds, or RFC 3339 with an offset.",
        }
    ),
]


def _condition(value: object, info: ValidationInfo) -> str | tuple[str, ...] | bool:
    """What a matcher compares with; its operator was read before it."""
    match info.data.get("op"):
        case Operator.EXISTS:
            if isinstance(value, bool):
                return value
            raise refuse("must be true or false where op is exists")
        case Operator.IN:
            # Lists come from JSON, tuples from what is stored.
            if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_CHOICES:
                raise refuse(f"must be a list of 1 to {MAX_CHOICES} texts where op is in")
            return tuple(_text(each) for each in value)
        case _:
            return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("must be a text, except where op is in (a list) or exists (true or false)")
    if len(value) > MAX_VALUE:
        raise refuse(f"has {len(value)} characters; {MAX_VALUE} are allowed")
    return value


_TEXT: dict[str, JsonValue] = {"type": "string", "maxLength": MAX_VALUE}
MatcherValue = Annotated[
    str | tuple[str, ...] | bool,
    PlainValidator(_condition),
    WithJsonSchema(
        {
            "anyOf": [
                _TEXT,
                {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MAX_CHOICES},
                {"type": "boolean"},
            ]
        }
    ),
]


class Matcher(Shape):
    """A condition on one label: a tag of the instance, a label of the alert, `alertname`,
    `severity`, or `drill`. What has no such label equals nothing, so `!=` lets it pass.

    `value` is a text; for `in` a list of them, for `exists` true or false.
    """

    label: TagName
    op: Operator
    value: MatcherValue


MatcherList = Annotated[tuple[Matcher, ...], Field(max_length=MAX_MATCHERS)]
LabelMap = Annotated[dict[TagName, TagValue], Field(max_length=MAX_LABELS)]


def conditions(matchers: tuple[Matcher, ...]) -> Matchers:
    """The same as the domain's values."""
    return tuple(TagFilter(each.label, each.op, each.value) for each in matchers)


def parse_or_show[Model: BaseModel](
    model: type[Model], raw: bytes, example: Mapping[str, Any]
) -> Model:
    """Read a body as a model; what is wrong is told together with a right example."""
    try:
        return parse(model, raw)
    except Unprocessable as wrong:
        raise Unprocessable(str(wrong), wrong.errors, extra={"example": example}) from wrong
