"""What runs is written down so that it can be had again."""

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import DataFormat, Kind
from skafu.ops.release.recording import Deployed, record
from tests.support.clocks import NOON
from tests.support.clouds import ACCOUNT, CALLER, Cloud
from tests.support.released import REGION, account_in, manifest

STACK = "skafu-prod"


@pytest.fixture
def cloud() -> Cloud:
    made = Cloud()
    made.run(STACK, {"A": "a1"})
    made.stacks.named[STACK].parameters = {"Environment": "production", "DeadManUrl": "****"}
    return made


@pytest.fixture
def journal(cloud: Cloud) -> Journal:
    return account_in(cloud).journal(STACK)


def deployed(identity: str = "a", at: int = NOON) -> Deployed:
    return Deployed.of(manifest(identity), "production", STACK, "Resources: {}", at)


def test_the_first_release_of_a_stack_has_none_before_it(cloud: Cloud, journal: Journal) -> None:
    made = record(account_in(cloud), journal, deployed(), Kind.DEPLOY)
    assert made.id == "20231115T120000Z-aaaaaaaa"
    assert made.previous is None
    assert (made.account, made.region, made.by) == (ACCOUNT, REGION, CALLER)
    assert made.parameters == {"Environment": "production"}
    assert made.functions["A"].version == "1"
    assert made.console == "0" * 64
    assert made.data_format == DataFormat(writes=1, reads=(1,))


def test_what_is_recorded_is_current_and_can_be_had_again(cloud: Cloud, journal: Journal) -> None:
    made = record(account_in(cloud), journal, deployed(), Kind.DEPLOY)
    assert journal.current() == made
    assert journal.read(made.id) == made
    assert journal.template(made) == "Resources: {}"


def test_a_rollback_tells_what_ran_before_and_what_it_went_back_to(
    cloud: Cloud, journal: Journal
) -> None:
    account = account_in(cloud)
    first = record(account, journal, deployed(), Kind.DEPLOY)
    cloud.run(STACK, {"A": "a2"})
    second = record(account, journal, deployed("b", NOON + 60_000), Kind.DEPLOY)
    assert second.functions["A"].version == "2"
    cloud.functions.update_alias(FunctionName="skafu-prod-a", Name="live", FunctionVersion="1")
    back = Deployed.again(first, journal.template(first), NOON + 120_000)
    made = record(account, journal, back, Kind.ROLLBACK, of=first.id)
    assert (made.previous, made.of, made.kind) == (second.id, first.id, Kind.ROLLBACK)
    assert made.id == "20231115T120200Z-aaaaaaaa"
    assert made.functions == first.functions
    assert made.artefact.identity == first.artefact.identity
    assert made.template != first.template and journal.template(made) == journal.template(first)


def test_there_is_no_release_of_a_stack_that_is_not_there(cloud: Cloud) -> None:
    account = account_in(cloud)
    nowhere = Deployed.of(manifest(), "staging", "skafu-staging", "", NOON)
    with pytest.raises(Refused, match="no stack skafu-staging"):
        record(account, account.journal("skafu-staging"), nowhere, Kind.DEPLOY)
    assert not cloud.ssm.values
