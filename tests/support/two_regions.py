"""A stack in each of two regions over one table, in memory. A region that is down answers 503."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.recovery.place import Place
from skafu.ops.recovery.regions import ACTIVE, HOME
from skafu.ops.recovery.switching import NAME, STREAM
from tests.support.clocks import FakeClock
from tests.support.clouds import failure
from tests.support.restored import Formation

EAST, WEST = "us-east-1", "us-west-2"
STACK, TABLE = "skafu-prod", "skafu-production"
LABEL = "2026-11-23T00:00:00.000"
ACTIVE_KEY = ("region", "active")


class Region(Formation):
    """CloudFormation, and all else that is asked of a region: what acts there follows its stack's
    parameters.
    """

    class exceptions:  # pylint: disable=invalid-name  # botocore calls it so
        """What the client raises, by name."""

        ClientError = ClientError

    def __init__(self, name: str) -> None:
        told = {NAME: "", STREAM: "", ACTIVE: "", HOME: EAST}
        if name == WEST:
            told |= {NAME: TABLE, STREAM: LABEL}
        changed = {"Action": "Modify", "ResourceType": "AWS::Events::Rule", "Replacement": "False"}
        super().__init__(told, changes=[{**changed, "LogicalResourceId": "EveryMinute"}])
        self.region = name
        self.down = False
        self.stuck = False
        self.code = "sha"
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.done: list[str] = []

    @property
    def acts(self) -> bool:
        """Whether its triggers are on."""
        return (self.parameters[ACTIVE] or EAST) == self.region and not self.stuck

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        if self.down:
            error = failure("503", "the region is down", "DescribeStacks")
            error.response["ResponseMetadata"] = {"HTTPStatusCode": 503}  # type: ignore[typeddict-item]  # what is looked at
            raise error
        return super().describe_stacks(**asked)

    def describe_stack_resource(self, **_: Any) -> dict[str, Any]:
        """The table that the home region's stack has made."""
        if self.region == WEST:
            raise failure("ValidationError", "none", "DescribeStackResource")
        return {"StackResourceDetail": {"PhysicalResourceId": TABLE}}

    def execute_change_set(self, **asked: Any) -> None:
        super().execute_change_set(**asked)
        self.parameters |= {
            each["ParameterKey"]: each["ParameterValue"]
            for each in self.given
            if "ParameterValue" in each
        }
        self.done.append(f"{self.region} {self.parameters[ACTIVE]}")

    def get_paginator(self, _: str) -> "Region":
        """Of its resources."""
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        """An alias, the stream's mapping, a queue's, a schedule and what is none of them."""
        kinds = {
            "MetricsFunctionAliaslive": "AWS::Lambda::Alias",
            "NewPoints": "AWS::Lambda::EventSourceMapping",
            "Deliveries": "AWS::Lambda::EventSourceMapping",
            "EveryMinute": "AWS::Events::Rule",
            "Failures": "AWS::Events::Rule",
        }
        yield {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": name,
                    "ResourceType": kind,
                    "ResourceStatus": "UPDATE_COMPLETE",
                }
                for name, kind in kinds.items()
            ]
        }

    def get_event_source_mapping(self, **asked: Any) -> dict[str, Any]:
        """The stream's is on while the region acts, the queue's always."""
        is_stream = asked["UUID"] == "NewPoints"
        arn = f"arn:aws:{'dynamodb' if is_stream else 'sqs'}:{self.region}:1:x"
        return {
            "EventSourceArn": arn,
            "State": "Enabled" if self.acts or not is_stream else "Disabled",
        }

    def describe_rule(self, **asked: Any) -> dict[str, Any]:
        """A schedule."""
        name = f"{STACK}-sweep" if asked["Name"] == "EveryMinute" else "other"
        return {"Name": name, "State": "ENABLED" if self.acts else "DISABLED"}

    def get_function_configuration(self, **_: Any) -> dict[str, Any]:
        """Of an alias."""
        return {"CodeSha256": self.code}

    def describe_table(self, **_: Any) -> dict[str, Any]:
        """Its copy of the table."""
        other = WEST if self.region == EAST else EAST
        return {
            "Table": {
                "TableStatus": "ACTIVE",
                "Replicas": [{"RegionName": other}],
                "LatestStreamArn": f"arn:aws:dynamodb:{self.region}:1:table/{TABLE}/stream/{LABEL}",
            }
        }

    def get_item(self, **asked: Any) -> dict[str, Any]:
        """An item, as DynamoDB answers."""
        found = self.items.get((asked["Key"]["pk"]["S"], asked["Key"]["sk"]["S"]))
        return {} if found is None else {"Item": found}

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        """There is none."""
        return {"MetricAlarms": []}


@dataclass
class Pair:
    """Both regions. What is written in one is in the other after so many looks."""

    looks: int = 0
    clock: FakeClock = field(default_factory=FakeClock)
    regions: dict[str, Region] = field(
        default_factory=lambda: {name: Region(name) for name in (EAST, WEST)}
    )
    order: list[str] = field(default_factory=list)
    _coming: list[tuple[int, Region, dict[str, Any]]] = field(default_factory=list)

    def make(self, service: str, **where: Any) -> Any:
        """A client."""
        region = self.regions[where["region_name"]]
        return Table(self, region) if service == "dynamodb" else region

    def place(self, region: str) -> Place:
        """The stack of a region."""
        [environment] = [each for each in load(ROOT / "environments") if each.name == "production"]
        return Place(environment, STACK, self.make, {"region_name": region})

    def named(self, region: str) -> str | None:
        """The region that a copy of the table says acts."""
        item = self.regions[region].items.get(ACTIVE_KEY)
        return None if item is None else str(item["region"]["S"])

    def written(self, region: Region, item: dict[str, Any]) -> None:
        """A write arrives in the other region in a while, unless one of them is down."""
        other = self.regions[WEST if region.region == EAST else EAST]
        self._coming.append((self.looks, other, item))

    def look(self) -> None:
        """Somebody reads: what is due arrives."""
        cut = any(each.down for each in self.regions.values())
        waiting, self._coming = self._coming, []
        for left, region, item in waiting:
            if left or cut:
                self._coming.append((max(0, left - 1), region, item))
            else:
                region.items[(item["pk"]["S"], item["sk"]["S"])] = item


@dataclass
class Table:
    """A client of dynamodb in one of them."""

    pair: Pair
    region: Region

    def describe_table(self, **asked: Any) -> dict[str, Any]:
        """Its copy."""
        return self.region.describe_table(**asked)

    def get_item(self, **asked: Any) -> dict[str, Any]:
        """As it is there now."""
        self.pair.look()
        return self.region.get_item(**asked)

    def put_item(self, **asked: Any) -> dict[str, Any]:
        """Write here, and later there."""
        item = asked["Item"]
        self.region.items[(item["pk"]["S"], item["sk"]["S"])] = item
        self.pair.written(self.region, item)
        return {}
