"""From what was decided to the composite alerts above it, as soon as it is recorded.

An economy of time: what is lost on the way the minute's sweep finds, which evaluates composites as
it does any other alert.
"""

from collections.abc import Callable, Iterable

from skafu.alerts.evaluation import Evaluation
from skafu.alerts.ledger import Ask, Evaluated
from skafu.alerts.rules import Rules
from skafu.alerts.scribe import Contended
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger


def cascade(
    evaluation: Evaluation,
    rules: Rules,
    tenant: str,
    decided: Iterable[str],
    more: Callable[[], bool],
) -> int:
    """Evaluate the composites that name these alerts, and those above them, one storey after
    another; returns how many decisions were made. `more` tells whether there is time for another.
    """
    decisions = 0
    above = rules.composites(decided)
    while above:
        asks = [Ask(alert) for alert in above.values()]
        changed: list[str] = []
        for ask, outcome in evaluation.evaluate_all(tenant, asks):
            if isinstance(outcome, Evaluated):
                decisions += len(outcome.decisions)
                changed += [ask.alert.id] if outcome.decisions else []
            else:
                _left(ask.alert.id, outcome)
            if not more():
                return decisions
        above = rules.composites(changed)
    return decisions


def _left(alert_id: str, trouble: Exception) -> None:
    if isinstance(trouble, Unavailable | Contended):
        logger.warning("composite is left to the sweeper", alert_id=alert_id)
    else:
        logger.error("composite cannot be evaluated", alert_id=alert_id, exc_info=trouble)
