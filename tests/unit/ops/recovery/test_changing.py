"""A switch-over is written down as a release, where releases are."""

from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.recovery.changing import Means, write_down
from skafu.ops.recovery.place import Place
from skafu.ops.recovery.switching import NAME
from tests.support.rolling import REGION, STACK, World

TABLE = "skafu-production-restored-1"


def written(world: World) -> list[str]:
    """What is told when it is written down."""
    [environment] = [each for each in load(ROOT / "environments") if each.name == "production"]
    place = Place(environment, STACK, world.cloud.make, {"region_name": REGION})
    told: list[str] = []
    world.clock.advance(60_000)
    write_down(place, Means(told.append, world.clock, lambda _: None))
    return told


def switched(world: World, table: str) -> World:
    """As CloudFormation leaves the stack."""
    world.stacks.named[STACK].parameters[NAME] = table
    return world


def test_the_same_release_with_another_table_is_another_release() -> None:
    world = World()
    before = world.deploy("a", {"A": "a1"}, RestoredTableName="")
    assert len(written(switched(world, TABLE))) == 1
    now = world.journal.current()
    assert now is not None
    assert (now.parameters[NAME], now.previous) == (TABLE, before.id)
    assert (now.artefact.identity, now.functions) == (before.artefact.identity, before.functions)
    assert world.journal.template(now) == world.journal.template(before)


def test_it_is_written_down_once() -> None:
    world = World()
    world.deploy("a", {"A": "a1"}, RestoredTableName="")
    written(switched(world, TABLE))
    assert not written(world)
    assert len(world.journal.ids()) == 2


def test_nothing_is_gone_back_to_over_a_switch_over_and_after_the_way_back_it_is_again() -> None:
    world = World()
    first = world.deploy("a", {"A": "a1"}, RestoredTableName="")
    world.deploy("b", {"A": "a2"})
    switched(world, "")
    written(switched(world, TABLE))
    assert world.rollback("--to", first.id, "--dry-run") == 1
    written(switched(world, ""))
    assert world.rollback("--to", first.id, "--dry-run") == 0


def test_where_no_release_was_recorded_none_is() -> None:
    world = World()
    world.deploy("a", {"A": "a1"}, RestoredTableName="")
    world.stacks.named.pop("skafu-foundation")
    assert written(world) == ["Releases are not recorded here: none is written down"]
