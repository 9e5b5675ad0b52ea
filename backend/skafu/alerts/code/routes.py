"""Routes about alerts as code, as data."""

from skafu.shared.identity import Role
from skafu.shared.routes import Parameter, Route, Scope

YAML = "application/yaml"

LABEL = Parameter(
    "label",
    "name=value: only alerts with this label of their own; of a pruning import, only such alerts "
    "are removed.",
    repeated=True,
)

ROUTES = (
    Route(
        method="GET",
        path="/api/alerts/export",
        endpoint="export_alerts",
        summary="Alerts and routes as a YAML file",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        produces=YAML,
        parameters=(
            LABEL,
            Parameter("routes", "false: without the routes. They are left out with labels too."),
        ),
    ),
    Route(
        method="PUT",
        path="/api/alerts/import",
        endpoint="import_alerts",
        summary="Bring alerts (and routes, if the file has any) to what a YAML file says",
        role=Role.EDITOR,
        scopes=(Scope.ALERTS_WRITE, Scope.PERSON),
        consumes=YAML,
        response="ImportOut",
        conditional=False,
        parameters=(
            Parameter("dry_run", "true: only tell what would be done."),
            Parameter("prune", "true: remove alerts that the file does not have."),
            LABEL,
        ),
    ),
)
