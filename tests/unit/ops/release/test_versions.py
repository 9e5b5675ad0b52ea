"""Old versions go; what can be had again, and whatever calls reach, stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.ops.release import versions
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Kind
from skafu.ops.release.recording import Deployed, record
from skafu.ops.release.versions import KEPT, prune, retained, surplus
from tests.support.clocks import NOON
from tests.support.clouds import Cloud
from tests.support.released import account_in, manifest, release

STACK = "skafu-prod"
LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:powertools"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def deploy(cloud: Cloud, minute: int, layer: int = 1) -> None:
    """A release whose code nobody had before."""
    cloud.run(STACK, {"A": f"a{minute}", "B": "b"}, f"{LAYER}:{layer}")
    cloud.stacks.named[STACK].resources["Layer"] = (
        "AWS::Lambda::LayerVersion",
        f"{LAYER}:{layer}",
    )
    account, at = account_in(cloud), NOON + 60_000 * minute
    deployed = Deployed.of(manifest(), "production", STACK, "", at)
    record(account, account.journal(STACK), deployed, Kind.DEPLOY)


def journal(cloud: Cloud) -> Journal:
    return account_in(cloud).journal(STACK)


def test_the_ten_newest_stay_and_older_ones_go(cloud: Cloud) -> None:
    for minute in range(13):
        deploy(cloud, minute)
    found = prune(account_in(cloud), journal(cloud))
    assert list(cloud.functions.named["skafu-prod-a"].versions) == [str(n) for n in range(4, 14)]
    assert list(cloud.functions.named["skafu-prod-b"].versions) == ["1"]
    assert str(found) == "old versions removed: 3 of functions, 0 of layers"


def test_nothing_is_removed_when_it_is_only_asked(cloud: Cloud) -> None:
    for minute in range(13):
        deploy(cloud, minute)
    found = prune(account_in(cloud), journal(cloud), dry=True)
    assert list(found.lines()) == ["skafu-prod-a: 1, 2, 3"]
    assert len(cloud.functions.named["skafu-prod-a"].versions) == 13


def test_what_an_alias_points_at_stays_however_old(cloud: Cloud) -> None:
    for minute in range(14):
        deploy(cloud, minute)
    function = cloud.functions.named["skafu-prod-a"]
    function.aliases["kept"] = "1"
    function.shares = {"2": 0.05}
    prune(account_in(cloud), journal(cloud))
    assert {"1", "2"} < set(function.versions) and "3" not in function.versions


def test_what_ran_before_a_rollback_and_what_it_went_back_to_stay(cloud: Cloud) -> None:
    for minute in range(12):
        deploy(cloud, minute)
    there, account = journal(cloud), account_in(cloud)
    first = there.read(there.ids()[-1])
    cloud.functions.update_alias(FunctionName="skafu-prod-a", Name="live", FunctionVersion="1")
    back = Deployed.again(first, "", NOON + 60_000 * 20)
    record(account, there, back, Kind.ROLLBACK, of=first.id)
    prune(account, there)
    kept = set(cloud.functions.named["skafu-prod-a"].versions)
    assert {"1", "12"} <= kept and "2" not in kept


def test_what_a_release_names_stays_however_much_was_published_since(cloud: Cloud) -> None:
    deploy(cloud, 0)
    deploy(cloud, 1)
    for number in range(12):
        cloud.run(STACK, {"A": f"never recorded {number}"}, f"{LAYER}:1")
    prune(account_in(cloud), journal(cloud))
    kept = set(cloud.functions.named["skafu-prod-a"].versions)
    assert {"1", "2"} < kept and "3" not in kept


def test_layers_go_with_the_last_version_that_uses_them(cloud: Cloud) -> None:
    for minute in range(24):
        deploy(cloud, minute, layer=minute + 1)
    prune(account_in(cloud), journal(cloud))
    assert sorted(cloud.functions.layers[LAYER]) == list(range(15, 25))
    assert list(cloud.functions.named["skafu-prod-b"].versions) == [
        str(number) for number in range(15, 25)
    ]


def test_a_layer_that_a_kept_version_uses_stays(cloud: Cloud) -> None:
    for minute in range(12):
        deploy(cloud, minute, layer=minute + 1)
    cloud.functions.named["skafu-prod-a"].aliases["kept"] = "1"
    prune(account_in(cloud), journal(cloud))
    assert sorted(cloud.functions.layers[LAYER]) == [1, *range(3, 13)]


def test_versions_of_the_stack_itself_stay(cloud: Cloud) -> None:
    for minute in range(12):
        deploy(cloud, minute)
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:skafu-prod-a:1"
    cloud.stacks.named[STACK].resources["Version"] = ("AWS::Lambda::Version", arn)
    prune(account_in(cloud), journal(cloud))
    assert "1" in cloud.functions.named["skafu-prod-a"].versions


def test_a_stack_that_was_never_recorded_keeps_its_newest(cloud: Cloud) -> None:
    for number in range(12):
        cloud.run(STACK, {"A": f"a{number}"})
    prune(account_in(cloud), journal(cloud))
    assert len(cloud.functions.named["skafu-prod-a"].versions) == KEPT


def test_the_releases_that_can_be_had_again_are_the_newest_and_those_around_the_current(
    cloud: Cloud,
) -> None:
    there = journal(cloud)
    made = [release(minute) for minute in range(15)]
    for each in made:
        there.keep(each, "")
    back = release(15, kind=Kind.ROLLBACK, of=made[1].id, previous=made[2].id)
    there.keep(back, "")
    assert retained(there) == [made[1], made[2], *made[6:], back]


@given(
    there=st.sets(st.integers(1, 60)), needed=st.sets(st.integers(1, 60)), kept=st.integers(0, 12)
)
def test_what_is_needed_or_among_the_newest_never_goes(
    there: set[int], needed: set[int], kept: int
) -> None:
    gone = set(surplus(there, needed, kept))
    left = there - gone
    assert not gone & needed and gone <= there
    assert len(left) >= min(kept, len(there))
    assert all(number in needed for number in left if sum(n > number for n in there) >= kept)


def test_the_command_tells_what_would_go(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for minute in range(12):
        deploy(cloud, minute)
    assert versions.main(["--environment", "production", "--dry-run"], cloud.make) == 0
    assert capsys.readouterr().out == (
        "skafu-prod-a: 1, 2\n"
        "old versions removed: 2 of functions, 0 of layers (not yet: --dry-run)\n"
    )


def test_the_command_says_when_there_is_no_such_stack(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert versions.main(["--environment", "staging", "--stack", "nowhere"], cloud.make) == 1
    assert "There is no stack nowhere" in capsys.readouterr().err
