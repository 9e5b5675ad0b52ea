"""JSON bodies to pydantic models, and pydantic's complaints to ours.

Importing this module loads pydantic, which a cold start pays for: slower routes import it inside.
"""

from collections.abc import Iterable

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from skafu.shared.errors import BadRequest, FieldError, Unprocessable

MAX_ERRORS = 100  # more help nobody
UNKNOWN = "extra_forbidden"


def parse[Model: BaseModel](model: type[Model], raw: bytes) -> Model:
    """Read a body as a model.

    Raises BadRequest when it is not a JSON object, Unprocessable listing the fields at fault with
    dotted paths (`queries.0.period`) otherwise.
    """
    return validate(model, json_object(raw))


def json_object(raw: bytes) -> dict[str, object]:
    """Read a body as a JSON object. Raises BadRequest."""
    if not raw:
        raise BadRequest("the body is empty; a JSON object is needed")
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest("the body is JSON, but not an object")
    return found


def validate[Model: BaseModel](model: type[Model], values: object) -> Model:
    """Read values that were parsed already (query parameters) as a model. Raises Unprocessable."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise Unprocessable("some fields are wrong", list(_fields(details[:MAX_ERRORS]))) from error


def _fields(details: Iterable[ErrorDetails]) -> Iterable[FieldError]:
    for each in details:
        path = ".".join(str(part) for part in each["loc"])
        if each["type"] == UNKNOWN:
            yield FieldError(path, "is unknown")
        else:
            # A validator's own sentence comes wrapped as "Value error, <sentence>".
            yield FieldError(path, each["msg"].removeprefix("Value error, "))
