"""The two regions that a table is in: their stacks, and which of them acts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ConnectionError as Unreachable, HTTPClientError
from botocore.parsers import ResponseParserError

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import restoring, switching
from skafu.ops.recovery.place import Place
from skafu.shared import keys
from skafu.shared.dynamo import DynamoTable
from skafu.shared.errors import Unavailable
from skafu.shared.table import Put, Value

ACTIVE, HOME = "ActiveRegion", "HomeRegion"
MAPPING = "AWS::Lambda::EventSourceMapping"
RULE = "AWS::Events::Rule"
BROKEN = 500
NO_ANSWER = (Unreachable, HTTPClientError, ResponseParserError, Unavailable)
"""None at all, or none that AWS would give."""


@dataclass(frozen=True)
class Side:
    """One region's stack; `stack` is None where the region does not answer."""

    place: Place
    stack: switching.Stack | None

    @property
    def region(self) -> str:
        """Its name."""
        return str(self.place.where["region_name"])

    @property
    def is_home(self) -> bool:
        """Whether its stack has made the table."""
        return self.region == self.place.environment.region

    @property
    def acts(self) -> str:
        """The region that its parameters say acts."""
        parameters: Mapping[str, str] = {} if self.stack is None else self.stack.parameters
        return parameters.get(ACTIVE) or self.place.environment.region

    def table(self) -> DynamoTable:
        """Its copy of the table."""
        return DynamoTable(self.place.client("dynamodb"), self.place.table())


def look(place: Place) -> Side:
    """A region as it is now. Raises Refused for a release that knows of one region only."""
    try:
        found = switching.look(place.client("cloudformation"), place.stack)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < BROKEN:
            raise Refused(f"{place.where['region_name']}: {error}") from error
        return Side(place, None)
    except NO_ANSWER:
        return Side(place, None)
    if ACTIVE not in found.parameters:
        raise Refused(f"{place.stack} runs a release that knows one region: deploy a newer one.")
    return Side(place, found)


def named(side: Side) -> str:
    """Which region the table of a side says acts."""
    item = side.table().get(keys.active_region(), consistent=True) or {}
    return str(item.get("region") or side.place.environment.region)


def name(side: Side, region: str, at: int) -> None:
    """Have the table say which region acts, since a moment (epoch ms)."""
    item: dict[str, Value] = {"k": "region", "region": region, "since": at}
    side.table().write(Put({**keys.active_region()._asdict(), **item}))


def oddities(target: Side, source: Side) -> Iterator[str]:
    """Why the target cannot take over, as far as its table and stacks tell."""
    if target.stack is None:
        yield f"{target.region} does not answer"
        return
    client, table = target.place.client("dynamodb"), target.place.table()
    found = restoring.describe(client, table)
    if found is None or found.get("TableStatus") not in ("ACTIVE", "UPDATING"):
        yield f"{target.region} has no table {table}"
        return
    others = {each["RegionName"]: each for each in found.get("Replicas", ())}
    replica = others.get(source.region)
    if replica is None:
        yield f"{table} in {target.region} is no replica of the one in {source.region}"
    stream = str(found.get("LatestStreamArn", ""))
    told = target.stack.parameters.get(switching.STREAM, "")
    if not target.is_home and switching.label_of(stream) != told:
        yield f"{target.place.stack} reads another stream ({told}) than that of {table}"
    if target.stack.status.endswith("_IN_PROGRESS"):
        yield f"{target.place.stack} is in {target.stack.status}"
    if source.stack is not None:
        differing = _releases_differ(target, source)
        if differing:
            yield differing


def _releases_differ(target: Side, source: Side) -> str | None:
    ours, theirs = (code_of(each) for each in (target, source))
    odd = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if not odd:
        return None
    return f"{target.region} runs another release than {source.region}: {', '.join(odd[:3])}"


def code_of(side: Side) -> dict[str, str]:
    """The hash of the code that callers of each function reach."""
    functions, found = side.place.client("lambda"), {}
    for each in resources(side.place, switching.ALIAS):
        told = functions.get_function_configuration(FunctionName=each["PhysicalResourceId"])
        found[str(each["LogicalResourceId"])] = str(told["CodeSha256"])
    return found


def triggers(side: Side) -> Iterator[tuple[str, bool]]:
    """What makes a side act, and whether it is on: its mapping of the stream, its schedules."""
    functions, rules = side.place.client("lambda"), side.place.client("events")
    for each in resources(side.place, MAPPING):
        told = functions.get_event_source_mapping(UUID=each["PhysicalResourceId"])
        if ":dynamodb:" in told["EventSourceArn"]:
            yield str(each["LogicalResourceId"]), told["State"] in ("Enabled", "Enabling")
    for each in resources(side.place, RULE):
        told = rules.describe_rule(Name=each["PhysicalResourceId"])
        if told["Name"] in (f"{side.place.stack}-{kind}" for kind in ("sweep", "compact")):
            yield str(each["LogicalResourceId"]), told["State"] == "ENABLED"


def resources(place: Place, of_type: str) -> Iterator[dict[str, Any]]:
    """A stack's resources of one type."""
    client = place.client("cloudformation")
    for page in client.get_paginator("list_stack_resources").paginate(StackName=place.stack):
        for each in page["StackResourceSummaries"]:
            if each["ResourceType"] == of_type and not each["ResourceStatus"].startswith("DELETE"):
                yield each
