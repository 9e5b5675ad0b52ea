"""The hooks' configuration: which versions belong to the release, by variables of their own."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.canary.examination import COMPACTOR, EVALUATOR, NOTIFIER, SWEEPER
from skafu.canary.invoking import ALERTS, METRICS, WORKSPACE
from skafu.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class HookSettings(Settings):
    """ARNs of the versions that the stack has, the new ones where they changed. The template's
    names for them are the functions' (MetricsFunction: METRICS_FUNCTION_VERSION).

    `watch_minutes` is for how long a version is watched; 0 is to those that validate.
    """

    metrics_function_version: str
    metrics_compactor_function_version: str
    alerts_function_version: str
    workspace_function_version: str
    alert_evaluator_function_version: str
    alert_sweeper_function_version: str
    alert_notifier_function_version: str
    watch_minutes: int = 0

    @property
    def versions(self) -> Mapping[str, str]:
        """The ARNs by logical id."""
        return {
            METRICS: self.metrics_function_version,
            COMPACTOR: self.metrics_compactor_function_version,
            ALERTS: self.alerts_function_version,
            WORKSPACE: self.workspace_function_version,
            EVALUATOR: self.alert_evaluator_function_version,
            SWEEPER: self.alert_sweeper_function_version,
            NOTIFIER: self.alert_notifier_function_version,
        }
