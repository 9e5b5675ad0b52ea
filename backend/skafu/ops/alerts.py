"""Alerts as code: plan what a file would change, apply it, export what there is, and convert the
rules of Prometheus and the alarms of CloudWatch.

Exit codes of plan: 0 nothing would change, 2 something would, 3 more pages than
--max-pages-increase allows (or nobody knows how many), 1 it could not be planned.
Of apply: 0 done, 1 not (all of it). Of convert: 0 all of it, 2 without what was refused, 1 nothing.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from skafu.ops import alerts_plan
from skafu.ops.alerts_client import HELP, Client, Fetch, Trouble, client_from, fetch
from skafu.ops.alerts_convert import CONVERTERS, Unreadable, convert
from skafu.shared.clock import Clock, system_clock

YAML = "application/yaml"
DAYS = 30
GROUP_BY = ("instance",)
DONE, ERROR, CHANGES, TOO_MUCH = 0, 1, 2, 3
ROUNDS = 100  # an import of a thousand alerts is done in two or three


def main(
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    clock: Clock = system_clock,
    fetch: Fetch = fetch,
) -> int:
    """The command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.action == "convert":
            return _convert(options)
        client = client_from(os.environ if environment is None else environment, fetch)
        match options.action:
            case "plan":
                return _plan(client, options, clock)
            case "apply":
                return _apply(client, options)
            case _:
                return _export(client, options)
    except Trouble as trouble:
        _complain(str(trouble), trouble.details)
    except (OSError, Unreadable) as error:
        _complain(str(error))
    return ERROR


def _plan(client: Client, options: argparse.Namespace, clock: Clock) -> int:
    answer = _import(client, options, dry_run="true")
    found = alerts_plan.plan(client, answer, options.days, clock, options.backtest)
    if options.json:
        _print_json(alerts_plan.document(found))
    else:
        _print(alerts_plan.told(found))
    if not found.is_news:
        return DONE
    if options.max_pages_increase is None:
        return CHANGES
    before, after = found.pages
    if found.unknown or after - before > options.max_pages_increase:
        _complain(f"more pages than {options.max_pages_increase} more are not allowed")
        return TOO_MUCH
    return CHANGES


def _apply(client: Client, options: argparse.Namespace) -> int:
    """Import until nothing is left: each import does as much as fits into one request."""
    done: list[Any] = []
    for _ in range(ROUNDS):
        answer = _import(client, options)
        done += [x for x in answer["alerts"] if x["outcome"] not in ("unchanged", "left")]
        left, failed = answer["counts"]["left"], answer["counts"]["failed"]
        waiting = left or (answer["routes"] or {}).get("outcome") == "left"
        if not waiting or failed:
            break
    if options.json:
        _print_json({**answer, "alerts": done})
    else:
        _print(_applied(done, answer))
    routes = (answer["routes"] or {}).get("outcome")
    return ERROR if failed or left or routes in ("failed", "left") else DONE


def _applied(done: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> list[str]:
    lines = []
    for each in done:
        lines.append(f"{alerts_plan.SIGNS[each['outcome']]} {each['name']}")
        if each["detail"]:
            lines.append(f"    {each['detail']}")
        lines += [f"    {x['field']}: {x['reason']}" for x in each["errors"]]
    routes = answer["routes"]
    lines += alerts_plan.routes_told(routes)
    if routes is not None and routes["detail"]:
        lines.append(f"! routes: {routes['detail']}")
        lines += [f"    {x['field']}: {x['reason']}" for x in routes["errors"]]
    if answer["counts"]["failed"] or (routes or {}).get("detail"):
        return [*lines, "not all of it done"]
    changed = len(done) + (routes is not None and routes["outcome"] == "changed")
    return [*lines, f"{changed} done"]


def _export(client: Client, options: argparse.Namespace) -> int:
    query: dict[str, Any] = {"label": options.label} if options.label else {}
    if not options.routes:
        query["routes"] = "false"
    answer = client.ask("GET", "/api/alerts/export", query=query)
    _write(options.output, answer.body.decode())
    return DONE


def _convert(options: argparse.Namespace) -> int:
    text = _read(options.file)
    found = convert(options.source, text, options.group_by or GROUP_BY)
    if options.json:
        _print_json(found.document())
    else:
        _write(options.output, found.yaml())
        for note in found.notes:
            print(f"note: {note}", file=sys.stderr)
    for each in found.refused:
        print(f"refused: {each.name}: {each.reason}", file=sys.stderr)
    return CHANGES if found.refused else DONE


# --- files, screens, arguments --------------------------------------------------------------------


def _import(client: Client, options: argparse.Namespace, **query: str) -> Mapping[str, Any]:
    if options.prune:
        query["prune"] = "true"
    wanted = {**query, "label": options.label} if options.label else query
    body = _read(options.file).encode()
    answer = client.ask("PUT", "/api/alerts/import", body, YAML, wanted)
    found: Mapping[str, Any] = json.loads(answer.body)
    return found


def _read(path: str) -> str:
    return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")


def _write(path: str | None, text: str) -> None:
    if path is None:
        sys.stdout.write(text)
    else:
        Path(path).write_text(text, encoding="utf-8")


def _print(lines: Any) -> None:
    print("\n".join(lines))


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _complain(sentence: str, details: Sequence[str] = ()) -> None:
    print("\n".join([sentence, *(f"  {each}" for each in details)]), file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """Wrong arguments are an error (1): 2 says that something would change."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ERROR, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m skafu.ops alerts",
        description=__doc__,
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    planning = actions.add_parser("plan", help="what a file would change")
    _file(planning)
    planning.add_argument("--days", type=_positive, default=DAYS, help="how far back to look")
    planning.add_argument(
        "--no-backtest", action="store_false", dest="backtest", help="only the fields"
    )
    planning.add_argument("--max-pages-increase", type=int, metavar="N", help="exit with 3 above")
    _file(actions.add_parser("apply", help="bring alerts to what a file says"))
    exporting = actions.add_parser("export", help="write all alerts as YAML")
    _label(exporting)
    exporting.add_argument("--no-routes", action="store_false", dest="routes")
    exporting.add_argument("--output", metavar="FILE", help="not to the screen")
    converting = actions.add_parser("convert", help="make a file from somebody else's rules")
    converting.add_argument("--from", choices=sorted(CONVERTERS), dest="source", required=True)
    converting.add_argument(
        "--group-by", action="append", metavar="LABEL",
        help="prometheus: what tells the series of a metric apart, if not instance",
    )  # fmt: skip
    converting.add_argument("file", help="a file, or - for what is piped in")
    converting.add_argument("--output", metavar="FILE", help="not to the screen")
    converting.add_argument("--json", action="store_true", help="for machines")
    return parser


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="YAML, as export writes it; - for what is piped in")
    parser.add_argument("--prune", action="store_true", help="remove what the file does not have")
    _label(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def _label(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE",
        help="only alerts with this label (again for more)",
    )  # fmt: skip


def _positive(text: str) -> int:
    found = int(text)
    if found < 1:
        raise ValueError
    return found
