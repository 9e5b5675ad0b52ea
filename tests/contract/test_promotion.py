"""Evidence, marks and artefacts that come back: in the bucket that lives in memory, on which the
unit tests rely, and in moto's with botocore's own client.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import read
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.artefact.upload import upload
from skafu.ops.promotion.evidence import EvidenceStore
from skafu.ops.promotion.fetching import fetch, newest
from skafu.ops.release.record import Evidence
from tests.support.clocks import NOON
from tests.support.promoting import BUCKET, WHERE, Place, artefact

REGION = WHERE["region_name"]
TEMPLATE = "Resources:\n  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}\n"


@pytest.fixture(params=["memory", "moto"])
def account(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    place = Place()
    if request.param == "memory":
        yield place.account
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

        def make(service: str, **options: Any) -> Any:
            return s3 if service == "s3" else place.make(service, **options)

        yield Account(make, WHERE)


def store_in(account: Account) -> EvidenceStore:
    return EvidenceStore.of(account, "development", "a" * 64)


def evidence(gate: str, report: bytes) -> Evidence:
    digest = hashlib.sha256(report).hexdigest()
    return Evidence(gate=gate, at=NOON, by="ana", summary="good", digest=digest)


def test_evidence_comes_back_with_what_was_looked_at(account: Account) -> None:
    store = store_in(account)
    assert not store.seen(["unit", "load"])
    store.keep(evidence("unit", b"report"), b"report")
    found = store.found(["load", "unit"])
    assert found == {"unit": evidence("unit", b"report")}
    assert store.report(found["unit"]) == b"report"


def test_what_was_seen_last_counts(account: Account) -> None:
    store = store_in(account)
    store.keep(evidence("unit", b"good"), b"good")
    store.keep(evidence("unit", b"bad"), b"bad", passed=False)
    assert not store.found(["unit"])
    assert store.report(store.seen(["unit"])["unit"]) == b"bad"
    store.keep(evidence("unit", b"good"), b"good")
    assert store.found(["unit"]) == {"unit": evidence("unit", b"good")}


def test_a_report_that_is_not_there_is_missed(account: Account) -> None:
    store = store_in(account)
    store.keep(evidence("unit", b"report"))
    with pytest.raises(Refused, match="The report for unit is gone"):
        store.report(store.found(["unit"])["unit"])


def test_an_artefact_comes_back_as_it_was_tested(account: Account, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Nothing was tested in development yet"):
        newest(account, "development")
    built = tmp_path / "built"
    built.mkdir()
    (built / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    made = artefact(built)
    upload(built, made, account.s3(), account.bucket())
    account.records().keep_tested("development", Mark.of(made, NOON))
    mark = newest(account, "development")
    assert read(fetch(account, mark, tmp_path / "out")) == made
    account.s3().put_object(Bucket=BUCKET, Key=f"parts/{made.parts['A.zip'].sha256}", Body=b"x")
    with pytest.raises(Refused, match=r"A\.zip has another content"):
        fetch(account, mark, tmp_path / "again")
