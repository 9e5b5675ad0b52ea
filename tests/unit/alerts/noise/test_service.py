from dataclasses import dataclass

from skafu.alerts.engagement.store import Action, EngagementStore, Remark
from skafu.alerts.deliveries import Status
from skafu.alerts.model import instance_id
from skafu.alerts.noise.hours import Hours
from skafu.alerts.noise.service import Asked, NoiseReports
from skafu.alerts.paging.account import Account, Heard, Muted
from skafu.alerts.paging.group import Reason, Withheld
from skafu.alerts.paging.model import PageCause, Told
from skafu.metrics.store import MetricsStore
from tests.support.alerting import ALARM, OK, TENANT, Storyteller, minute
from tests.support.clocks import NOON, FakeClock
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable

HOST_A = (("host", "a"),)
ASKED = Asked(NOON, minute(60), Hours(), 25)


class Slow(FakeClock):
    """Every look at it takes ten seconds."""

    def __call__(self) -> int:
        self.advance(10_000)
        return self.now


@dataclass
class Accounts:
    """The same account of every instance."""

    account: Account = Account((), (), (), None)

    def tellings(
        self,
        tenant: str,
        alert_id: str,
        instance_id: str,
        start: int,
        end: int,
        attempts: bool = True,
    ) -> Account:
        assert (tenant, start, end, attempts) == (TENANT, NOON, minute(60), False)
        assert alert_id and instance_id
        return self.account


def told(page: str, what: Told) -> Heard:
    cause, channels = PageCause.FIRST, ("mail",)
    return Heard(page, "group", "ops", minute(5), cause, 0, what, Status.SENT, channels, ())


def table_with_a_story() -> InMemoryTable:
    table = InMemoryTable()
    story = Storyteller(table, alert("alert-1", group_by=("host",)))
    story.publish()
    for number in (5, 15):
        story.happens(ALARM, number, HOST_A)
        story.happens(OK, number + 5, HOST_A)
    return table


def report(table: InMemoryTable, clock: FakeClock, accounts: Accounts) -> NoiseReports:
    return NoiseReports(table, MetricsStore(table, clock, readers=1), accounts, clock)


def test_what_was_told_and_acknowledged_is_counted() -> None:
    table, clock = table_with_a_story(), FakeClock(minute(60))
    withheld = Withheld(Reason.COOLDOWN, "alert-1", minute(30))
    heard = told("1", Told.FIRING), told("2", Told.RESOLVED), told("3", Told.FIRING)
    muted = (Muted(minute(15), "group", "ops", withheld),)
    accounts = Accounts(Account((), heard, muted, None))
    instance = instance_id(HOST_A)
    remark = Remark("r1", "alert-1", instance, minute(6), "ann", Action.ACKNOWLEDGE, minute(5))
    EngagementStore(table).change(TENANT, [], [remark])

    (row,) = report(table, clock, accounts).report(TENANT, ASKED).rows

    assert (row.counted.pages, row.told, row.withheld) == (2, 2, 1)
    assert (row.acknowledged, row.acknowledged_share) == (1, 0.5)


def test_a_report_that_takes_too_long_says_that_it_is_not_all() -> None:
    table = table_with_a_story()
    for number in range(2, 500):
        Storyteller(table, alert(f"alert-{number}")).publish()

    found = report(table, Slow(), Accounts()).report(TENANT, ASKED)

    assert not found.complete
    assert 0 < found.alerts < 499


def test_without_time_left_rows_come_without_what_takes_long() -> None:
    clock = Slow(minute(60))

    found = report(table_with_a_story(), clock, Accounts()).report(TENANT, ASKED)

    assert found.complete
    assert found.rows[0].counted.pages == 2
    assert found.rows[0].told is None and found.rows[0].acknowledged_share is None
