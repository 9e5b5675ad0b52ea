"""A backtest as a function of an alert and stored points: no input or output.

    backtest(alert, {tags: stock}, start, end) -> Backtested

The service fills the stocks from the table, a simulation may fill them from what it has sent.
"""

from collections.abc import Callable, Iterable, Mapping

from skafu.alerts.backtest.model import Backtested
from skafu.alerts.backtest.replay import replay
from skafu.alerts.backtest.stock import Stock
from skafu.alerts.backtest.tally import tally
from skafu.alerts.backtest.usual import Span, baselines
from skafu.alerts.model import Alert, Definition, Effect
from skafu.alerts.points import end_after, period_ms, read_start
from skafu.alerts.samples import Samples
from skafu.alerts.transforms import far_ms
from skafu.metrics.model import Tags


def first_needed(definition: Definition, start: int) -> int:
    """From when on points are needed to decide the buckets that end after `start`; what is compared
    with from long before aside.
    """
    return read_start(definition, end_after(start, period_ms(definition)))


def needed(definition: Definition, start: int, end: int) -> tuple[Span, ...]:
    """The stretches, in order, whose points decide the buckets that end after `start` and not after
    `end`; what `usual.lessons` names aside.
    """
    first, far = first_needed(definition, start), far_ms(definition)
    if not far:
        return ((first, end),)
    return ((first - far, min(end - far, first)), (first, end))


def buckets_of(definition: Definition, start: int, end: int) -> int:
    """How many buckets of an instance end after `start` and not after `end`."""
    period = period_ms(definition)
    return end // period - start // period


def backtest(
    alert: Alert,
    stocks: Mapping[Tags, Stock],
    start: int,
    end: int,
    *,
    warnings: Iterable[str] = (),
    check: Callable[[], None] = lambda: None,
) -> Backtested:
    """What the alert would have done in the buckets that end after `start` and not after `end`, had
    it been made at `start` and all points come in time. `stocks` has the points that are `needed`,
    by instance. `check` is called now and then, and ends the backtest by raising.
    """
    definition = alert.definition
    first = first_needed(definition, start)
    histories: dict[Tags, tuple[Effect, ...]] = {}
    for tags, stock in sorted(stocks.items()):
        usual = baselines(definition, stock, start, end)
        samples = Samples(definition, first, end, baselines=usual)
        stock.fill(samples)
        if samples.present:
            histories[tags] = replay(alert, samples, start, end, check)
    return tally(
        alert,
        start,
        end,
        histories,
        buckets=len(histories) * buckets_of(definition, start, end),
        points=sum(stock.points for stock in stocks.values()),
        warnings=warnings,
    )
