"""How many calls of a function may run at once: more while calls are refused, as many as its
environment's file says when none were for two hours.

Raising happens within bounds and is told to people: what is refused is seen by customers, and a
reservation costs nothing by itself. Nothing is touched while an alias shifts between two versions
(what a release makes worse has to take the release back, not to be papered over), nor where
somebody has set another number than these rules would: below the usual one a person has closed the
tap.
"""

from dataclasses import dataclass

KEPT_FREE = 100
"""Of an account's concurrency no reservation may take the last 100 (PutFunctionConcurrency)."""

QUIET_MINUTES = 120
LATELY_MINUTES = 15


@dataclass(frozen=True)
class Limits:
    """Of one function: what its environment's file reserves, and the most that it allows."""

    usual: int
    most: int

    @property
    def step(self) -> int:
        """By so many it goes up at a time."""
        return max(1, self.usual // 2)


@dataclass(frozen=True)
class Seen:
    """How it stands with a function. `reserved` is None where it has no concurrency of its own;
    `free` is what the account has left beside all reservations, of `account` in all.
    """

    reserved: int | None
    free: int
    account: int
    throttled_lately: float
    throttled: float
    shifting: bool = False


@dataclass(frozen=True)
class Change:
    """From so many to so many, and why: a sentence for people."""

    before: int
    after: int
    reason: str

    @property
    def raises(self) -> bool:
        """Whether it is for more."""
        return self.after > self.before


def decide(limits: Limits, seen: Seen) -> Change | None:
    """What has to be changed; None where all is as it should be, or is not ours to change."""
    now = seen.reserved
    if now is None or seen.shifting or not limits.usual <= now <= limits.most:
        return None
    if seen.throttled_lately > 0:
        return _raised(limits, seen, now)
    if now > limits.usual and seen.throttled == 0:
        reason = f"no call was refused for {QUIET_MINUTES // 60} hours"
        return Change(now, limits.usual, reason)
    return None


def _raised(limits: Limits, seen: Seen, now: int) -> Change | None:
    room = max(0, seen.free - KEPT_FREE)
    after = min(limits.most, now + limits.step, now + room)
    if after <= now:
        return None
    times = f"{seen.throttled_lately:,.0f} calls were refused within {LATELY_MINUTES} minutes"
    return Change(now, after, times)


def obstacle(limits: Limits | None, seen: Seen) -> str | None:
    """Why calls that are refused go on being refused: what a person has to do. None where more can
    be done without one.
    """
    if seen.reserved is None or limits is None:
        return (
            "The function has no concurrency of its own: what it shares with the others is used "
            f"up. The account's limit is {seen.account:,}, of which {seen.free:,} are unreserved. "
            "Ask for a higher quota (Lambda, concurrent executions), or find out who takes so much."
        )
    if seen.shifting:
        return (
            "A release is being moved to: nothing is changed until that is over. Its alarms take "
            "it back if it is what causes this."
        )
    if seen.reserved < limits.usual:
        return (
            f"It is reserved {seen.reserved}, below the {limits.usual} of the environment's file: "
            "somebody has lowered it, and it stays as they left it."
        )
    if seen.reserved >= limits.most:
        return (
            f"It is reserved {seen.reserved}, and {limits.most} is the most that the environment's "
            "file allows (lambda.reserved_maximum)."
        )
    if seen.free <= KEPT_FREE:
        return (
            f"The account has {seen.free} left of {seen.account:,}, and {KEPT_FREE} have to stay: "
            "ask for a higher quota (Lambda, concurrent executions)."
        )
    return None
