"""python -m local up|dev|down|reset|status|logs|session|backfill|replay|incident"""

import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable, Sequence

from local import commands
from local.api import ApiError
from local.home import Home, Refused

type Command = Callable[[Home, Namespace], int]

COMMANDS: dict[str, Command] = {
    "up": commands.up,
    "dev": commands.develop,
    "down": commands.down,
    "reset": commands.reset,
    "status": commands.show_status,
    "logs": commands.show_logs,
    "session": commands.show_session,
    "backfill": commands.backfill,
    "replay": commands.replay,
    "incident": commands.incident,
}


def parser() -> ArgumentParser:
    """The command line."""
    top = ArgumentParser(prog="python -m local", description="Skafu on an embedded AWS.")
    actions = top.add_subparsers(dest="command", required=True)
    made = {name: actions.add_parser(name, help=run.__doc__) for name, run in COMMANDS.items()}
    made["up"].add_argument("--agent", action=BooleanOptionalAction, default=True)
    made["logs"].add_argument("--function", default="")
    made["logs"].add_argument("--follow", action=BooleanOptionalAction, default=True)
    for name in ("backfill", "replay"):
        made[name].add_argument("--file", default="")
        made[name].add_argument("--metric", default="")
    made["incident"].add_argument("--dir", default="")
    made["replay"].add_argument("--step", type=float, default=1.0, help="seconds between values")
    made["replay"].add_argument("--start", default="0", help="first row: its number or its time")
    made["replay"].add_argument("--count", type=int, default=None, help="how many rows")
    return top


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](Home.from_environment(), options)
    except (Refused, ApiError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
