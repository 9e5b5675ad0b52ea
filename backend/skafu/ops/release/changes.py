"""What CloudFormation would do: a change set is made, read, and deleted again."""

import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import sleep
from typing import Any

import yaml
from botocore.exceptions import ClientError

from skafu.ops.artefact.build import TEMPLATE, Tools, output_of
from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.release.observed import Stack, stack_of
from skafu.ops.release.place import Place
from skafu.ops.release.sections import Section

DRAFTS = "plans"
"""Where templates go that nobody deploys: who may write there alone can change nothing."""
REVIEWED = "REVIEW_IN_PROGRESS"
"""Of a stack that has change sets and nothing else."""
NOTHING = ("didn't contain changes", "No updates are to be performed")
"""How a change set fails that changes nothing."""
PAUSE_S, PATIENCE_S = 2, 300

type Pause = Callable[[float], None]
"""Waits for some seconds."""


type Package = Callable[[Place, str], str]
"""Makes of a template's text what the SAM CLI would hand to CloudFormation."""


@dataclass(frozen=True)
class Means:
    """How a change set is made: `name` is one that nobody has used."""

    name: str
    package: Package
    pause: Pause = sleep


class Effect(StrEnum):
    """What becomes of a resource, gravest first."""

    REPLACED = "Replaced: what is there is deleted once the new one is made"
    PERHAPS = "Replaced, perhaps: it depends on values that are only known then"
    DELETED = "Deleted"
    LEFT = "Left to itself: no longer the stack's, not deleted"
    CHANGED = "Changed"
    NEW = "New"
    ANEW = "Made anew, perhaps, and nothing is lost by it"
    SHED = "Deleted, and nothing is lost by it"


GRAVE = (Effect.REPLACED, Effect.PERHAPS, Effect.DELETED)
LIGHT = {
    "AWS::ApiGateway::Deployment",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::Delivery",
    "AWS::Logs::DeliveryDestination",
    "AWS::Logs::DeliverySource",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
"""Types that hold no data and have no address that anybody knows: SAM makes them anew with each
release, and CloudFormation says of each that follows an alias that it may be replaced.
"""
LIGHTER = {Effect.PERHAPS: Effect.ANEW, Effect.DELETED: Effect.SHED}


@dataclass(frozen=True)
class Change:
    """One resource; `properties` are those that differ, as far as CloudFormation tells."""

    effect: Effect
    name: str
    kind: str
    properties: tuple[str, ...] = ()

    def __str__(self) -> str:
        because = f": {', '.join(self.properties)}" if self.properties else ""
        return f"{self.name} ({self.kind}){because}"


def changes(
    place: Place,
    template: str,
    parameters: Mapping[str, str],
    means: Means,
) -> list[Change]:
    """What a deployment of a template's text would change; nothing is changed.

    Raises Refused, with what CloudFormation says, when it cannot be deployed.
    """
    client = place.account.client("cloudformation")
    stack = stack_of(place.account, place.name)
    is_new = stack is None or stack.status == REVIEWED
    packaged = means.package(place, template)
    client.create_change_set(
        StackName=place.name,
        ChangeSetName=means.name,
        ChangeSetType="CREATE" if is_new else "UPDATE",
        TemplateURL=_uploaded(place, packaged),
        Parameters=list(_parameters(template, parameters, None if is_new else stack)),
        Capabilities=place.settings.capabilities.split(),
        Tags=[dict(zip(("Key", "Value"), t.split("=", 1))) for t in place.settings.tags.split()],
    )
    try:
        return by_gravity(settled(client, place.name, means.name, means.pause))
    finally:
        client.delete_change_set(StackName=place.name, ChangeSetName=means.name)
        if stack is None:
            _forget(client, place.name)


def _forget(client: Any, stack: str) -> None:
    """Delete a stack that was made for a change set and has nothing in it."""
    try:
        client.delete_stack(StackName=stack)
    except ClientError as error:
        # Who may only look may not delete; the next deployment goes on with it all the same.
        print(f"The empty stack {stack} stays: {error}", file=sys.stderr)


def sections(found: Iterable[Change]) -> Iterator[Section]:
    """Changes by what becomes of the resources, gravest first."""
    changed = list(found)
    for effect in Effect:
        ours = [each for each in changed if each.effect is effect]
        yield Section(effect.value, list(_lines(ours, effect in GRAVE)), effect in GRAVE)


def _lines(found: Iterable[Change], is_grave: bool) -> Iterator[str]:
    """Each by its name; what is made anew with each release is counted, unless it is grave."""
    light: Counter[str] = Counter()
    for each in found:
        if is_grave or each.kind not in LIGHT:
            yield str(each)
        else:
            light[each.kind] += 1
    yield from (f"{count} {kind}" for kind, count in sorted(light.items()))


def packaged_by_sam(place: Place, template: str) -> str:
    """What `sam deploy` hands to CloudFormation: it notes in each resource's metadata how it is
    called, and without that all of them would look changed. Raises Refused when it fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given, made = Path(scratch) / TEMPLATE, Path(scratch) / "packaged.yaml"
        given.write_text(template, encoding="utf-8")
        line = [
            *(Tools.of(ROOT).sam, "package", "--no-progressbar", "--region", place.settings.region),
            *("--template-file", str(given), "--output-template-file", str(made)),
            *("--s3-bucket", place.account.bucket(), "--s3-prefix", "plans"),
        ]
        output_of(line, env=place.account.variables())
        return made.read_text(encoding="utf-8")


def _uploaded(place: Place, template: str) -> str:
    """Where CloudFormation finds the template, which is too long to be sent."""
    client, bucket = place.account.s3(), place.account.bucket()
    key = f"plans/{hashlib.sha256(template.encode()).hexdigest()}.template"
    client.put_object(Bucket=bucket, Key=key, Body=template.encode())
    return f"{client.meta.endpoint_url}/{bucket}/{key}"


def _parameters(
    template: str, told: Mapping[str, str], stack: Stack | None
) -> Iterator[dict[str, Any]]:
    """As `sam deploy` does it: what is told, else what the stack has, else the default."""
    known = () if stack is None else (*stack.parameters, *stack.hidden)
    for name in yaml.safe_load(template).get("Parameters") or ():
        if name in told:
            yield {"ParameterKey": name, "ParameterValue": told[name]}
        elif name in known:
            yield {"ParameterKey": name, "UsePreviousValue": True}


def settled(client: Any, stack: str, name: str, pause: Pause = sleep) -> list[dict[str, Any]]:
    """The changes of a change set, as CloudFormation tells them, once it is made; none where
    nothing would change. Raises Refused with what CloudFormation says against it.
    """
    for _ in range(PATIENCE_S // PAUSE_S):
        found = client.describe_change_set(StackName=stack, ChangeSetName=name)
        if found["Status"] == "CREATE_COMPLETE":
            return list(_all(client, stack, name))
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "")
            if any(each in reason for each in NOTHING):
                return []
            raise Refused(f"CloudFormation would not deploy this: {reason}")
        pause(PAUSE_S)
    raise Refused(f"CloudFormation did not make the change set within {PATIENCE_S} s.")


def by_gravity(told: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Changes as CloudFormation tells them, gravest first."""
    return sorted((_change(each) for each in told), key=_turn)


def _all(client: Any, stack: str, name: str) -> Iterator[dict[str, Any]]:
    pages = client.get_paginator("describe_change_set")
    for page in pages.paginate(StackName=stack, ChangeSetName=name):
        yield from (each["ResourceChange"] for each in page.get("Changes") or ())


def _change(told: Mapping[str, Any]) -> Change:
    targets = [each.get("Target", {}) for each in told.get("Details") or ()]
    names = {each.get("Name") or each.get("Attribute", "") for each in targets}
    effect, kind = _effect(told), told["ResourceType"]
    if kind in LIGHT:
        effect = LIGHTER.get(effect, effect)
    return Change(effect, told["LogicalResourceId"], kind, tuple(sorted(names - {""})))


def _effect(told: Mapping[str, Any]) -> Effect:
    policy = told.get("PolicyAction", "")
    match told["Action"], told.get("Replacement"):
        case "Add" | "Import", _:
            return Effect.NEW
        case "Remove", _:
            return Effect.LEFT if policy == "Retain" else Effect.DELETED
        case _, "True":
            return Effect.REPLACED
        case _, "Conditional":
            return Effect.PERHAPS
    return Effect.CHANGED


def _turn(change: Change) -> tuple[int, str]:
    return list(Effect).index(change.effect), change.name
