"""Jinja2 with almost everything taken out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from skafu.alerts.senders.figures import clip, number

MAX_PIECE = 4000  # characters that one value can become
LOOP_PARTS = frozenset({"index", "first", "last", "length"})
MAX_NAMES = 20

type Escape = Callable[[str], str]


@dataclass(frozen=True)
class Filter:
    """A filter: how many arguments it takes, whether lists may be given to it."""

    call: Callable[..., Any]
    arguments: int
    example: str
    lists: bool = False


class Unknown(StrictUndefined):
    """A name that stands for nothing: using it says what there is instead."""

    @property
    def _undefined_message(self) -> str:
        known = self._undefined_obj
        names = sorted(known)[:MAX_NAMES] if isinstance(known, Mapping) else []
        there = f"there are {', '.join(names)}" if names else "there are none"
        name = self._undefined_name
        return f"there is no {name} here; {there}; with a default: | default('none')"


class Environment(ImmutableSandboxedEnvironment):
    """Parts of things are what their mappings hold, and nothing else: no attribute of any Python
    object can be reached.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj["argument"]`."""
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        if isinstance(obj, LoopContext) and argument in LOOP_PARTS:
            return getattr(obj, argument)
        if isinstance(obj, Undefined):
            return obj
        return self.undefined(obj=obj, name=argument)


def _text(value: Any) -> str:
    """As people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, float):
        return number(value)
    return str(value)


def _upper(value: Any) -> str:
    return clip(_text(value).upper(), MAX_PIECE)


def _lower(value: Any) -> str:
    return clip(_text(value).lower(), MAX_PIECE)


def _default(value: Any, other: Any) -> Any:
    return other if isinstance(value, Undefined) or value in (None, "") else value


def _truncate(value: Any, length: Any) -> str:
    return clip(_text(value), max(4, min(MAX_PIECE, int(length))))


def _round(value: Any, digits: Any) -> Any:
    return None if value is None else round(float(value), max(0, min(15, int(digits))))


FILTERS: Mapping[str, Filter] = {
    "upper": Filter(_upper, 0, "{{ first.name | upper }}"),
    "lower": Filter(_lower, 0, "{{ severity | lower }}"),
    "default": Filter(_default, 1, "{{ labels.team | default('nobody') }}"),
    "truncate": Filter(_truncate, 1, "{{ first.description | truncate(80) }}"),
    "round": Filter(_round, 1, "{{ first.value | round(2) }}"),
    "length": Filter(len, 0, "{{ items | length }}", lists=True),
}
TESTS: Mapping[str, Callable[[Any], bool]] = {
    "defined": lambda value: not isinstance(value, Undefined),
    "undefined": lambda value: isinstance(value, Undefined),
    "none": lambda value: value is None,
}


def plain(text: str) -> str:
    """For texts without any markup."""
    return text


@cache
def environment(escape: Escape = plain) -> Environment:
    """One whose values are written through `escape`; what stands in a template is left as it is."""

    def finalize(value: Any) -> str:
        return escape(clip(_text(value), MAX_PIECE))

    made = Environment(
        undefined=Unknown,
        finalize=finalize,
        autoescape=False,  # no HTML is made; each service's escaping is `finalize`
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
        optimized=False,
    )
    made.globals.clear()
    made.filters = {name: each.call for name, each in FILTERS.items()}
    made.tests = dict(TESTS)
    return made
