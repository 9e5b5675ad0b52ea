"""Whatever alerts there are: their export, imported elsewhere, is exported there as the same."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.alerts.code.writing import write
from tests.support.alerts_api import AlertsFunction
from tests.support.claims import person_claims
from tests.support.events import api_event, lambda_context

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
NAMES = WORDS | st.sampled_from(["on", "1e5", "null", "- x", "a: b", "=", "#", "'", '"', "&a"])
LINES = st.sampled_from(["", "one line", "two\nlines", " kept\n\n  as is \n", "tab\there"])
FINITE = st.floats(-1e12, 1e12).map(lambda x: x + 0.0)  # -0.0 is 0.0

METRIC = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["cpu.load", "disk/used", "a:b"]),
        "statistic": st.sampled_from(["avg", "p99.9", "rate", "count"]),
        "period": st.sampled_from([1, 60, 300]),
        "comparison": st.sampled_from([">", ">=", "<", "<="]),
        "threshold": FINITE,
    },
    optional={
        "evaluation_periods": st.integers(1, 5),
        "missing_data": st.sampled_from(["missing", "notBreaching", "breaching", "ignore"]),
        "hold": st.booleans(),
        "grace": st.integers(0, 60),
        "keep_firing": st.sampled_from([0, 60]),
        "filters": st.lists(
            st.fixed_dictionaries(
                {"tag": NAMES, "op": st.sampled_from(["=", "!=", "prefix"]), "value": NAMES}
            )
            | st.fixed_dictionaries(
                {
                    "tag": NAMES,
                    "op": st.just("in"),
                    "value": st.lists(NAMES, min_size=1, max_size=3, unique=True),
                }
            ),
            max_size=3,
        ),
    },
)
HEARTBEAT = st.fixed_dictionaries(
    {
        "type": st.just("heartbeat"),
        "metric": st.just("cpu.load"),
        "no_data_for": st.sampled_from([60, 300, 3600]),
    }
)
ALERT = st.tuples(
    METRIC | HEARTBEAT,
    st.fixed_dictionaries(
        {},
        optional={
            "severity": st.sampled_from(["critical", "high", "medium", "low", "info"]),
            "group_by": st.lists(NAMES, max_size=2, unique=True),
            "labels": st.dictionaries(st.sampled_from(["team", "tier"]), NAMES, max_size=2),
            "description": LINES,
            "cooldown": st.sampled_from([0, 60]),
            "channels": st.just(["default"]),
        },
    ),
).map(lambda parts: {**parts[0], **parts[1]})


def ask(function: AlertsFunction, method: str, path: str, body: str | None = None) -> Any:
    event = api_event(method, path, claims=person_claims("editor"), body=body)
    answer = function.handler(event, lambda_context("AlertsFunction"))
    assert answer["statusCode"] == 200, answer["body"]
    return answer["body"]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, ALERT, max_size=5))
def test_export_import_export_is_the_identity(alerts: dict[str, dict[str, Any]]) -> None:
    first, second = AlertsFunction(), AlertsFunction()
    named = [{"name": name, **fields} for name, fields in alerts.items()]
    ask(first, "PUT", "/api/alerts/import", write({"alerts": named}))

    exported = ask(first, "GET", "/api/alerts/export")
    ask(second, "PUT", "/api/alerts/import", exported)

    assert ask(second, "GET", "/api/alerts/export") == exported
    again = ask(first, "PUT", "/api/alerts/import", exported)
    assert f'"unchanged":{len(alerts)},' in again
