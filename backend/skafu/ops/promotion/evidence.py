"""Where evidence is kept: that gates were passed by an artefact, and the reports that say so.

Objects of the environment's artefact bucket: `evidence/<environment>/<identity>/<gate>.json` is the
evidence, `evidence/<environment>/<identity>/reports/<sha256>` what was looked at; more than one
report of a gate are a zip. The bucket keeps versions, so evidence that is replaced or withdrawn can
still be looked up.
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
        """What there is, by gate, in their order. Raises Refused for what cannot be read."""
        read = ((gate, self._read(gate)) for gate in gates)
        return {gate: evidence for gate, evidence in read if evidence is not None}

    def keep(self, evidence: Evidence, report: bytes | None = None) -> None:
        """Remember that a gate was passed, and what was looked at.

        Raises ValueError when the report is not what the evidence tells of.
        """
        if report is not None:
            digest = hashlib.sha256(report).hexdigest()
            if evidence.digest != digest:
                raise ValueError(f"the digest of the report is {digest}")
            self._put(f"reports/{digest}", report, "application/octet-stream")
        # The report first: evidence never names what is not there.
        body = evidence.model_dump_json().encode()
        self._put(f"{evidence.gate}.json", body, "application/json")

    def withdraw(self, gate: str) -> None:
        """Forget that a gate was passed; nothing when it was not."""
        # Not DeleteObjects: that one tells of a denial in its answer, and raises nothing.
        self._client.delete_object(Bucket=self._bucket, Key=f"{self._folder}/{gate}.json")

    def report(self, evidence: Evidence) -> bytes:
        """What was looked at. Raises Refused when there was no report, or it is gone."""
        if evidence.digest is None:
            raise Refused(f"There was no report for {evidence.gate}.")
        found = self._get(f"reports/{evidence.digest}")
        if found is None or hashlib.sha256(found).hexdigest() != evidence.digest:
            raise Refused(f"The report for {evidence.gate} is gone: {evidence.digest}.")
        return found

    def _read(self, gate: str) -> Evidence | None:
        found = self._get(f"{gate}.json")
        if found is None:
            return None
        try:
            return Evidence.model_validate_json(found)
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
