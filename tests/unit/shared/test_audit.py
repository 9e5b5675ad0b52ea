from skafu.shared import audit
from skafu.shared.audit import KEEP_S, AuditReader, Change, Wanted
from tests.support.clocks import NOON
from tests.support.memory_table import InMemoryTable


def change(at: int, kind: str = "alert", subject: str = "a1", action: str = "change") -> Change:
    return Change("ann", at, action, kind, subject, {"name": "old"}, {"name": "new"})


def table_of(*changes: Change, tenant: str = "acme", page_size: int = 1000) -> InMemoryTable:
    table = InMemoryTable(page_size)
    for each in changes:
        table.transact([audit.entry(tenant, each)])
    return table


def everything(table: InMemoryTable, wanted: Wanted, limit: int = 100) -> list[Change]:
    reader, after = AuditReader(table), None
    found: list[Change] = []
    while True:
        page = reader.page("acme", wanted, limit, after)
        assert len(page.changes) <= limit
        found += page.changes
        if page.after is None:
            return found
        after = page.after


def test_changes_are_read_newest_first() -> None:
    changes = [change(NOON + i) for i in range(7)]

    assert everything(table_of(*changes), Wanted(), limit=3) == changes[::-1]


def test_two_changes_at_the_same_moment_are_both_kept() -> None:
    assert len(everything(table_of(change(NOON), change(NOON)), Wanted())) == 2


def test_changes_of_a_kind_are_found_among_others_on_every_page() -> None:
    table = table_of(
        *(change(NOON + i, kind="alert" if i % 5 == 0 else "channel") for i in range(60)),
        page_size=2,
    )

    found = everything(table, Wanted(kind="alert"), limit=4)

    assert [each.at - NOON for each in found] == list(range(55, -1, -5))


def test_the_changes_of_one_thing_are_not_looked_for_among_all() -> None:
    table = table_of(*(change(NOON + i, subject=f"a{i % 2}") for i in range(6)))

    page = AuditReader(table).page("acme", Wanted(kind="alert", subject="a1"), 2, None)

    assert [each.at - NOON for each in page.changes] == [5, 3]
    assert [each.at - NOON for each in everything(table, Wanted(subject="a0"))] == [4, 2, 0]


def test_a_range_has_its_start_and_not_its_end() -> None:
    table = table_of(*(change(NOON + i) for i in range(5)))

    for wanted in (
        Wanted(start=NOON + 1, end=NOON + 4),
        Wanted(kind="alert", subject="a1", start=NOON + 1, end=NOON + 4),
    ):
        assert [each.at - NOON for each in everything(table, wanted)] == [3, 2, 1]
    assert not everything(table, Wanted(start=NOON + 3, end=NOON + 3))


def test_tenants_do_not_see_each_other() -> None:
    assert not everything(table_of(change(NOON), tenant="other"), Wanted())


def test_an_entry_lives_longer_than_a_year() -> None:
    item = next(iter(table_of(change(NOON)).items.values()))

    assert item["ttl"] == NOON // 1000 + KEEP_S
    assert KEEP_S > 366 * 86_400
