"""A process that dies after a chosen step: what was done until then stays done."""

from typing import Any


class Broken(BaseException):
    """The process is gone: no handler of errors runs any more."""


class Breaker:
    """Counts the calls of what it stands around; after call number `at` the process dies."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.calls = 0

    def around(self, thing: object) -> Any:
        """The same thing, its calls counted."""
        return _Counted(thing, self)

    def count(self) -> None:
        """One call has come to its end, and perhaps the process too."""
        self.calls += 1
        if self.calls == self.at:
            raise Broken


class _Counted:
    def __init__(self, thing: object, breaker: Breaker) -> None:
        self._thing = thing
        self._breaker = breaker

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._thing, name)

        def call(*arguments: Any, **named: Any) -> Any:
            result = method(*arguments, **named)
            self._breaker.count()
            return result

        return call
