"""YAML as people write it, within bounds: plain values, and the line on which each of them stands.

Only what JSON can say as well is understood: objects, lists, texts, numbers, true, false and null,
by YAML 1.2's core schema (`no` and `on` are texts, `1:30` is one too). Anchors, aliases and tags
are refused: a text of a kilobyte can stand for gigabytes with them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skafu.shared.errors import BadRequest, PayloadTooLarge

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 24
MAX_VALUES = 200_000
MAX_DIGITS = 400

INTEGER = re.compile(r"[-+]?[0-9]+")
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    ".nan": float("nan"),
}

type Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """What a text says; `lines` has the line, from 1, of every value by its path."""

    value: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest one around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def read(raw: bytes) -> Document:
    """Read one document. Raises PayloadTooLarge, and BadRequest naming the line at fault."""
    if len(raw) > MAX_BYTES:
        raise PayloadTooLarge(f"alerts as code have at most {MAX_BYTES} bytes (2 MB)")
    # pylint: disable-next=import-outside-toplevel # only this route pays for it
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = raw.decode()
        return _Reading(yaml.parse(text, Loader=loader)).document()
    except UnicodeDecodeError as error:
        raise BadRequest("the body is not UTF-8") from error
    except yaml.YAMLError as error:
        raise BadRequest(f"the body is not YAML: {_sentence(error)}") from error


def plain(text: str) -> Any:
    """What a word without quotes means."""
    if text in WORDS:
        return WORDS[text]
    if len(text) <= MAX_DIGITS:
        if INTEGER.fullmatch(text):
            return int(text)
        if BASED.fullmatch(text):
            return int(text, 0)
        if FLOAT.fullmatch(text):
            return float(text)
    return text


class _Reading:
    """Builds values from the parser's events, which come one by one: what is out of bounds is
    refused before it is built.
    """

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._lines: dict[Path, int] = {}

    def document(self) -> Document:
        value: Any = None
        documents = 0
        for event in self._events:
            name = _name(event)
            if name == "DocumentStart":
                documents += 1
                if documents > 1:
                    raise _refused(event, "there is a second document (---); send one")
                value = self._value(next(self._events), ())
        if not documents:
            raise BadRequest("the body is empty; alerts as YAML are needed")
        return Document(value, self._lines)

    def _value(self, event: Any, path: Path) -> Any:
        if _name(event) == "Alias" or event.anchor is not None:
            raise _refused(event, "anchors and aliases (& and *) are not understood")
        if event.tag not in (None, "!"):
            raise _refused(event, "tags (!) are not understood")
        if len(path) > MAX_DEPTH:
            raise _refused(event, f"this is nested deeper than {MAX_DEPTH} levels")
        if len(self._lines) >= MAX_VALUES:
            raise _refused(event, f"there are more than {MAX_VALUES:,} values")
        self._lines[path] = _line(event)
        match _name(event):
            case "Scalar":
                # Quotes, and the block styles, make a text of anything.
                return event.value if event.style else plain(event.value)
            case "SequenceStart":
                return self._list(path)
            case _:
                return self._object(path)

    def _list(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while _name(event := next(self._events)) != "SequenceEnd":
            found.append(self._value(event, (*path, len(found))))
        return found

    def _object(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while _name(event := next(self._events)) != "MappingEnd":
            if _name(event) != "Scalar" or event.anchor is not None:
                raise _refused(event, "a field's name must be a plain text")
            name = str(event.value)
            if name in found:
                raise _refused(event, f"{name} stands here twice")
            at = _line(event)
            found[name] = self._value(next(self._events), (*path, name))
            self._lines[(*path, name)] = at
        return found


def _name(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refused(event: Any, why: str) -> BadRequest:
    return BadRequest(f"line {_line(event)}: {why}")


def _sentence(error: Exception) -> str:
    """The parser's complaint in one line."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None or problem is None:
        return str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}"
