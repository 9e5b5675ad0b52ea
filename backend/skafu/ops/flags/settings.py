"""What flags are set to, as flags/<environment>.json says it.

    {
      "compaction_interval_minutes": 15,
      "alert_backtests": false,
      "alert_drills": {"percent_of_tenants": 20, "always": ["<tenant>"], "never": ["<tenant>"]}
    }

A flag that a file does not mention has its default. `never` wins over `always`, both win over the
percentage.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.shared.flag_catalogue import KNOWN, SHARES, Flag, Number

MOST_TENANTS = 100
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Staged:
    """On for some tenants; ids in `always` and `never`."""

    percent_of_tenants: int = 0
    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


type Setting = int | bool | Staged
type Settings = Mapping[str, Setting]

FLAGS: Mapping[str, Flag] = {flag.name: flag for flag in KNOWN}
_STAGED = tuple(each.name for each in fields(Staged))


def parsed(text: str) -> Settings:
    """Read a file. Raises Refused naming every field that is wrong."""
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        raise Refused(f"This is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Refused("A file of flags is an object: flags by their names.")
    if wrong := [problem for name, value in found.items() for problem in _problems(name, value)]:
        raise Refused("These flags cannot be set so:\n" + "\n".join(wrong))
    return {name: _setting(found[name]) for name in FLAGS if name in found}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two values for one name nobody could say which is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice} is there twice")
    return found


def _problems(name: str, value: Any) -> Iterator[str]:
    flag = FLAGS.get(name)
    if flag is None:
        yield f"{name}: there is no such flag; there are {', '.join(FLAGS)}"
    elif isinstance(flag, Number):
        if not flag.accepts(value):
            yield f"{name}: is {flag.wanted}"
    elif isinstance(value, dict):
        yield from (f"{name}.{problem}" for problem in _problems_of_stage(value))
    elif not flag.accepts(value):
        yield f"{name}: is true, false, or an object with {', '.join(_STAGED)}"


def _problems_of_stage(value: Mapping[str, Any]) -> Iterator[str]:
    for name, part in value.items():
        if name not in _STAGED:
            yield f"{name}: is unknown; known are {', '.join(_STAGED)}"
        elif name == "percent_of_tenants":
            if not _is_percentage(part):
                yield f"{name}: is a whole number from 0 to {SHARES}"
        elif not _are_tenants(part):
            yield f"{name}: is a list of tenants' ids, {MOST_TENANTS} at most"
    if both := set(_ids(value, "always")) & set(_ids(value, "never")):
        yield f"never: names tenants that are also in always: {', '.join(sorted(both))}"


def _is_percentage(part: Any) -> bool:
    return isinstance(part, int) and not isinstance(part, bool) and 0 <= part <= SHARES


def _are_tenants(part: Any) -> bool:
    return (
        isinstance(part, list)
        and len(part) <= MOST_TENANTS
        and all(isinstance(each, str) and _TENANT.fullmatch(each) for each in part)
    )


def _ids(value: Mapping[str, Any], name: str) -> list[str]:
    part = value.get(name, [])
    return part if _are_tenants(part) else []


def _setting(value: Any) -> Setting:
    """What a value means that has no problems; all and none are told in one way."""
    if not isinstance(value, dict):
        return bool(value) if isinstance(value, bool) else int(value)
    named = {name: tuple(sorted(set(value.get(name, ())))) for name in ("always", "never")}
    percent = value.get("percent_of_tenants", 0)
    if percent == SHARES and not named["never"]:
        return True
    if percent == 0 and not named["always"]:
        return False
    return Staged(percent, **named)


def told(setting: Setting) -> str:
    """A setting for people."""
    if isinstance(setting, bool):
        return "on" if setting else "off"
    if isinstance(setting, int):
        return str(setting)
    parts = [f"on for {setting.percent_of_tenants} % of tenants"]
    if setting.always:
        parts.append(f"always for {', '.join(setting.always)}")
    if setting.never:
        parts.append(f"never for {', '.join(setting.never)}")
    return ", ".join(parts)


def told_of(settings: Settings, flag: Flag) -> str:
    """What a flag is set to; what is not mentioned has its default."""
    if flag.name in settings:
        return told(settings[flag.name])
    return f"{told(flag.default)} (the default)"
