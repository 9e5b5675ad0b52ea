"""Compact now instead of within five minutes, or play a compactor's clock forward.

The function takes its clock from its event, never ahead of its own: `--at` compacts what was due
at a moment of the past, `--from`, `--to` and `--step` play a stretch of it, moment by moment, as
if the schedule had. Compacting twice does no harm. Each moment is repeated while a run leaves work
for the next one.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from skafu.ops import deployment
from skafu.shared import aws
from skafu.shared.keys import MINUTE_MS

ALIAS = "MetricsCompactorFunctionAlias"
ANSWER_S = 900  # no function runs longer
STEP_MIN = 15
MOST_RUNS = 100
"""So many runs one moment may take; what is left then is told."""


class Failed(Exception):
    """The function ended with an error; the text is what it said."""


class Compactor:
    """The deployed function."""

    def __init__(self, client: Any, alias: str) -> None:
        self._client = client
        self._alias = alias

    def run(self, at: int | None, tenant: str | None) -> dict[str, Any]:
        """One run; its report. Raises Failed."""
        event: dict[str, Any] = {} if at is None else {"at": at}
        if tenant is not None:
            event["tenant"] = tenant
        answer = self._client.invoke(FunctionName=self._alias, Payload=json.dumps(event).encode())
        said = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise Failed(said)
        return dict(json.loads(said))

    def drain(self, at: int | None, tenant: str | None) -> Iterator[dict[str, Any]]:
        """Runs for one moment until one leaves nothing, each with its report."""
        for _ in range(MOST_RUNS):
            report = self.run(at, tenant)
            yield report
            if not report.get("left"):
                return


def moments(options: argparse.Namespace) -> list[int | None]:
    """The clock's positions that the arguments ask for; None is the function's own clock."""
    if options.start is None:
        return [options.at]
    step = options.step * MINUTE_MS
    return [*range(options.start, options.end, step), options.end]


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (options.start is None) != (options.end is None) or (options.start and options.at):
        parser.error("--from goes with --to, and without --at")
    if options.start is not None and options.start > options.end:
        parser.error("--from is after --to")
    found = deployment.find(options, make, [ALIAS])
    # A run that its caller does not wait for goes on all the same: it must not be asked for again.
    client = found.client("lambda", read_timeout_s=ANSWER_S, attempts=1)
    compactor = Compactor(client, found.outputs[ALIAS])
    left = 0
    try:
        for at in moments(options):
            for report in compactor.drain(at, options.tenant):
                print(_told(report), flush=True)
                left = int(report.get("left") or 0)
    except Failed as error:
        print(f"the function failed: {error}", file=sys.stderr)
        return 1
    return 1 if left else 0


def instant(text: str) -> int:
    """Epoch milliseconds of a time that is given as such, or as ISO 8601 (UTC if it does not say).
    Raises ValueError.
    """
    if text.isdecimal():
        return int(text)
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def shown(at: int) -> str:
    """A time for people."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def _told(report: dict[str, Any]) -> str:
    at = report.pop("at", None)
    numbers = ", ".join(f"{name} {value}" for name, value in report.items())
    return f"{shown(at) if at else '-'}  {numbers}"


def _minutes(text: str) -> int:
    found = int(text)
    if found < 1:
        raise ValueError
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops compact",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--tenant", help="one tenant, instead of all in turn")
    parser.add_argument("--at", type=instant, metavar="TIME", help="ISO 8601 or epoch ms")
    parser.add_argument("--from", dest="start", type=instant, metavar="TIME")
    parser.add_argument("--to", dest="end", type=instant, metavar="TIME")
    parser.add_argument(
        "--step", type=_minutes, default=STEP_MIN, metavar="MINUTES", help="(%(default)s)"
    )
    return parser
