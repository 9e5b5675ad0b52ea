"""Evidence of every gate, without the reports."""

from typing import Any

from skafu.ops.promotion.evidence import EvidenceStore
from skafu.ops.promotion.gates import STEPS
from skafu.ops.release.record import Evidence
from tests.support.clocks import NOON


def pass_gates(client: Any, bucket: str, environment: str, identity: str, *but: str) -> None:
    """Keep that an artefact has passed the gates out of an environment, but for some."""
    store = EvidenceStore(client, bucket, environment, identity)
    for gate in STEPS[environment].reports:
        if gate.name not in but:
            store.keep(Evidence(gate=gate.name, at=NOON, by="arn:test", summary="it is passed"))
