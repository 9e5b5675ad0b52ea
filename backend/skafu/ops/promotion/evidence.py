"""Where evidence is kept: that gates were passed by an artefact, or not, and the reports that say
so.

Objects of the environment's artefact bucket: `evidence/<environment>/<identity>/<gate>.json` is the
evidence, `evidence/<environment>/<identity>/reports/<sha256>` what was looked at; more than one
report of a gate are a zip. What is seen later takes the place of what was seen before; nothing is
deleted, and the bucket keeps versions.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from skafu.ops.artefact import zips
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report
from skafu.ops.release.record import Evidence


class Seen(Evidence):
    """Evidence as it is kept: that the gate was passed, or that it was not."""

    passed: bool = True

    @property
    def evidence(self) -> Evidence:
        """As releases have it, of a gate that was passed."""
        return Evidence.model_validate(self.model_dump(exclude={"passed"}))


class EvidenceStore:
    """The evidence about one artefact in one environment; `client` is a botocore client of s3."""

    def __init__(self, client: Any, bucket: str, environment: str, identity: str) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = f"evidence/{environment}/{identity}"

    @classmethod
    def of(cls, account: Account, environment: str, identity: str) -> Self:
        """In an account's artefact bucket. Raises Refused when the account has none."""
        return cls(account.s3(), account.bucket(), environment, identity)

    def found(self, gates: Iterable[str]) -> dict[str, Evidence]:
        """The evidence of those that were passed, by gate, in their order.

        Raises Refused for what cannot be read.
        """
        seen = self.seen(gates)
        return {gate: each.evidence for gate, each in seen.items() if each.passed}

    def seen(self, gates: Iterable[str]) -> dict[str, Seen]:
        """What was seen last of each gate, failures included. Raises Refused."""
        read = ((gate, self._read(gate)) for gate in gates)
        return {gate: seen for gate, seen in read if seen is not None}

    def keep(self, evidence: Evidence, report: bytes | None = None, *, passed: bool = True) -> None:
        """Remember that a gate was passed, or was not, and what was looked at.

        Raises ValueError when the report is not what the evidence tells of.
        """
        if report is not None:
            digest = hashlib.sha256(report).hexdigest()
            if evidence.digest != digest:
                raise ValueError(f"the digest of the report is {digest}")
            self._put(f"reports/{digest}", report, "application/octet-stream")
        # The report first: evidence never names what is not there.
        seen = Seen(**evidence.model_dump(), passed=passed)
        body = seen.model_dump_json().encode()
        self._put(f"{evidence.gate}.json", body, "application/json")

    def report(self, evidence: Evidence) -> bytes:
        """What was looked at. Raises Refused when there was no report, or it is gone."""
        if evidence.digest is None:
            raise Refused(f"There was no report for {evidence.gate}.")
        found = self._get(f"reports/{evidence.digest}")
        if found is None or hashlib.sha256(found).hexdigest() != evidence.digest:
            raise Refused(f"The report for {evidence.gate} is gone: {evidence.digest}.")
        return found

    def _read(self, gate: str) -> Seen | None:
        found = self._get(f"{gate}.json")
        if found is None:
            return None
        try:
            return Seen.model_validate_json(found)
        except ValidationError as error:
            raise Refused(f"The evidence for {gate} cannot be read: {error}") from error

    def _get(self, name: str) -> bytes | None:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=f"{self._folder}/{name}")
        except self._client.exceptions.NoSuchKey:
            return None
        return bytes(found["Body"].read())

    def _put(self, name: str, body: bytes, kind: str) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=f"{self._folder}/{name}", Body=body, ContentType=kind
        )


def joined(reports: Sequence[Report]) -> bytes:
    """One report as it is, several as a zip that is always the same for the same reports.

    Raises Refused when two have the same name.
    """
    if len(reports) == 1:
        return reports[0].content
    names = [each.name for each in reports]
    if len(set(names)) != len(names):
        raise Refused(f"Two reports have the same name: {', '.join(sorted(names))}.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "reports")
        folder.mkdir()
        for each in reports:
            (folder / each.name).write_bytes(each.content)
        zips.pack(folder, Path(scratch, "reports.zip"))
        return Path(scratch, "reports.zip").read_bytes()
