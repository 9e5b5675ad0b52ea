"""How matchers are shown: the shapes of schemas.py as plain values, without pydantic."""

from typing import Any

from skafu.alerts.paging.model import Matchers

type View = dict[str, Any]


def matchers_view(matchers: Matchers) -> list[View]:
    """Matchers as the API reads and answers them."""
    return [{"label": each.tag, "op": each.op, "value": each.value} for each in matchers]
