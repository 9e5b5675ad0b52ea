"""Whatever dashboard is taken is given back as it was sent, now and from its versions; and what is
refused is refused with the fields that are wrong.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.workspace.dashboards.schemas import DashboardOut
from tests.support.dashboards import Function, dashboard

COLUMNS = 12
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)
NAMES = WORDS.filter(lambda text: bool(text.strip()))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"))
VARIABLES = ("host", "Zone_2")
# What looks like a variable and is none, and markup: all of it is text.
VALUES = (WORDS | st.sampled_from(["", "$5", "$$host", "a$host", "<b>", "{{x}}"])).filter(
    lambda text: not (text.startswith("$") and text[1:].isidentifier())
)
VARIABLE = st.sampled_from([f"${name}" for name in VARIABLES])
TAGS = WORDS
METRICS = st.sampled_from(["cpu.load", "disk/used", "a:b", "_x-1"])
SEVERITIES = st.sampled_from(["critical", "high", "medium", "low", "info"])

FILTERS = st.one_of(
    st.fixed_dictionaries(
        {
            "tag": TAGS,
            "op": st.sampled_from(["=", "!=", "prefix"]),
            "value": VALUES | VARIABLE,
        }
    ),
    st.fixed_dictionaries(
        {
            "tag": TAGS,
            "op": st.just("in"),
            "value": VARIABLE | st.lists(VALUES | VARIABLE, min_size=1, max_size=3),
        }
    ),
    st.fixed_dictionaries({"tag": TAGS, "op": st.just("exists"), "value": st.booleans()}),
)
METRIC_QUERIES = st.fixed_dictionaries(
    {"metric": METRICS, "statistic": st.sampled_from(["avg", "sum", "p99.9", "rate", "last"])},
    optional={
        "period": st.integers(1, 86_400),
        "filters": st.lists(FILTERS, min_size=1, max_size=3),
        "group_by": st.lists(TAGS, min_size=1, max_size=3),
        "unit": st.sampled_from(["Percent", "Bytes/Second"]),
        "fill": st.sampled_from(["zero", "previous", "linear"]),
        "hidden": st.just(True),
    },
)
EXPRESSIONS = st.fixed_dictionaries(
    {"expression": st.sampled_from(["q0 * 100", "topk(3, q0)", "-(q0 - 1) / 2"])},
    optional={"fill": st.just("zero")},
)


@st.composite
def queries(draw: st.DrawFn) -> list[dict[str, Any]]:
    first = {**draw(METRIC_QUERIES)}
    first.pop("hidden", None)
    further = draw(st.lists(METRIC_QUERIES | EXPRESSIONS, max_size=4))
    return [{"id": f"q{i}", **each} for i, each in enumerate([first, *further])]


@st.composite
def panels(draw: st.DrawFn, number: int) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(["line", "area", "stat", "top_list", "table", "heatmap", "alerts", "text"])
    )
    x = draw(st.integers(0, COLUMNS - 1))
    found: dict[str, Any] = {
        "id": f"panel-{number}",
        "title": draw(WORDS | st.just("")),
        "type": kind,
        "x": x,
        "y": draw(st.integers(0, 999)),
        "w": draw(st.integers(1, COLUMNS - x)),
        "h": draw(st.integers(1, 50)),
        "queries": draw(queries()) if kind not in ("alerts", "text") else [],
    }
    if kind == "text":
        found["text"] = draw(TEXTS)
    if kind == "alerts" and draw(st.booleans()):
        labels = st.dictionaries(TAGS, VALUES, min_size=1, max_size=3)
        chosen = st.fixed_dictionaries({}, optional={"severity": SEVERITIES, "labels": labels})
        found["alerts"] = draw(chosen)
    if draw(st.booleans()):
        found["unit"] = draw(st.sampled_from(["Percent", "Count", "None"]))
    if draw(st.booleans()):
        value = st.floats(allow_nan=False, allow_infinity=False)
        one = st.fixed_dictionaries({"value": value, "severity": SEVERITIES})
        found["thresholds"] = draw(st.lists(one, min_size=1, max_size=3))
    return found


@st.composite
def dashboards(draw: st.DrawFn) -> dict[str, Any]:
    variables = [
        {
            "name": name,
            "tag": draw(TAGS),
            **draw(st.fixed_dictionaries({}, optional={"metric": METRICS})),
            "default": draw(st.lists(VALUES, max_size=3)),
        }
        for name in VARIABLES
    ]
    count = draw(st.integers(0, 4))
    return {
        "name": draw(NAMES),
        "description": draw(TEXTS),
        "variables": variables,
        "range": {"last": draw(st.integers(60, 455 * 86_400))},
        "panels": [draw(panels(number)) for number in range(count)],
    }


@settings(max_examples=60, deadline=None)
@given(first=dashboards(), second=dashboards())
def test_any_dashboard_comes_back_as_it_was_sent(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    function = Function()
    made = function.ask("POST", body=first)
    assert made.status == 201, made.body
    path = made.headers["location"]

    changed = function.ask("PUT", path, second, match=1)

    assert changed.status == 200, changed.body
    DashboardOut.model_validate(changed.body)
    assert {name: changed.body[name] for name in second} == second
    newest = changed.body["version"]
    assert newest == (1 if first == second else 2)
    old = function.ask("GET", path, match=None, version="1").body
    assert {name: old[name] for name in first} == first
    # What was answered can be sent again, and is nothing new.
    again = {name: changed.body[name] for name in second}
    assert function.ask("PUT", path, again, match=newest).body["version"] == newest


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(WORDS, part, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    field=st.sampled_from(["name", "description", "variables", "range", "panels", "other"]),
    value=JSON,
)
def test_anything_else_is_refused_by_its_field_and_never_a_surprise(
    field: str, value: object
) -> None:
    answer = Function().ask("POST", body=dashboard() | {field: value})

    assert answer.status in (201, 422), answer.body
    if answer.status == 422:
        assert all(name.partition(".")[0] == field for name in answer.fields), answer.fields
