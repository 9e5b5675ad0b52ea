"""Ordinary blocking code, many at a time, in simulated time, deterministically.

An actor is a function that runs in a thread of its own, but only one runs at any moment: each runs
until it pauses or ends, then the stage starts whoever is next by the simulated clock. So code that
reads, thinks and writes can be interrupted anywhere a test puts a pause, by any other, and a seed
gives the same interleaving every time.
"""

import heapq
import threading
from collections.abc import Callable
from itertools import count
from typing import Any


class Exit(BaseException):
    """Ends an actor wherever it is: the process crashed, or the play is over."""


class _Actor:
    """A thread that runs one function after another; it holds the baton only while it acts."""

    def __init__(self) -> None:
        self.turn = threading.Semaphore(0)
        self.back = threading.Semaphore(0)
        self.scene: Callable[[], None] | None = None
        self.busy = False
        self.over = False
        self.trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            self.turn.acquire()  # pylint: disable=consider-using-with # a baton is not given back
            if self.over:
                return
            assert self.scene is not None
            try:
                self.scene()
            except Exit:
                pass
            except BaseException as trouble:  # pylint: disable=broad-exception-caught # told below
                self.trouble = trouble
            self.busy = False
            self.back.release()

    def act(self) -> None:
        """Hand over the baton until the actor pauses or ends."""
        self.turn.release()
        self.back.acquire()  # pylint: disable=consider-using-with # as above

    def close(self) -> None:
        self.over = True
        if self.busy:
            self.act()  # it is in a pause, and leaves it by Exit
        self.turn.release()
        self._thread.join()


class Stage:
    """The clock and the order of things; `now` is in milliseconds. Use it as a context manager."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._idle: list[_Actor] = []
        self._all: list[_Actor] = []
        self._acting: _Actor | None = None
        self._until = now

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        for actor in self._all:
            actor.close()

    def __call__(self) -> int:
        """The stage is a Clock."""
        return self.now

    def at(self, delay: float, function: Callable[..., None], *arguments: Any) -> None:
        """Call a function that does not pause after so many milliseconds."""
        self._push(delay, lambda: function(*arguments))

    def play(self, delay: float, function: Callable[..., None], *arguments: Any) -> None:
        """The same for a function that may pause."""
        self._push(delay, lambda: self._start(lambda: function(*arguments)))

    @property
    def playing(self) -> bool:
        """Whether the code that asks is played, and so may pause."""
        return self._acting is not None

    def pause(self, delay: float) -> None:
        """Inside a played function: let others go on for so many milliseconds."""
        actor = self._acting
        assert actor is not None, "only what is played may pause"
        then = self.now + int(delay)
        if then <= self._until and (not self._heap or then < self._heap[0][0]):
            self.now = then  # nobody else is due before: the baton would come back at once
            return
        self._push(delay, lambda: self._go_on(actor))
        actor.back.release()
        actor.turn.acquire()
        if actor.over:
            raise Exit

    def run(self, until: int) -> None:
        """Go on until a moment. What an actor raised is raised here."""
        self._until = until
        while self._heap and self._heap[0][0] <= until:
            self.now, _, scene = heapq.heappop(self._heap)
            scene()
        self.now = until

    def _push(self, delay: float, scene: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (self.now + int(delay), next(self._order), scene))

    def _start(self, function: Callable[[], None]) -> None:
        if self._idle:
            actor = self._idle.pop()
        else:
            actor = _Actor()
            self._all.append(actor)
        actor.scene, actor.busy = function, True
        self._go_on(actor)

    def _go_on(self, actor: _Actor) -> None:
        self._acting = actor
        actor.act()
        self._acting = None
        if not actor.busy:
            self._idle.append(actor)
            if actor.trouble is not None:
                raise actor.trouble
