"""What is different between two releases, or between a release and an artefact."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from skafu.ops.artefact.build import CODE
from skafu.ops.artefact.manifest import DataFormat
from skafu.ops.release.record import FunctionVersion, Release
from skafu.ops.release.sections import Section
from skafu.ops.release.words import short

AROUND = 2
"""Lines of a template around those that differ."""


def between(old: Release, new: Release, was: str, is_: str) -> Iterator[Section]:
    """From one release to another; `was` and `is_` are the texts of their templates."""
    yield Section("Artefact", list(_artefacts(old, new)))
    yield Section("Parameters", list(pairs(old.parameters, new.parameters)))
    yield Section("Functions", list(_functions(old.functions, new.functions)))
    yield Section("Template", list(texts(was, is_, old.id, new.id)))


def pairs(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """A line for each name whose value differs."""
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name}: {_said(old.get(name))} -> {_said(new.get(name))}"


def code(template: str) -> dict[str, str]:
    """Where a deployed template says that the code of functions and of layers is."""
    resources: Mapping[str, Any] = yaml.safe_load(template)["Resources"]
    return {
        name: str(resource["Properties"].get(CODE[resource["Type"]]))
        for name, resource in resources.items()
        if resource["Type"] in CODE
    }


def recoded(was: str, is_: str) -> Sequence[str]:
    """The functions and layers with other code, by logical id; new ones too, gone ones not."""
    old, new = code(was), code(is_)
    return sorted(name for name in new if old.get(name) != new[name])


def texts(was: str, is_: str, old: str, new: str) -> Iterator[str]:
    """The lines that differ, with those around them."""
    lines = difflib.unified_diff(
        was.splitlines(), is_.splitlines(), old, new, n=AROUND, lineterm=""
    )
    return iter(lines)


def formats(old: DataFormat, new: DataFormat) -> Iterator[str]:
    """A line when what is stored or understood differs."""
    if old != new:
        yield f"data format: {_format(old)} -> {_format(new)}"


def _artefacts(old: Release, new: Release) -> Iterator[str]:
    marks = old.artefact, new.artefact
    if marks[0].identity != marks[1].identity:
        yield f"identity: {short(marks[0].identity)} -> {short(marks[1].identity)}"
    if marks[0].commit != marks[1].commit:
        yield f"commit: {short(marks[0].commit)} -> {short(marks[1].commit)}"
    if old.console != new.console:
        yield f"console: {short(old.console)} -> {short(new.console)}"
    yield from formats(old.data_format, new.data_format)


def _functions(
    old: Mapping[str, FunctionVersion], new: Mapping[str, FunctionVersion]
) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        was, is_ = old.get(name), new.get(name)
        if was is None or is_ is None:
            yield f"{name}: {'new' if was is None else 'gone'}"
        elif was != is_:
            yield f"{name}: {', '.join(_function(was, is_))}"


def _function(was: FunctionVersion, is_: FunctionVersion) -> Iterator[str]:
    if was.name != is_.name:
        yield f"another function ({was.name} -> {is_.name})"
    yield f"version {was.version} -> {is_.version}"
    yield "other code" if was.code != is_.code else "the same code"
    if was.layers != is_.layers:
        yield f"layers {_layers(was)} -> {_layers(is_)}"


def _layers(function: FunctionVersion) -> str:
    names = (":".join(each.split(":")[-2:]) for each in function.layers)
    return ", ".join(names) or "none"


def _format(found: DataFormat) -> str:
    return f"writes {found.writes}, reads {', '.join(str(each) for each in found.reads)}"


def _said(value: str | None) -> str:
    return "not set" if value is None else repr(value)
