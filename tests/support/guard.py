"""The rules of infrastructure/guard.yaml, resolved, and what they do with an event."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.support.event_bridge import Event, matches, transformed
from tests.support.transformed import Resolver, written

type Json = dict[str, Any]

TEMPLATE = written("infrastructure/guard.yaml")
GIVEN = {
    "AccountName": "production",
    "ComplianceBucket": "skafu-compliance-logs-222222222222",
    "SecurityBusArn": "arn:aws:events:us-east-1:222222222222:event-bus/default",
    "Email": "team@example.com",
    "OtherEmail": "team@example.com",
    "SkafuUrl": "https://api.example/live/api/metrics",
    "TokenUrl": "https://auth.example/oauth2/token",
    "ClientId": "5machineclientid000000000x",
    "ClientSecret": "secret",
}
"""What the stack of an environment's account is given."""


def resources(**parameters: str) -> Json:
    """The stack's resources, resolved; those whose condition does not hold are gone."""
    defaults = {name: each.get("Default", "") for name, each in TEMPLATE["Parameters"].items()}
    resolver = Resolver(TEMPLATE, {**defaults, **parameters})
    return {
        name: resolver.resolve(each)
        for name, each in TEMPLATE["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


@cache
def at_home() -> Json:
    """With everything on, in the home region."""
    return resources(**GIVEN)


@cache
def elsewhere() -> Json:
    """The other region's."""
    return resources(**GIVEN, **{"AWS::Region": "us-west-2"})


def rules(stack: Json) -> Json:
    """Logical id -> properties of EventBridge's rules."""
    kind = "AWS::Events::Rule"
    return {name: each["Properties"] for name, each in stack.items() if each["Type"] == kind}


def targets(rule: Json) -> dict[str, Json]:
    """A rule's targets by their ids."""
    return {each["Id"]: each for each in rule["Targets"]}


def sent(event: Event, where: str, stack: Json | None = None) -> Iterator[str]:
    """What targets of this id are sent of an event."""
    for rule in rules(stack or at_home()).values():
        if matches(rule["EventPattern"], event) and where in targets(rule):
            yield transformed(targets(rule)[where], event)
