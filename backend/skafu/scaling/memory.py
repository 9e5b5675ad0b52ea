"""What a slow function's memory should be: a proposal for people, as a change of their file.

Lambda gives CPU in proportion to memory, up to a whole one at 1,769 MB ("Configure Lambda function
memory", AWS). So a function that computes gets quicker by as much as it gets larger, and costs the
same: gigabytes times seconds. One that waits for others gets no quicker at all. Beyond one CPU a
program of one thread gains nothing. It is a proposal, because which of these it is has to be looked
at in its traces.
"""

from dataclasses import dataclass

ONE_CPU_MB = 1_769
RUNGS = (256, 512, 1_024, ONE_CPU_MB)
"""What is proposed: doublings up to a whole CPU."""


@dataclass(frozen=True)
class Slow:
    """A function that took `took` where `wanted` is what should not be exceeded, both in
    milliseconds, with `memory` MB.
    """

    function: str
    memory: int
    took: float
    wanted: float


@dataclass(frozen=True)
class Proposal:
    """Another memory, in MB; `expected` is how long (milliseconds) the same would then take if all
    of it were computing.
    """

    before: int
    after: int
    expected: float


def propose(slow: Slow) -> Proposal | None:
    """The least memory with which the time wanted can be reached, or as much as helps at all; None
    where more would not help.
    """
    larger = [rung for rung in RUNGS if rung > slow.memory]
    if not larger:
        return None
    enough = [rung for rung in larger if _expected(slow, rung) <= slow.wanted]
    after = enough[0] if enough else larger[-1]
    return Proposal(slow.memory, after, _expected(slow, after))


def _expected(slow: Slow, memory: int) -> float:
    return slow.took * min(slow.memory, ONE_CPU_MB) / min(memory, ONE_CPU_MB)


def told(slow: Slow, environment: str) -> str:
    """The proposal for people: why, the change of environments/<environment>.yaml as a diff, and
    what to look at first. Nothing of it is done by itself.
    """
    what = f"{slow.function} took {slow.took:,.0f} ms, where {slow.wanted:,.0f} ms are the limit"
    proposal = propose(slow)
    if proposal is None:
        return (
            f"{what}. It has {slow.memory:,} MB, which is a whole CPU already: more memory would "
            "make it no quicker. Its traces in X-Ray say what it waits for."
        )
    path = f"environments/{environment}.yaml"
    return (
        f"{what}. With {proposal.before:,} MB it has {_share(proposal.before)} of a CPU, with "
        f"{proposal.after:,} MB {_share(proposal.after)}: if all of that time is computing, it "
        f"would take {proposal.expected:,.0f} ms, for the same price (gigabytes times seconds). "
        "What it waits for stays as long as it is, and then it is dearer: look at its traces in "
        "X-Ray before. The number is for all functions of the environment.\n\n"
        "Proposed, and not done (`make generate` and a release follow):\n\n"
        f"--- a/{path}\n"
        f"+++ b/{path}\n"
        f"-  memory_size: {proposal.before}\n"
        f"+  memory_size: {proposal.after}\n"
    )


def _share(memory: int) -> str:
    return f"{min(memory, ONE_CPU_MB) / ONE_CPU_MB:.0%}"
