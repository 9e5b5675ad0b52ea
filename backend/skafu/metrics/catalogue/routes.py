"""Routes about which metrics, series and tags there are, as data."""

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Parameter, Route, Scope

_READERS = (Scope.METRICS_READ, Scope.PERSON)
FILTER = Parameter(
    "filter",
    "A condition on a tag: host=a, or zone!=b. All that are given must hold.",
    repeated=True,
)
_METRIC = Parameter("metric", "The metric's name.", required=True)
_RANGE = (
    Parameter(
        "start",
        "Epoch milliseconds or RFC 3339: also series that are compacted and had points since then; "
        "without start and end those that were sent in the last 35 days.",
    ),
    Parameter("end", "Epoch milliseconds or RFC 3339; now if only start is given."),
)

ROUTES = (
    Route(
        method="GET",
        path="/api/metrics",
        endpoint="metrics",
        summary="The names of metrics, in order; a page may be short and yet not the last",
        role=Role.VIEWER,
        scopes=_READERS,
        response="MetricList",
        parameters=(Parameter("prefix", "How the names begin."), FILTER, limit_parameter(), CURSOR),
    ),
    Route(
        method="GET",
        path="/api/metrics/series",
        endpoint="series",
        summary="The series of a metric, in order of tags",
        role=Role.VIEWER,
        scopes=_READERS,
        response="SeriesList",
        parameters=(_METRIC, FILTER, *_RANGE, limit_parameter(), CURSOR),
    ),
    Route(
        method="GET",
        path="/api/metrics/tags",
        endpoint="tags",
        summary="The keys of a metric's tags, with their numbers of series and values",
        role=Role.VIEWER,
        scopes=_READERS,
        response="TagList",
        parameters=(_METRIC, FILTER, *_RANGE, limit_parameter(), CURSOR),
    ),
    Route(
        method="GET",
        path="/api/metrics/tags/{key}",
        endpoint="tag_values",
        summary="The values of one tag of a metric, with their numbers of series",
        role=Role.VIEWER,
        scopes=_READERS,
        response="TagValueList",
        parameters=(
            _METRIC,
            Parameter("prefix", "How the values begin."),
            FILTER,
            *_RANGE,
            limit_parameter(),
            CURSOR,
        ),
    ),
)
