"""The templates as CloudFormation gets them: transformed by SAM, resolved for each environment.

What is suppressed at a resource as it is written goes on to what SAM makes of it. A suppression
may name the environments that it is for; elsewhere it does not count.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from skafu.ops.environments import NAMES
from skafu.ops.transformed import Resolver, read, transform

APPLICATION = "template.yaml"
WIDEST = "production"
"""Where all resources are looked at, those too that an operator's parameter has to ask for."""

type Json = Any
type Skip = Mapping[str, Json]
type Resources = dict[str, dict[str, Json]]


class Misplaced(Exception):
    """A suppression that is not understood; the text says where and why."""


class _Lenient(Resolver):
    """Leaves a look-up as it is that only the operator's parameters decide."""

    def _findinmap(self, argument: list[Json]) -> Json:
        try:
            return super()._findinmap(argument)
        except (KeyError, TypeError):
            return {"Fn::FindInMap": argument}


def rendered(root: Path) -> Iterator[tuple[str, Resources]]:
    """Each template of a work tree by its path and environment, as in `template.yaml:production`,
    or by its path where it is the same in all. Raises Misplaced.
    """
    environments = [name for name in NAMES if name != "local"]  # which is no AWS
    application = read(root / APPLICATION)
    for environment in environments:
        made = transform(application, {"Environment": environment})
        hand_on(application, made)
        yield f"{APPLICATION}:{environment}", resources(made, environment)
    for path in sorted((root / "infrastructure").glob("*.yaml")):
        template = read(path)
        if "Resources" not in template:
            continue  # a list of stacks, not one
        name = path.relative_to(root).as_posix()
        if "Environment" not in template.get("Parameters", {}):
            yield name, resources(template, WIDEST)
            continue
        for environment in environments:
            yield f"{name}:{environment}", resources(template, environment)


def hand_on(written: Mapping[str, Json], made: dict[str, Json]) -> None:
    """Give what SAM has made of a resource that one's suppressions: its name begins with it."""
    for name, resource in made["Resources"].items():
        if name in written["Resources"]:
            continue
        origins = [each for each in written["Resources"] if name.startswith(each)]
        if origins:
            skips = _skips(written["Resources"][max(origins, key=len)])
            resource["Metadata"] = {"checkov": {"skip": skips}}


def _skips(resource: Mapping[str, Json]) -> list[Skip]:
    return list(resource.get("Metadata", {}).get("checkov", {}).get("skip", []))


def resources(template: Mapping[str, Json], environment: str) -> Resources:
    """What a template makes in an environment, with the suppressions that count there."""
    given = template.get("Parameters", {})
    parameters = {name: each.get("Default", "") for name, each in given.items()}
    resolver = _Lenient(template, {**parameters, "Environment": environment})
    found = {}
    for name, resource in template["Resources"].items():
        condition = resource.get("Condition")
        if environment == WIDEST or condition is None or resolver.condition(condition):
            skips = [each for each in _skips(resource) if _counts(name, each, environment)]
            known = resolver.resolve({k: v for k, v in resource.items() if k != "Metadata"})
            found[name] = known | ({"Metadata": {"checkov": {"skip": skips}}} if skips else {})
    return found


def _counts(name: str, skip: Skip, environment: str) -> bool:
    if not (str(skip.get("id", "")).strip() and str(skip.get("comment", "")).strip()):
        raise Misplaced(f"{name}: a suppression has an id and a comment")
    wanted = skip.get("environments", [environment])
    if unknown := sorted(set(wanted) - set(NAMES) - {environment}):
        raise Misplaced(f"{name}: there is no environment {unknown[0]}")
    return environment in wanted


def write(folder: Path, found: Iterator[tuple[str, Resources]]) -> dict[str, str]:
    """Write templates for checkov; the name of each by that of its file."""
    names = {}
    for name, made in found:
        file = f"{name.replace('/', '.').replace(':', '.')}.json"
        document = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made}
        (folder / file).write_text(json.dumps(document, indent=1, default=str), encoding="utf-8")
        names[file] = name
    return names
