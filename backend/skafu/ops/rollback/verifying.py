"""See whether the service is well: the checks of `smoke`."""

from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops.smoke import Report, Target, Via, Wanted, run

type Run = Callable[[Target, Wanted], Report]
"""Does the checks that are wanted."""


def failures(
    target: Target, via: Via, only: Sequence[str], run_checks: Run = run
) -> tuple[str, ...]:
    """What failed, in words: of all checks, or of those that are named; nothing when all passed. A
    stack that cannot even be asked is not well either.
    """
    try:
        report = run_checks(target, Wanted(only=frozenset(only), via=via))
    except (KeyError, BotoCoreError, ClientError) as error:
        return (f"it cannot be looked at: {error}",)
    if not report.checks:
        return ("nothing was looked at",)
    return report.failures
