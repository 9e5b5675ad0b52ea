"""How silences are shown: the shapes of schemas.py as plain values, without pydantic."""

from typing import Any

from skafu.alerts.paging.model import Silence
from skafu.alerts.paging.views import matchers_view
from skafu.alerts.silences.past import Findings
from skafu.alerts.silences.windows import FOREVER, Window, status, windows

type View = dict[str, Any]

NEXT_WINDOWS = 5


def stored_view(silence: Silence) -> View:
    """A silence as it is stored: what the audit keeps."""
    return {
        "id": silence.id,
        "version": silence.version,
        "matchers": matchers_view(silence.matchers),
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "rrule": silence.rrule,
        "duration": silence.duration if silence.rrule is not None else None,
        "time_zone": silence.time_zone if silence.rrule is not None else None,
        "until_resolved": silence.until_resolved,
        "comment": silence.comment,
        "created_by": silence.created_by,
        "created_at": silence.created_at,
        "edited_at": silence.edited_at,
        "ended_at": silence.ended_at,
        "ended_by": silence.ended_by or None,
    }


def silence_view(silence: Silence, now: int) -> View:
    """A silence as it is now: the present window, if there is one, and those that come next."""
    coming = windows(silence, now, FOREVER, NEXT_WINDOWS)
    return {
        **stored_view(silence),
        "state": status(silence, now),
        "windows": [window_view(each) for each in coming],
    }


def window_view(window: Window) -> View:
    """A window; one that lasts until something is resolved has no end."""
    return {"start": window.start, "end": None if window.end == FOREVER else window.end}


def preview_view(findings: Findings) -> View:
    """What would have been muted."""
    return {
        "windows": [window_view(each) for each in findings.windows],
        "transitions": [
            {
                "alert": each.alert,
                "tags": dict(each.tags),
                "at": each.at,
                "from": each.source,
                "to": each.target,
                "severity": each.severity,
                "told_later": each.told_later,
            }
            for each in findings.transitions
        ],
        "alerts": [
            {
                "id": each.alert,
                "name": each.name,
                "firings": each.firings,
                "transitions": each.transitions,
                "truncated": each.truncated,
            }
            for each in findings.totals
        ],
        "firing_now": [
            {"alert": each.alert, "tags": dict(each.tags), "since": each.since}
            for each in findings.firing
        ],
        "truncated": findings.truncated,
    }
