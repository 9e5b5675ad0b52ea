"""Feature flags: what is done, or how much, changed while everything runs (docs/feature-flags.md).

check FILE   whether a file could be applied; asks no account
show         what is set, beside flags/<environment>.json
apply        set what flags/<environment>.json, or FILE, says: step by step and watched by the
             stack's alarms, or with --at-once now and for everybody
history      what was set when, and by whom
rollback     set what was set before the last change; stops one that is under way
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from skafu.ops import deployment
from skafu.ops.terminal import ask
from skafu.ops.artefact.sources import Refused
from skafu.ops.deployment import Deployment
from skafu.ops.environments import NAMES
from skafu.ops.flags.deployed import OUTPUTS, Configuration, Deployed, Pause
from skafu.ops.flags.document import compiled, settings_of
from skafu.ops.flags.settings import FLAGS, Settings, parsed, told_of
from skafu.ops.generated import ROOT
from skafu.shared import aws

HISTORY = 10

type Ask = Callable[[str], bool]


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    answer: Ask = ask,
    pause: Pause = time.sleep,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.action == "check":
        if options.file is None:
            parser.error("check needs a file")
        return _refusing(lambda: _check(options.file))
    if options.environment is None:
        parser.error(f"{options.action} needs --environment")
    return _refusing(lambda: _Flags(options, make, answer, pause).run())


def _refusing(action: Callable[[], int]) -> int:
    try:
        return action()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _check(path: Path) -> int:
    settings = _read(path)
    print(f"{path.name} can be applied:")
    _print_table([(name, told_of(settings, flag)) for name, flag in FLAGS.items()])
    return 0


def _read(path: Path) -> Settings:
    try:
        return parsed(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise Refused(f"There is no file {path}.") from error


class _Flags:
    """The flags of the stack that the options name."""

    def __init__(
        self, options: argparse.Namespace, make: deployment.Make, answer: Ask, pause: Pause
    ) -> None:
        self._options = options
        self._answer = answer
        self._found = _found(options, make)
        self._configuration = Configuration(
            self._found.client("appconfig"), self._found.outputs["FlagsAddress"], pause
        )

    def run(self) -> int:
        """Do what was asked for; the exit code."""
        actions = {
            "show": self._show,
            "apply": self._apply,
            "history": self._history,
            "rollback": self._rollback,
        }
        return actions[self._options.action]()

    def _show(self) -> int:
        """Exit code 1: what is set is not what the file says."""
        current = self._configuration.current()
        settings, file = self._settings(current), self._wanted()
        rows = []
        for name, flag in FLAGS.items():
            now, wanted = told_of(settings, flag), told_of(file, flag)
            rows.append((name, now if now == wanted else f"{now}; {self._name()} says {wanted}"))
        _print_table(rows)
        newest = self._configuration.newest()
        print("nothing was ever set" if newest is None else _line(newest))
        self._tell_of_watching()
        return 0 if settings == file else 1

    def _tell_of_watching(self) -> None:
        """Where changes are gradual, alarms should watch them; `apply --at-once` takes them away
        for seconds, and may have been killed in these.
        """
        outputs = self._found.outputs
        if (
            outputs["FlagsStrategy"] != outputs["FlagsAtOnce"]
            and not self._configuration.monitors()
        ):
            print("no alarm watches changes: see docs/feature-flags.md")

    def _apply(self) -> int:
        newest = self._configuration.newest()
        if newest is not None and newest.is_under_way:
            raise Refused(f"A change is under way; wait, or `rollback` it:\n{_line(newest)}")
        wanted = self._wanted()
        current = self._configuration.current()
        changes = self._changes(current, wanted)
        if not changes:
            print("nothing changes")
            return 0
        _print_table(changes)
        environment = self._options.environment
        if not (self._options.yes or self._answer(f"Set these flags in {environment}?")):
            return 1
        return self._deploy(compiled(wanted))

    def _deploy(self, document: str) -> int:
        outputs, at_once = self._found.outputs, self._options.at_once
        strategy = outputs["FlagsAtOnce" if at_once else "FlagsStrategy"]
        why = self._why()
        if strategy != outputs["FlagsAtOnce"]:
            self._tell_of_watching()
            begun = self._configuration.deploy(document, strategy, why)
            print(f"{_line(begun)}\nsee `history`; `rollback` takes it back")
            return 0
        with self._configuration.unwatched():
            begun = self._configuration.deploy(document, strategy, why)
            ended = self._configuration.settled(begun)
        print(_line(ended))
        return 0 if ended.state == "COMPLETE" else 1

    def _history(self) -> int:
        for each in self._configuration.history(HISTORY):
            print(_line(each))
        return 0

    def _rollback(self) -> int:
        newest = self._configuration.newest()
        if newest is None or not (newest.is_under_way or newest.state == "COMPLETE"):
            raise Refused("There is no change to take back: see `history`.")
        print(_line(newest))
        if not (self._options.yes or self._answer("Take this change back?")):
            return 1
        print(_line(self._configuration.revert(newest)))
        print(f"{self._name()} still says something else: see `show`")
        return 0

    def _changes(self, current: Deployed | None, wanted: Settings) -> list[tuple[str, str]]:
        """Empty when there is nothing to do."""
        try:
            settings = self._settings(current)
        except Refused as error:
            # By hand, in AWS's console: the file replaces whatever it is.
            print(error)
            return [(name, told_of(wanted, flag)) for name, flag in FLAGS.items()]
        if current is not None and settings == wanted:
            return []
        before = {name: told_of(settings, flag) for name, flag in FLAGS.items()}
        after = {name: told_of(wanted, flag) for name, flag in FLAGS.items()}
        return [
            (name, after[name] if after[name] == old else f"{old}  ->  {after[name]}")
            for name, old in before.items()
        ]

    def _settings(self, current: Deployed | None) -> Settings:
        if current is None:
            return {}
        return settings_of(self._configuration.document(current))

    def _wanted(self) -> Settings:
        """What the file says; in an environment that has none every flag has its default."""
        path = self._path()
        return {} if self._options.file is None and not path.is_file() else _read(path)

    def _path(self) -> Path:
        return Path(self._options.file or ROOT / "flags" / f"{self._options.environment}.json")

    def _name(self) -> str:
        return self._path().name

    def _why(self) -> str:
        """Who changes flags, and for what; AppConfig keeps it."""
        who = self._found.client("sts").get_caller_identity()["Arn"]
        said = self._options.because
        return f"{said} ({who})" if said else f"by {who}"


def _found(options: argparse.Namespace, make: deployment.Make) -> Deployment:
    """Raises Refused when the stack has no place for flags."""
    try:
        return deployment.find(options, make, OUTPUTS)
    except KeyError as error:
        raise Refused(f"There are no flags here: {error.args[0]}.") from error


def _line(deployed: Deployed) -> str:
    share = "" if deployed.percentage >= 100 else f", {deployed.percentage:.0f} % of processes"
    when = f"{deployed.at:%Y-%m-%d %H:%M:%S}"
    return f"{deployed.number:4}  {when}  {deployed.state.lower()}{share}  {deployed.why}".rstrip()


def _print_table(rows: Sequence[tuple[str, str]]) -> None:
    for name, text in rows:
        print(f"{name:28}  {text}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops flags",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", choices=NAMES)
    parser.add_argument(
        "--stack", help="the stack's name, if not the one of the environment's file"
    )
    parser.add_argument("action", choices=("check", "show", "apply", "history", "rollback"))
    parser.add_argument("file", nargs="?", type=Path, help="instead of flags/<environment>.json")
    parser.add_argument(
        "--at-once", action="store_true", help="now and for everybody, whatever alarms say"
    )
    parser.add_argument("--because", default="", metavar="TEXT", help="why; `history` shows it")
    parser.add_argument("--yes", action="store_true", help="ask nobody (pipelines)")
    return parser
