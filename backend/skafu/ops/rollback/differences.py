"""What a redeployment of an older template changes, as far as templates and parameters tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

RETAINED = ("Retain", "RetainExceptOnCreate")
HOLDING = (
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
)
"""Kinds of resources that hold what is not in the template."""


@dataclass(frozen=True)
class Differences:
    """Logical ids of resources (with their types where they go or come), and sentences on the
    parameters. `holding` are those of the going ones that hold data.
    """

    changed: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    going: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """For people."""
        told = {
            "changed": self.changed,
            "created again": self.coming,
            "deleted": self.going,
            "left to themselves": self.left,
        }
        yield from (f"{what}: {', '.join(names)}" for what, names in told.items() if names)
        yield from (f"parameter {each}" for each in self.parameters)


def between(
    now: str, then: str, parameters_now: Mapping[str, str], parameters_then: Mapping[str, str]
) -> Differences:
    """From what is deployed to what shall be; `now` and `then` are templates before SAM transforms
    them. Deleted are resources that the older one does not have, unless their policy keeps them.
    """
    ours, theirs = _resources(now), _resources(then)
    gone = sorted(ours.keys() - theirs.keys())
    going = [name for name in gone if not _is_retained(ours[name])]
    return Differences(
        changed=tuple(sorted(n for n in ours.keys() & theirs.keys() if ours[n] != theirs[n])),
        coming=_typed(theirs, sorted(theirs.keys() - ours.keys())),
        going=_typed(ours, going),
        left=_typed(ours, [name for name in gone if _is_retained(ours[name])]),
        holding=tuple(name for name in going if ours[name]["Type"] in HOLDING),
        parameters=tuple(_changes(parameters_now, parameters_then)),
    )


def coded_at(text: str) -> tuple[tuple[str, str], ...]:
    """(bucket, key) of each part of code that a template asks for."""
    found = set()
    for resource in _resources(text).values():
        properties = resource.get("Properties") or {}
        for name in ("CodeUri", "ContentUri"):
            place = properties.get(name)
            if isinstance(place, str) and place.startswith("s3://"):
                bucket, _, key = place.removeprefix("s3://").partition("/")
                found.add((bucket, key))
    return tuple(sorted(found))


def _resources(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(text).get("Resources") or {}
    return found


def _typed(resources: Mapping[str, Any], names: list[str]) -> tuple[str, ...]:
    return tuple(f"{name} ({resources[name]['Type']})" for name in names)


def _is_retained(resource: Mapping[str, Any]) -> bool:
    return resource.get("DeletionPolicy") in RETAINED


def _changes(now: Mapping[str, str], then: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(now.keys() | then.keys()):
        if name not in then:
            yield f"{name}: {now[name]!r} -> what the template says"
        elif now.get(name) != then[name]:
            yield f"{name}: {now.get(name, 'not set')!r} -> {then[name]!r}"
