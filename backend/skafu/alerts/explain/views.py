"""How an explanation is shown: the shapes of schemas.py as plain values."""

from typing import Any

from skafu.alerts.explain import words
from skafu.alerts.explain.model import Child, Explanation, LevelNow, People
from skafu.alerts.explain.recorded import Recorded, Said, Standing
from skafu.alerts.explain.window import Close, Look, Seen, Window
from skafu.alerts.machine import Bucket, breaching
from skafu.alerts.model import Alert, Cause, Kind, State
from skafu.alerts.paging.account import Account, Heard
from skafu.alerts.points import period_ms
from skafu.alerts.silences.windows import FOREVER
from skafu.metrics.model import Tags

type View = dict[str, Any]

NOT_RECORDED = "nothing was recorded because nothing changed"
CLOSES = {
    Cause.DATA: "every sender that feeds it had sent data beyond its end",
    Cause.CLOCK: "its grace had run out",
    Cause.EARLY: "no later point could change it",
    Cause.CORRECTION: "data that came late were within the lateness",
    Cause.LATE: "data came too late to decide anything",
}


def explanation_view(found: Explanation) -> View:
    """One document."""
    recorded, window = found.recorded, found.window
    return {
        "summary": found.summary,
        "why": found.verdict.why,
        "would_take": found.verdict.would_take,
        "alert": {
            "id": found.head.id,
            "name": found.head.name,
            "version": found.version.version,
            "present_version": found.head.version,
        },
        "tags": dict(found.tags),
        "at": found.at,
        "bucket": None if found.span is None else _bucket(found),
        "state": None if recorded is None else _states(recorded, found.at),
        "asks": asks_view(found.version, found.tags),
        "window": _looks(found, window) if window is not None else [],
        "decision": None if recorded is None else _decision(recorded),
        "said": [] if recorded is None else [_said(each) for each in recorded.said],
        "levels": [_level(each) for each in found.levels],
        "people": None if found.people is None else _people(found.people),
        "inputs": [_child(each) for each in found.children],
        "warnings": found.warnings,
    }


def asks_view(version: Alert, tags: Tags) -> View:
    """The definition in words."""
    definition = version.definition
    if definition.kind is Kind.COMPOSITE:
        return {
            "measures": "the states of other alerts",
            "series": None,
            "transform": None,
            "comparison": "it fires when its condition over them holds",
            "needs": None,
            "further": [],
        }
    return {
        "measures": words.measured(definition),
        "series": words.series(definition, tags),
        "transform": words.transformed(definition.transform),
        "comparison": words.asked(definition),
        "needs": words.needed(definition),
        "further": list(words.further(definition)),
    }


def _bucket(found: Explanation) -> View:
    span, close = found.span, None if found.window is None else found.window.close
    decision = None if found.recorded is None else found.recorded.decision
    closed = decision.decided_at if decision is not None else close.at if close else None
    return {
        "start": span.start if span else 0,
        "end": span.end if span else 0,
        "closed_at": closed,
        "due": close.due if close else None,
        "cause": found.cause,
        "because": _because(found.cause, close),
    }


def _because(cause: Cause | None, close: Close | None) -> str | None:
    if cause is None:
        waits = close is not None and close.at is None
        return "it is still open: it waits for its senders, or for its grace" if waits else None
    text = CLOSES[cause]
    if cause is Cause.CLOCK and close is not None and close.waiting:
        senders = words.counted(close.senders, "sender")
        text += f": {close.waiting} of {senders} had sent nothing beyond its end"
    return text


def _states(recorded: Recorded, at: int) -> View:
    return {
        "before": _standing(recorded.before),
        "after": _standing(recorded.after),
        "known_then": _standing(recorded.then(at)),
    }


def _standing(standing: Standing) -> View:
    return {"state": standing.state, "level": standing.level, "since": standing.since}


def _looks(found: Explanation, window: Window) -> list[View]:
    definition = found.version.definition
    alarmed = found.recorded is not None and found.recorded.before.state is State.ALARM
    state = State.ALARM if alarmed else State.OK
    period = period_ms(definition)

    def mark(bucket: Bucket) -> bool | None:
        if bucket.value is None or definition.kind is Kind.HEARTBEAT:
            return None
        return breaching(definition, state, bucket.value)

    return [
        {
            "start": look.end - period,
            "end": look.end,
            "value": look.value,
            "raw": look.raw,
            "breaching": mark(bucket),
            "count": look.count,
            "samples": [_seen(each) for each in look.samples],
            "late_count": look.late_count,
            "late": [_late(look, each) for each in look.late],
        }
        for look, bucket in zip(window.looks, window.buckets, strict=True)
    ]


def _seen(each: Seen) -> View:
    return {"at": each.at, "value": each.value, "received": each.received}


def _late(look: Look, each: Seen) -> View:
    after = words.duration((each.received - look.end) // 1000)
    return {**_seen(each), "why": f"received {after} after the period's end: it does not count"}


def _decision(recorded: Recorded) -> View:
    decision = recorded.decision
    if decision is None:
        return {"recorded": False, "note": NOT_RECORDED, "decided_at": None, "reason": None}
    return {
        "recorded": True,
        "note": None,
        "decided_at": decision.decided_at,
        "reason": decision.reason,
    }


def _said(said: Said) -> View:
    decision, effect = said.decision, said.effect
    return {
        "decided_at": decision.decided_at,
        "cause": decision.cause if effect is None else effect.cause,
        "correction": decision.cause is Cause.CORRECTION,
        "from": None if effect is None else effect.source,
        "to": None if effect is None else effect.target,
        "reason": decision.reason,
        "version": decision.version if effect is None else effect.version,
        "replaced": said.replaced,
    }


def _level(each: LevelNow) -> View:
    return {
        "level": each.level,
        "severity": each.severity,
        "condition": each.condition,
        "breaching": each.breaching,
        "holds": each.holds,
    }


def _child(each: Child) -> View:
    return {
        "alert": each.alert,
        "name": each.name,
        "state": each.state,
        "deciding": each.deciding,
        "instances": [{"tags": dict(tags), "state": state} for tags, state in each.counts],
    }


# --- who was told ---------------------------------------------------------------------------------


def _people(people: People) -> View:
    account = people.account
    return {
        "labels": dict(people.labels),
        "severity": people.severity,
        "silences": [
            {
                "id": each.silence.id,
                "comment": each.silence.comment,
                "until": _until(each.until),
            }
            for each in people.silences
        ],
        "routes": [
            {
                "route": choice.route.name,
                "channels": choice.route.channels,
                "group_labels": choice.group_labels,
            }
            for choice in people.choices
        ],
        "looked_at": [
            {"route": look.route, "matched": look.matched, "why": look.why}
            for look in (people.choices[0].looked_at if people.choices else ())
        ],
        "told": [_heard(each) for each in account.heard] if account else [],
        "withheld": _withheld(account) if account else [],
        "fates": _fates(account) if account else [],
        "engagement": _engagement(account) if account else None,
    }


def _until(at: int) -> int | None:
    return None if at >= FOREVER else at


def _heard(heard: Heard) -> View:
    return {
        "page": heard.page,
        "at": heard.at,
        "route": heard.route,
        "cause": heard.cause,
        "step": heard.step,
        "told": heard.told,
        "status": heard.status,
        "channels": heard.channels,
        "attempts": [
            {
                "channel": each.channel,
                "at": each.at,
                "result": each.outcome.result,
                "status": each.outcome.status,
                "error": each.outcome.error,
            }
            for each in heard.attempts
        ],
    }


def _withheld(account: Account) -> list[View]:
    return [
        {
            "at": each.at,
            "route": each.route,
            "why": each.withheld.why,
            "by": each.withheld.by,
            "until": _until(each.withheld.until),
        }
        for each in account.muted
    ]


def _fates(account: Account) -> list[View]:
    return [
        {
            "bucket": taken.bucket,
            "route": fate.route,
            "verdict": fate.verdict,
            "at": fate.at,
            "page": fate.page,
            "until": fate.until,
        }
        for taken in account.taken
        for fate in taken.fates or ()
    ]


def _engagement(account: Account) -> View | None:
    found = account.engagement
    if found is None:
        return None
    return {
        "began": found.began,
        "acknowledged_by": found.acknowledged_by,
        "acknowledged_at": found.acknowledged_at,
        "assignee": found.assignee,
    }
