"""The gates between environments: which lead out of one, what each proves, what it takes as proof,
and who approves. Data alone; rules/ has what decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from skafu.ops.environments import Environment, above, load
from skafu.ops.generated import ROOT
from skafu.ops.release.record import Evidence

CHANGE_WINDOW = "change_window"


@dataclass(frozen=True)
class Gate:
    """`proves` is what is known once it is passed, `takes` the reports that it is decided by. One
    that takes none is looked at when an artefact is promoted, and not before.
    """

    name: str
    proves: str
    takes: str = ""


@dataclass(frozen=True)
class Step:
    """The way out of an environment. `approvers` are roles: whoever has them is a required reviewer
    of the GitHub environment `target`; with `automated` nobody is waited for once the gates are
    passed.
    """

    target: str
    gates: tuple[Gate, ...]
    approvers: tuple[str, ...]
    automated: bool

    @property
    def reports(self) -> tuple[Gate, ...]:
        """The gates that reports decide."""
        return tuple(gate for gate in self.gates if gate.takes)

    def named(self, name: str) -> Gate | None:
        """One of its gates; None when it has none of this name."""
        return next((gate for gate in self.gates if gate.name == name), None)

    def lacking(self, found: Mapping[str, Evidence]) -> tuple[str, ...]:
        """Gates that wait for their reports."""
        return tuple(gate.name for gate in self.reports if gate.name not in found)


BY_STAGE: Mapping[str, Step] = {
    "development": Step(
        target="staging",
        gates=(
            Gate("unit", "all unit tests pass", "JUnit XML of `make test-quick`"),
            Gate("integration", "integration tests pass", "JUnit XML of `make test-integration`"),
            Gate(
                "security",
                "security scans find nothing",
                "bandit's JSON, and with it that of `make security`",
            ),
            Gate("performance", "every figure is within what is accepted", "bench.json"),
            Gate("review", "somebody else has approved the change", "JSON of `review`"),
        ),
        approvers=("Tech Lead", "QA Lead"),
        automated=True,
    ),
    "staging": Step(
        target="production",
        gates=(
            Gate("end_to_end", "what is deployed works from end to end", "JSON of `smoke`"),
            Gate("load", "it bears its load and loses nothing", "JSON of `load`"),
            Gate("security_assessment", "its security was assessed", "JSON of `assess`"),
            Gate(CHANGE_WINDOW, "changes may be made now, or have to be"),
            Gate("rollback_plan", "there is a way back", "JSON of `rollback --dry-run`"),
        ),
        approvers=("Engineering Manager", "Product Manager"),
        automated=False,
    ),
}
"""By the stage of the environment that they lead out of, as it is without others."""


def steps(environments: Iterable[Environment]) -> dict[str, Step]:
    """The ways out, by the environments that they lead out of: those that another one is promoted
    from. Raises KeyError for one out of an environment whose stage has no gates.
    """
    found = tuple(environments)
    below = {each.name: each.promoted_from for each in found if each.promoted_from}
    return {
        each.name: replace(BY_STAGE[each.stage], target=target)
        for each in found
        if (target := above(each.name, below)) is not None
    }


STEPS: Mapping[str, Step] = steps(load(ROOT / "environments"))
"""By the environment that they lead out of."""
