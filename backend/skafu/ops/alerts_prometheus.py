"""Prometheus' alerting rules (groups of them, as Prometheus reads them from a file)."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import promql_parser as promql
import yaml

from skafu.ops.alerts_foreign import (
    Converted,
    Entry,
    Refused,
    Rule,
    Unfit,
    Unreadable,
    alert,
    all_of,
    any_of,
    gathered,
    none_of,
)
from skafu.ops.alerts_promql import Combined, Condition, Simple, condition_of

PERIOD_S, HOUR_S = 60, 3_600
ABSENT_S = 300
"""How long Prometheus goes on believing in a series' last point (its lookback delta)."""

LONGEST_PERIODS = 288  # definitions.MAX_EVALUATION_PERIODS
SEVERITIES = {
    "critical": ("critical", "crit", "page", "emergency", "fatal", "disaster"),
    "high": ("high", "error", "major", "severe"),
    "medium": ("medium", "warning", "warn", "minor", "average"),
    "low": ("low", "ticket"),
    "info": ("info", "informational", "information", "notice", "none", "debug"),
}
USED_LABEL = re.compile(r"\$labels\.([A-Za-z_][A-Za-z0-9_]*)|\.Labels\.([A-Za-z_][A-Za-z0-9_]*)")
TEMPLATE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
PART = "part_of"


def convert(text: str, group_by: Sequence[str]) -> Converted:
    """Convert a rules file. `group_by` are the labels that tell the series of one metric apart:
    rules without `by` have an instance for each. Raises Unreadable.
    """
    rules, refused = [], []
    for group, raw in _rules(text):
        name = f"{group['name']}/{raw.get('alert', raw.get('record', '?'))}"
        try:
            rules.append(_Conversion(name, group, raw, tuple(group_by)).rule())
        except Unfit as unfit:
            refused.append(Refused(name, str(unfit)))
    return gathered(rules, refused)


def _rules(text: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    try:
        found = yaml.safe_load(text)
        for group in found["groups"]:
            for rule in group.get("rules") or ():
                yield {**group, "name": group["name"]}, {**rule}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"this is no file of Prometheus rules: {error}") from error


class _Conversion:
    """One rule."""

    def __init__(
        self,
        name: str,
        group: Mapping[str, Any],
        raw: Mapping[str, Any],
        group_by: tuple[str, ...],
    ) -> None:
        self._raw = raw
        self._labels = {str(k): str(v) for k, v in (raw.get("labels") or {}).items()}
        self._annotations = {str(k): str(v) for k, v in (raw.get("annotations") or {}).items()}
        self._interval = _duration(group, "interval") or PERIOD_S
        self._series = group_by
        self._rule = Rule(name)

    def rule(self) -> Rule:
        """The alerts for the rule. Raises Unfit."""
        if "alert" not in self._raw:
            raise Unfit("a recording rule: it makes a metric, and alerts nobody")
        condition = condition_of(str(self._raw.get("expr", "")))
        name = str(self._raw["alert"])
        if isinstance(condition, Simple):
            entries = [{"name": name, **self._watching(condition), **self._words()}]
        else:
            entries = self._composite(name, condition)
        self._rule.entries.extend(entries)
        return self._rule

    # --- conditions ---

    def _watching(self, found: Simple, patient: bool = True) -> Entry:
        """The fields that say what is watched and when it fires; without patience, at once."""
        waits = _duration(self._raw, "for") if patient else 0
        if found.watch.note:
            self._note(found.watch.note)
        common: Entry = {
            "metric": found.watch.metric,
            "filters": [{"tag": t, "op": op, "value": v} for t, op, v in found.watch.filters],
            "group_by": self._groups(found),
        }
        if found.heartbeat:
            silent = max(found.silence or ABSENT_S, PERIOD_S) + waits
            return {"type": "heartbeat", **_tidy(common), "no_data_for": _silence(silent)}
        period = found.watch.period or _whole_minutes(self._interval)
        fields = {"statistic": found.watch.statistic, **found.fields}
        keeping = _duration(self._raw, "keep_firing_for")
        if keeping and patient:
            fields["keep_firing"] = keeping
        # A range's buckets follow each other: `for` so many seconds is so many of them.
        rhythm = _rhythm(period, max(waits, period), fixed=found.watch.period is not None)
        return {**_tidy(common), **fields, **rhythm}

    def _groups(self, found: Simple) -> list[str]:
        if found.watch.group_by is not None:
            return list(found.watch.group_by)
        equal = {tag for tag, op, _ in found.watch.filters if op == "="}
        text = " ".join((*self._annotations.values(), *self._labels.values()))
        used = [first or second for first, second in USED_LABEL.findall(text)]
        several = [tag for tag, op, _ in found.watch.filters if op in ("in", "prefix", "exists")]
        groups = [x for x in dict.fromkeys((*self._series, *used, *several)) if x not in equal]
        words = ", ".join(groups) or "nothing"
        self._note(f"Prometheus tells every series apart; this is grouped by {words}")
        return groups

    def _composite(self, name: str, condition: Combined) -> list[Entry]:
        parts: list[Entry] = []

        def put(part: Condition, patient: bool) -> Entry:
            if isinstance(part, Combined):
                left = put(part.left, patient)
                right = put(part.right, patient and part.word != "unless")
                if part.word == "unless":
                    return all_of([left, none_of(right)])
                return (all_of if part.word == "and" else any_of)([left, right])
            called = f"{name} (part {len(parts) + 1})"
            labels = {PART: _label(name)}
            fields = self._watching(part, patient)
            parts.append({"name": called, **fields, "severity": "info", "labels": labels})
            return alert(called)

        expression = put(condition, True)
        self._note(
            f"its parts are alerts of their own, with the label {PART}: route them by it to where "
            "they disturb nobody"
        )
        whole: Entry = {"name": name, "type": "composite", "condition": expression}
        groups = _common(condition, parts)
        if groups:
            whole["group_by"] = groups
        return [*parts, {**whole, **self._words()}]

    # --- words ---

    def _words(self) -> Entry:
        """Severity, labels, description, runbook."""
        labels = dict(self._labels)
        severity = self._severity(labels.pop("severity", None))
        for name in [each for each, value in labels.items() if "{{" in value]:
            self._note(f"the label {name} is a template and was left out")
            del labels[name]
        description = "\n\n".join(
            _plain(self._annotations[name]).strip()
            for name in ("summary", "description", "message")
            if self._annotations.get(name, "").strip()
        )
        fields: Entry = {"severity": severity} if severity else {}
        if labels:
            fields["labels"] = labels
        if description:
            fields["description"] = description
        runbook = self._annotations.get("runbook_url") or self._annotations.get("runbook")
        if runbook and runbook.startswith("https://") and "{{" not in runbook:
            fields["runbook_url"] = runbook
        elif runbook:
            self._note(f"the runbook {runbook} is no https address and was left out")
        return fields

    def _severity(self, word: str | None) -> str | None:
        if word is None:
            return None
        for severity, words in SEVERITIES.items():
            if word.lower() in words:
                return severity
        self._note(f"the severity {word} is not known here: it is medium")
        return None

    def _note(self, text: str) -> None:
        if text not in self._rule.notes:
            self._rule.notes.append(text)


def _common(condition: Combined, parts: Sequence[Entry]) -> list[str]:
    """By what a composite is grouped: what its parts are, or what `on` says."""
    if condition.on is not None:
        return list(condition.on)
    groups = [each.get("group_by", []) for each in parts]
    return [tag for tag in groups[0] if all(tag in each for each in groups)]


def _rhythm(period: int, seconds: int, fixed: bool = False) -> Entry:
    """Period and number of periods that together last so long. Raises Unfit."""
    if not fixed:
        while math.ceil(seconds / period) > LONGEST_PERIODS:
            period += PERIOD_S
    count = math.ceil(seconds / period)
    return {"period": period} if count == 1 else {"period": period, "evaluation_periods": count}


def _silence(seconds: int) -> int:
    """So long, or a little longer: what can be cut into periods."""
    step = PERIOD_S if seconds <= HOUR_S else 5 * PERIOD_S
    return math.ceil(seconds / step) * step


def _tidy(fields: Entry) -> Entry:
    return {name: value for name, value in fields.items() if value != []}


def _whole_minutes(seconds: int) -> int:
    """Prometheus evaluates ever so often, however often points come: at least a minute."""
    return max(1, math.ceil(seconds / PERIOD_S)) * PERIOD_S


def _duration(raw: Mapping[str, Any], name: str) -> int:
    """Seconds of `5m`, `1h30m`; 0 if it is not given. Raises Unfit."""
    text = raw.get(name)
    if text in (None, "", 0, "0"):
        return 0
    try:
        found: timedelta = promql.parse_duration(str(text))
    except ValueError as error:
        raise Unfit(f"{name}: {text} is no duration") from error
    return math.ceil(found.total_seconds())


def _label(text: str) -> str:
    return text[:256]


def _plain(text: str) -> str:
    """A template's text for people: `{{ $labels.host }}` becomes <host>."""

    def word(found: re.Match[str]) -> str:
        used = USED_LABEL.search(found[1])
        if used:
            return f"<{used[1] or used[2]}>"
        return "<value>" if "value" in found[1].lower() else "<...>"

    return TEMPLATE.sub(word, text)
