"""What a slow function's memory should be."""

import pytest

from skafu.scaling.memory import ONE_CPU_MB, Proposal, Slow, propose, told


@pytest.mark.parametrize(
    ("memory", "took", "after"),
    [
        (512, 6_000.0, 1_024),  # half the time would do
        (512, 5_001.0, 1_024),
        (512, 12_000.0, ONE_CPU_MB),
        (512, 90_000.0, ONE_CPU_MB),  # nothing is enough: as much as helps
        (1_024, 6_000.0, ONE_CPU_MB),
        (300, 6_000.0, 512),  # a memory that is no rung
    ],
)
def test_the_least_memory_that_would_do_is_proposed(memory: int, took: float, after: int) -> None:
    proposal = propose(Slow("skafu-staging-alerts", memory, took, 5_000.0))
    assert proposal is not None
    assert (proposal.before, proposal.after) == (memory, after)


def test_what_it_would_take_is_by_the_share_of_a_cpu() -> None:
    assert propose(Slow("f", 512, 8_000.0, 5_000.0)) == Proposal(512, 1_024, 4_000.0)


@pytest.mark.parametrize("memory", [ONE_CPU_MB, 2_048, 10_240])
def test_a_whole_cpu_gets_no_quicker_by_more_memory(memory: int) -> None:
    slow = Slow("skafu-prod-metrics", memory, 9_000.0, 5_000.0)
    assert propose(slow) is None
    said = told(slow, "production")
    assert "whole CPU already" in said
    assert "+++" not in said


def test_people_are_told_a_change_of_their_file_and_what_to_look_at_before() -> None:
    said = told(Slow("skafu-staging-alerts", 512, 8_000.0, 5_000.0), "staging")
    assert (
        "--- a/environments/staging.yaml\n"
        "+++ b/environments/staging.yaml\n"
        "-  memory_size: 512\n"
        "+  memory_size: 1024\n"
    ) in said
    assert "took 8,000 ms, where 5,000 ms are the limit" in said
    assert "X-Ray" in said and "not done" in said
