"""CloudWatch's alarms, as `aws cloudwatch describe-alarms --output json` prints them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from skafu.ops.alerts_alarm_rule import condition_of
from skafu.ops.alerts_foreign import Converted, Entry, Refused, Rule, Unfit, Unreadable, gathered

STATISTICS = {
    "SampleCount": "count",
    "Average": "avg",
    "Sum": "sum",
    "Minimum": "min",
    "Maximum": "max",
}
PERCENTILE = re.compile(r"p(100(\.0+)?|[0-9]{1,2}(\.[0-9]{1,3})?)")
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
BAND = re.compile(r"ANOMALY_DETECTION_BAND\(\s*(\w+)\s*(?:,\s*([0-9.]+)\s*)?\)")
BAND_WIDTH = 2.0
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
HELD = ("missing", "ignore")
"""Treatments with which silence can resolve an alarm in CloudWatch, and not here unless asked."""

type Json = Mapping[str, Any]


def convert(text: str) -> Converted:
    """Convert what describe-alarms says. Raises Unreadable."""
    try:
        found = json.loads(text)
        alarms = [dict(each) for each in found.get("MetricAlarms") or ()]
        composites = [dict(each) for each in found.get("CompositeAlarms") or ()]
    except (ValueError, AttributeError, TypeError) as error:
        raise Unreadable(f"this is no answer of describe-alarms: {error}") from error
    if not alarms and not composites:
        raise Unreadable("there are no alarms: neither MetricAlarms nor CompositeAlarms")
    rules, refused = [], []
    for read, some in ((_metric_alarm, alarms), (_composite_alarm, composites)):
        for alarm in some:
            name = str(alarm.get("AlarmName", "?"))
            try:
                rules.append(Rule(name, [read(name, alarm)], list(_notes(alarm))))
            except Unfit as unfit:
                refused.append(Refused(name, str(unfit)))
            except (KeyError, TypeError, AttributeError) as error:
                refused.append(Refused(name, f"it is not as describe-alarms has it: {error!r}"))
    return gathered(rules, refused)


def _metric_alarm(name: str, alarm: Json) -> Entry:
    stat, fields = _watched(alarm)
    periods, needed = alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm")
    treatment = alarm.get("TreatMissingData", "missing")
    entry: Entry = {"name": name, **_metric(stat), **fields, "period": stat["Period"]}
    if periods != 1:
        entry["evaluation_periods"] = periods
    if needed not in (None, periods):
        entry["datapoints_to_alarm"] = needed
    if treatment != "missing":
        entry["missing_data"] = treatment
    if treatment in HELD:
        entry["hold"] = False
    return {**entry, **_words(alarm)}


def _composite_alarm(name: str, alarm: Json) -> Entry:
    condition = condition_of(str(alarm["AlarmRule"]))
    return {"name": name, "type": "composite", "condition": condition, **_words(alarm)}


def _watched(alarm: Json) -> tuple[Json, Entry]:
    """Metric, statistic and period; and what is compared with what."""
    operator = str(alarm["ComparisonOperator"])
    queries = alarm.get("Metrics") or ()
    if not queries:
        stat = {**alarm, "Stat": alarm.get("Statistic") or alarm.get("ExtendedStatistic")}
        return stat, _limits(operator, alarm)
    expressions = {each["Id"]: each["Expression"] for each in queries if "Expression" in each}
    stats = {each["Id"]: each["MetricStat"] for each in queries if "MetricStat" in each}
    if any("AccountId" in each for each in queries):
        raise Unfit("it watches another account's metric")
    if not expressions and len(stats) == 1:
        (found,) = stats.values()
        return _flat(found), _limits(operator, alarm)
    band = expressions.get(alarm.get("ThresholdMetricId"))
    if band is not None and len(expressions) == len(stats) == 1:
        return _banded(operator, band, stats)
    texts = "; ".join(f"{key} = {text}" for key, text in expressions.items())
    raise Unfit(f"metric math: {texts or 'several metrics'}: send the result as a metric")


def _flat(stat: Json) -> Json:
    return {**stat["Metric"], "Stat": stat["Stat"], "Period": stat["Period"]}


def _banded(operator: str, band: str, stats: Mapping[str, Json]) -> tuple[Json, Entry]:
    """Anomaly detection: so many deviations away from what is usual."""
    found = BAND.fullmatch(band.strip())
    if found is None or found[1] not in stats:
        raise Unfit(f"metric math: {band}")
    width = float(found[2] or BAND_WIDTH)
    limits: dict[str, Entry] = {
        "LessThanLowerOrGreaterThanUpperThreshold": {
            "comparison": "outside", "lower": -width, "upper": width,
        },
        "GreaterThanUpperThreshold": {"comparison": ">", "threshold": width},
        "LessThanLowerThreshold": {"comparison": "<", "threshold": -width},
    }  # fmt: skip
    if operator not in limits:
        raise Unfit(f"{operator} has no counterpart for a band")
    transform = {"type": "deviation", "season": "week", "seasons": 4}
    return _flat(stats[found[1]]), {**limits[operator], "transform": transform}


def _limits(operator: str, alarm: Json) -> Entry:
    if operator not in COMPARISONS:
        raise Unfit(f"{operator} has no counterpart here")
    return {"comparison": COMPARISONS[operator], "threshold": float(alarm["Threshold"])}


def _metric(stat: Json) -> Entry:
    """The metric is called namespace/name; its dimensions are tags."""
    word = str(stat["Stat"])
    statistic = STATISTICS.get(word) or (word if PERCENTILE.fullmatch(word) else None)
    if statistic is None:
        raise Unfit(f"the statistic {word} has no counterpart")
    name = re.sub(r"[^A-Za-z0-9_.:/-]", "_", f"{stat['Namespace']}/{stat['MetricName']}")
    filters = [
        {"tag": each["Name"], "op": "=", "value": each["Value"]}
        for each in stat.get("Dimensions") or ()
    ]
    entry: Entry = {"metric": name, "statistic": statistic}
    return {**entry, "filters": filters} if filters else entry


def _words(alarm: Json) -> Entry:
    text = str(alarm.get("AlarmDescription") or "").strip()
    return {"description": text} if text else {}


def _notes(alarm: Json) -> Iterator[str]:
    """What an alert does not say, and people should know."""
    actions = [each for name in ACTIONS for each in alarm.get(name) or ()]
    if actions:
        told = "" if alarm.get("ActionsEnabled", True) else " (switched off)"
        listed = ", ".join(dict.fromkeys(map(str, actions)))
        yield f"its actions{told} become channels or routes: {listed}"
    if alarm.get("Unit"):
        yield f"only points with the unit {alarm['Unit']} counted"
    if alarm.get("EvaluateLowSampleCountPercentile") == "ignore":
        yield "percentiles of few samples are evaluated here too"
    if alarm.get("ActionsSuppressor"):
        yield f"it is suppressed by {alarm['ActionsSuppressor']}: make that a silence"
    if alarm.get("ThresholdMetricId"):
        yield "what is usual is learnt from four weeks, by hour of the week"
    if "OK(" in re.sub(r"\s", "", str(alarm.get("AlarmRule", ""))):
        yield "OK(...) is `not`: without data it is unknown here, and false in CloudWatch"
