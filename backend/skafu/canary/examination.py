"""Which checks a function has to pass: all that is known of it, done for real."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from skafu.canary import alerts, metrics, workers, workspace
from skafu.canary.calls import Function
from skafu.canary.checks import Check
from skafu.canary.invoking import ALERTS, METRICS, WORKSPACE
from skafu.canary.scene import Scene
from skafu.canary.workers import Stored

COMPACTOR = "MetricsCompactorFunction"
EVALUATOR = "AlertEvaluatorFunction"
SWEEPER = "AlertSweeperFunction"
NOTIFIER = "AlertNotifierFunction"
FUNCTIONS = (METRICS, COMPACTOR, ALERTS, WORKSPACE, EVALUATOR, SWEEPER, NOTIFIER)
"""Logical ids of the functions that are examined: all but those that examine."""

type Choose = Callable[[Scene, Function, Stored], tuple[Check, ...]]

CHECKS: Mapping[str, Choose] = MappingProxyType(
    {
        METRICS: lambda scene, _, __: metrics.checks_of(scene),
        COMPACTOR: lambda _, function, __: workers.compactor_checks(function),
        ALERTS: lambda scene, _, __: alerts.checks_of(scene),
        WORKSPACE: lambda scene, _, __: (
            workspace.health_of(scene),
            *workspace.checks_of(scene),
        ),
        EVALUATOR: workers.evaluator_checks,
        SWEEPER: lambda scene, function, _: workers.sweeper_checks(scene, function),
        NOTIFIER: lambda _, function, __: workers.notifier_checks(function),
    }
)


def checks_of(
    name: str, scene: Scene, functions: Mapping[str, Function], stored: Stored
) -> tuple[Check, ...]:
    """The checks of one of FUNCTIONS, among `functions` by logical id: those that write points or
    make alerts on the way use the others of the same release.
    """
    return CHECKS[name](scene, functions[name], stored)
