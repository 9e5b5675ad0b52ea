"""How routes are shown: the shapes of schemas.py as plain values, without pydantic."""

from collections.abc import Sequence
from typing import Any

from skafu.alerts.paging.model import Labels, Policy, Route
from skafu.alerts.paging.views import matchers_view
from skafu.alerts.routing.choosing import FALLBACK, OWN, Choice

type View = dict[str, Any]


def policy_view(policy: Policy) -> View:
    """All routes; `edited_at` is null before the first."""
    return {
        "version": policy.version,
        "edited_at": policy.edited_at if policy.version else None,
        "routes": [route_view(each) for each in policy.routes],
    }


def route_view(route: Route) -> View:
    """One route, as `PUT /api/routing` takes it."""
    return {
        "name": route.name,
        "matchers": matchers_view(route.matchers),
        "channels": list(route.channels),
        "group_by": None if route.group_by is None else list(route.group_by),
        "wait": route.wait,
        "interval": route.interval,
        "repeat": route.repeat,
        "steps": [{"after": x.after, "channels": list(x.channels)} for x in route.steps],
        "proceed": route.proceed,
    }


def preview_view(labels: Labels, choices: Sequence[Choice]) -> View:
    """Why these routes and no others."""
    return {
        "summary": _summary([each.route.name for each in choices]),
        "labels": dict(labels),
        "looked_at": [
            {"route": each.route, "matched": each.matched, "why": each.why}
            for each in choices[0].looked_at
        ],
        "taken": [
            {**route_view(each.route), "group_labels": each.group_labels} for each in choices
        ],
    }


def _summary(names: Sequence[str]) -> str:
    match names:
        case [only] if only == OWN:
            return (
                "The alert names its own channels: they are told at once, each instance by itself, "
                "and no route is asked."
            )
        case [only] if only == FALLBACK:
            return "No route takes it: it goes to the environment's topic."
        case [only]:
            return f"It takes the route {only}."
        case _:
            return f"It takes the routes {', '.join(names)}."
