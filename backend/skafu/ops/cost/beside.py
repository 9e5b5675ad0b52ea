"""What an environment's other stacks cost by being there: infrastructure/stacks.yaml says which
there are and in which regions, their templates what is in them.

Only what stands is in it. What they do - events, configuration items, copies, blocked requests - is
paid by use that no profile has; docs/security-monitoring.md, docs/recovery.md and docs/edge.md have
what is known of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skafu.ops.cost.lines import Bill, Line
from skafu.ops.cost.prices import PriceList
from skafu.ops.cost.stack import FREE, HOURS, STANDING, Resources, Unpriced
from skafu.ops.environments import Environment
from skafu.ops.stacks.book import Book, load
from skafu.ops.stacks.values import Finder, Place, place_of

type Json = Any
type FindStack = Callable[[str, Mapping[str, str]], Resources]
"""A stack's resources, by its name, resolved with parameters."""

OTHERS_FREE = {
    "AWS::AccessAnalyzer::Analyzer": "what others may is analyzed for nothing",
    "AWS::ApiGateway::Account": "a setting",
    "AWS::Backup::BackupPlan": "backups are paid by the GB",
    "AWS::Backup::BackupSelection": "a setting",
    "AWS::Backup::BackupVault": "backups are paid by the GB",
    "AWS::Budgets::Budget": "budgets without actions are free",
    "AWS::CE::AnomalyMonitor": "free",
    "AWS::CE::AnomalySubscription": "free",
    "AWS::CertificateManager::Certificate": "public certificates are free",
    "AWS::Config::ConfigRule": "by the evaluation",
    "AWS::Config::ConfigurationRecorder": "by the item",
    "AWS::Config::DeliveryChannel": "a setting",
    "AWS::EC2::FlowLog": "its group's logs are paid by the GB",
    "AWS::EC2::RouteTable": "a setting",
    "AWS::EC2::SecurityGroup": "a setting",
    "AWS::EC2::Subnet": "a setting",
    "AWS::EC2::SubnetRouteTableAssociation": "a setting",
    "AWS::EC2::VPC": "a network without addresses of its own is free",
    "AWS::Events::ApiDestination": "by the million calls",
    "AWS::Events::Connection": "free, and so is the secret that it keeps",
    "AWS::Events::Rule": "events of AWS's own services are free",
    "AWS::IAM::ManagedPolicy": "IAM is free",
    "AWS::IAM::OIDCProvider": "IAM is free",
    "AWS::IAM::RolePolicy": "IAM is free",
    "AWS::IAM::ServiceLinkedRole": "IAM is free",
    "AWS::Logs::LogGroup": "by the GB",
    "AWS::SNS::Subscription": "a setting",
    "AWS::SQS::Queue": "by the request, and nobody polls it",
    "AWS::SSM::Parameter": "standard parameters are free",
}
"""Of types that the application has not: what costs nothing by being there, and why."""


type Standing = Callable[[Bill, str, Json], Iterator[Line]]


def _zone(bill: Bill, _: str, __: Json) -> Iterator[Line]:
    yield bill.line("Route 53", "zones", 1, "zone_month", stands=True)


def _health_check(bill: Bill, _: str, __: Json) -> Iterator[Line]:
    yield bill.line("Route 53", "health checks", 1, "health_check_month", stands=True)


def _endpoint(bill: Bill, _: str, properties: Json) -> Iterator[Line]:
    if properties.get("VpcEndpointType") == "Interface":
        zones = len(properties["SubnetIds"])
        told = "interface endpoints by zone"
        yield bill.line("VPC", told, zones * HOURS, "endpoint_hour", stands=True)


OTHERS_STANDING: Mapping[str, Standing] = {
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::Route53::HealthCheck": _health_check,
    "AWS::Route53::HostedZone": _zone,
}
"""Of types that the application has not: what is paid for because it is there."""


@dataclass(frozen=True)
class Beside:
    """What a stack costs a month in an environment, in all regions where it is."""

    environment: str
    stack: str
    lines: tuple[Line, ...]

    @property
    def dollars(self) -> float:
        """A month."""
        return sum(each.dollars for each in self.lines)


def beside(
    environment: Environment, book: Book, find: FindStack, prices: PriceList
) -> Iterator[Beside]:
    """The stacks of an environment's account, in the order of the book, as they are when everything
    is there that is asked for and operators said nothing.

    Raises Unpriced for a resource of a type that nobody has priced.
    """
    place, bill = place_of(book, "environment", environment), Bill(prices)
    for name, stack in book.stacks.items():
        lines: list[Line] = []
        for region in place.regions(stack):
            resources = find(name, _told(book, place, name, region))
            lines += _lines(name, resources, bill)
        if place.regions(stack):
            yield Beside(environment.name, name, tuple(lines))


def besides(
    environments: Iterable[Environment], find: FindStack, prices: PriceList
) -> tuple[Beside, ...]:
    """Of several environments, by infrastructure/stacks.yaml. Raises as `beside` does."""
    book = load()
    return tuple(line for each in environments for line in beside(each, book, find, prices))


def _told(book: Book, place: Place, name: str, region: str) -> dict[str, str]:
    finder = Finder(book, place, region, lambda wanted: f"{wanted.stack}-{wanted.output}")
    values = finder.all(book.stack(name).parameters).values
    return {**values, "AWS::Region": region}


def _lines(stack: str, resources: Resources, bill: Bill) -> Iterator[Line]:
    standing = {**STANDING, **OTHERS_STANDING}
    for name, each in resources.items():
        kind = each["Type"]
        if kind in standing:
            yield from standing[kind](bill, name, each.get("Properties", {}))
        elif kind not in FREE and kind not in OTHERS_FREE:
            told = "price it in skafu/ops/cost/beside.py"
            raise Unpriced(f"{name} of {stack} is an {kind}: {told}")
