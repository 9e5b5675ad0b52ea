"""What all of it rests on: whatever is stored or indexed begins with the tenant whose it is."""

from skafu.shared import keys
from skafu.shared.access_patterns import ACCESS_PATTERNS
from tests.support.neighbours import OWN, SECRET, Neighbours

NAMED = {"membership", "registry", "region"}
"""The three exceptions, by name: shared/keys.py."""

NOT_BY_REQUESTS = {
    # Made by what the stream, the clock and the queues call.
    *("attempt", "baseline", "ended", "flow", "folded", "lease", "mark", "packed", "page"),
    *("roster", "sketch", "whereabouts", "withheld"),
    # Nobody's: operators write it at a failover.
    "region",
    # There while somebody is being invited.
    "invitation",
}
"""Kinds that neither of the teams has: no request makes them, or none that is over."""


def test_every_item_begins_with_its_tenant_and_so_does_its_place_in_the_index(
    town: Neighbours,
) -> None:
    teams = {SECRET: town.ann.tenant, OWN: town.bob.tenant}
    for key, item in town.table.items.items():
        if item["k"] not in NAMED:
            assert key.pk.partition(keys.SEPARATOR)[0] in teams.values(), item
        if "gsi1pk" in item:
            assert str(item["gsi1pk"]).partition(keys.SEPARATOR)[0] in teams.values(), item


def test_what_one_team_says_is_in_no_item_of_the_other(town: Neighbours) -> None:
    for mark, other in ((SECRET, town.bob), (OWN, town.ann)):
        for key, item in town.items(other).items():
            assert mark not in str(key) + str(item), (key, mark)


def test_each_team_has_every_kind_of_thing_that_requests_make(town: Neighbours) -> None:
    """So that what is attacked is not nothing."""
    known = {pattern.kind for pattern in ACCESS_PATTERNS}
    for team in (town.ann, town.bob):
        assert known - {str(item["k"]) for item in town.items(team).values()} <= NOT_BY_REQUESTS
