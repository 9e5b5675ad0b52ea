"""Groups of endpoints that are built when the first of them is called: a cold start then pays for
the one route that it serves.
"""

from collections.abc import Callable, Iterable
from typing import Any

from skafu.shared.routes import Endpoint, Reply, Request, Route

type Group = tuple[Iterable[Route], Callable[[], object]]
"""Routes, and what makes the object whose methods their `endpoint`s name."""


class Deferred:
    """Has an attribute for the `endpoint` of every route of its groups, as `build_app` wants."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        for routes, make in groups:
            made = _Once(make)
            for route in routes:
                self._endpoints[route.endpoint] = _called(made, route.endpoint)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._endpoints[name]
        except KeyError:
            raise AttributeError(name) from None


class _Once:
    """Makes something when it is needed first."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: object | None = None

    def __call__(self) -> object:
        if self._made is None:
            self._made = self._make()
        return self._made


def _called(made: _Once, name: str) -> Endpoint:
    def endpoint(request: Request) -> Reply:
        reply: Reply = getattr(made(), name)(request)
        return reply

    return endpoint
