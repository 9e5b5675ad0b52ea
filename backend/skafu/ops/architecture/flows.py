"""Who hands what to whom: read out of the template as CloudFormation gets it.

What wakes a function is in events and integrations, what it reads and writes in its role's policy.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

STORES: Mapping[str, str] = {
    "AWS::DynamoDB::GlobalTable": "table",
    "AWS::SQS::Queue": "queue",
    "AWS::SNS::Topic": "topic",
    "AWS::S3::Bucket": "bucket",
    "AWS::Cognito::UserPool": "user pool",
    "AWS::AppConfig::Application": "flags",
}
"""What is shown beside functions, by type."""
FUNCTION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Alias"
READING = re.compile(
    r":(Get|List|Query|Describe|BatchGet|ConditionCheck)|^appconfig:|^sqs:(Receive|Delete|Change)"
)
"""Actions that take something out: who reads a queue or a flag has more to say than `Get`."""
NAMED = re.compile(r"\$\{([A-Za-z0-9]+)")


class Kind(StrEnum):
    """What an arrow means."""

    WAKES = "wakes"
    WRITES = "writes"
    READS = "reads"


@dataclass(frozen=True, order=True)
class Arrow:
    """From one logical id to another, in the direction in which data go."""

    source: str
    target: str
    kind: Kind


def names_in(node: Any) -> Iterator[str]:
    """Every logical id (or parameter) that a part of a template refers to."""
    if isinstance(node, list):
        for each in node:
            yield from names_in(each)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key == "Ref":
                yield str(value)
            elif key == "Fn::GetAtt":
                yield str(value[0] if isinstance(value, list) else value).split(".", maxsplit=1)[0]
            elif key == "Fn::Sub":
                text = value if isinstance(value, str) else value[0]
                yield from NAMED.findall(str(text))
                yield from names_in(value[1:] if isinstance(value, list) else ())
            else:
                yield from names_in(value)


@dataclass(frozen=True)
class Reader:
    """Reads arrows out of a template's resources, transformed by SAM."""

    resources: Mapping[str, Any]

    def arrows(self) -> tuple[Arrow, ...]:
        """All of them, each once; who is woken by something is not told to read it too."""
        found = {*self._waking(), *self._doing()}
        woken = {(each.source, each.target) for each in found if each.kind is Kind.WAKES}
        return tuple(
            sorted(
                each
                for each in found
                if each.source != each.target
                and (each.kind is not Kind.READS or (each.source, each.target) not in woken)
            )
        )

    def kind_of(self, name: str) -> str:
        """A resource's type."""
        return str(self.resources[name]["Type"])

    def _function(self, name: str) -> str | None:
        """The function that a name means, which may be its alias's."""
        kind = self.resources.get(name, {}).get("Type")
        if kind == ALIAS:
            return next(names_in(self.resources[name]["Properties"]["FunctionName"]))
        return name if kind == FUNCTION else None

    def _functions(self, node: Any) -> Iterator[str]:
        found = (self._function(each) for each in names_in(node))
        yield from (each for each in found if each is not None)

    def _stores(self, node: Any) -> Iterator[str]:
        for name in names_in(node):
            if self.resources.get(name, {}).get("Type") in STORES:
                yield name

    def _waking(self) -> Iterator[Arrow]:
        for name, each in self.resources.items():
            properties = each.get("Properties", {})
            match each["Type"]:
                case "AWS::ApiGateway::RestApi":
                    woken = (name, properties.get("Body"))
                case "AWS::Lambda::EventSourceMapping":
                    for store in self._stores(properties["EventSourceArn"]):
                        for function in self._functions(properties["FunctionName"]):
                            yield Arrow(store, function, Kind.WAKES)
                    continue
                case "AWS::CloudFront::Distribution":
                    yield from self._serving(name, properties)
                    continue
                case "AWS::Events::Rule":
                    woken = ("Schedule", properties.get("Targets"))
                case "AWS::Scheduler::Schedule":
                    woken = ("Schedule", properties.get("Target"))
                case "AWS::SNS::Subscription":
                    woken = (next(self._stores(properties["TopicArn"]), name), properties)
                case _:
                    continue
            for function in self._functions(woken[1]):
                yield Arrow(woken[0], function, Kind.WAKES)

    def _serving(self, name: str, properties: Mapping[str, Any]) -> Iterator[Arrow]:
        origins = properties["DistributionConfig"]["Origins"]
        for each in names_in(origins):
            kind = self.resources.get(each, {}).get("Type")
            if kind == "AWS::ApiGateway::RestApi":
                yield Arrow(name, each, Kind.WAKES)
            elif kind in STORES:
                yield Arrow(each, name, Kind.READS)

    def _doing(self) -> Iterator[Arrow]:
        for name, each in self.resources.items():
            if each["Type"] == FUNCTION:
                role = next(names_in(each["Properties"]["Role"]), "")
                for policy in (
                    self.resources.get(role, {}).get("Properties", {}).get("Policies", ())
                ):
                    yield from self._done(name, policy.get("PolicyDocument", {}))

    def _done(self, function: str, document: Mapping[str, Any]) -> Iterator[Arrow]:
        for statement in document.get("Statement", ()):
            actions = statement.get("Action", ())
            for action in [actions] if isinstance(actions, str) else actions:
                for store in self._stores(statement.get("Resource")):
                    if READING.search(str(action)):
                        yield Arrow(store, function, Kind.READS)
                    elif not str(action).startswith("kms:"):
                        yield Arrow(function, store, Kind.WRITES)
