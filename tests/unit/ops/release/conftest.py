"""An account with a stack that was deployed a few times."""

from collections.abc import Callable
from typing import Any

import pytest

from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Hold, Kind, Release
from skafu.ops.release.recording import Deployed, record
from tests.support.clocks import NOON
from tests.support.clouds import CALLER, Cloud
from tests.support.released import account_in, manifest

STACK = "skafu-prod"
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:powertools"

type Releasing = Callable[..., Release]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    # Whatever embedded AWS this checkout runs is another one.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return Cloud()


@pytest.fixture
def journal(cloud: Cloud) -> Journal:
    return account_in(cloud).journal(STACK)


@pytest.fixture
def releasing(cloud: Cloud, journal: Journal) -> Releasing:
    """Deploys code of the function A, so many minutes after noon, and records it."""

    def release(minute: int, code: str, **more: Any) -> Release:
        layer = more.pop("layer", 1)
        cloud.run(STACK, {"A": code, "B": "b"}, f"{LAYER}:{layer}")
        cloud.stacks.named[STACK].parameters = {"Environment": "production"}
        template = str(more.pop("template", TEMPLATE % code))
        deployed = Deployed.of(
            manifest(identity=code[0], **more),
            "production",
            STACK,
            template,
            NOON + 60_000 * minute,
        )
        return record(account_in(cloud), journal, deployed, Kind.DEPLOY)

    return release


TEMPLATE = """\
Parameters:
  Environment: {Type: String}
  Secret: {Type: String, NoEcho: true}
  Later: {Type: String, Default: ''}
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: s3://artefacts/parts/%s}
  B:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: s3://artefacts/parts/b}
  T:
    Type: AWS::DynamoDB::Table
"""


def hold_of(release: Release) -> Hold:
    """As a rollback writes it."""
    return Hold(release=release.id, at=NOON, by=CALLER, reason="it answers 500.")
