"""python -m skafu.ops alerts, against the real handlers: what CI sees of a file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from skafu.alerts.code.service import BUDGET_MS
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Segment, Series
from skafu.metrics.store import MetricsStore
from skafu.ops import alerts
from skafu.ops.alerts_client import Answer
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.keys import BUCKET_MS
from skafu.shared.table import Check, Write, key_of
from tests.support.alerting import MINUTE, TENANT
from tests.support.alerts_api import AlertsFunction
from tests.support.claims import person_claims
from tests.support.clocks import NOON
from tests.support.events import answer_headers, api_event, lambda_context

FILE = """\
alerts:
- name: CPU is busy
  metric: cpu.load
  statistic: avg
  period: 60
  group_by:
  - host
  comparison: '>'
  threshold: 50
  labels:
    team: core
"""
MORE = FILE.replace("threshold: 50", "threshold: 15")
PROMETHEUS = Path(__file__).parents[2] / "unit" / "ops" / "alerts" / "node.rules.yaml"


class Shell:
    """A CI job: a directory with a file, an environment, and the API behind it."""

    def __init__(self, directory: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.function = AlertsFunction()
        self.person = "admin"
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []
        self.refusals: list[Answer | OSError] = []
        self.environment = {"API": "https://api.example/live", "TOKEN": "t0ken"}
        self.file = directory / "alerts.yaml"
        self.file.write_text(FILE, encoding="utf-8")
        self.out = self.err = ""
        self._capture = capture

    def run(self, *arguments: str) -> int:
        """The exit code; what was printed is in `out` and `err`."""
        try:
            code = alerts.main(arguments, self.environment, self.function.clock, self.fetch)
        except SystemExit as ended:
            code = int(str(ended.code))
        self.out, self.err = self._capture.readouterr()
        # The functions log to the same screen.
        lines = (x for x in self.out.splitlines() if not x.startswith(('{"level"', '{"_aws"')))
        self.out = "\n".join(lines)
        return code

    def fetch(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """The gateway, and the machine's token endpoint."""
        parts = urlsplit(url)
        self.asked.append((method, url, headers))
        if self.refusals and isinstance(refusal := self.refusals.pop(0), OSError):
            raise refusal
        if url == "https://auth.example/oauth2/token":
            return Answer(200, {}, b'{"access_token": "machine-t0ken", "expires_in": 3600}')
        path = unquote(parts.path.removeprefix("/live"))
        event = api_event(
            method,
            path,
            claims=person_claims(self.person),
            body=None if body is None else body.decode(),
            query=parse_qs(parts.query),
            headers=headers,
        )
        answer = self.function.handler(event, lambda_context("AlertsFunction"))
        text = str(answer["body"]).encode()
        return Answer(answer["statusCode"], answer_headers(answer), text)

    def happened(self, *values: float) -> None:
        """One point a minute from noon on, each in time."""
        store = MetricsStore(self.function.table, self.function.clock, readers=1)
        layout = layout_of([Series("cpu.load", (("host", "a"),))])
        for number, value in enumerate(values):
            at = NOON + number * MINUTE + 1_000
            self.function.clock.now = at
            bucket = at // BUCKET_MS * BUCKET_MS
            segment = Segment(layout.hash, bucket, f"r{at}", at, False, [0], [at], [value])
            store.write(TENANT, [layout], [segment])
        self.function.clock.now = NOON + len(values) * MINUTE + 1

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def plan(self, *arguments: str) -> int:
        return self.run("plan", str(self.file), "--days", "1", *arguments)

    def apply(self, *arguments: str) -> int:
        return self.run("apply", str(self.file), *arguments)

    def names(self) -> list[str]:
        listed = self.function.ask("viewer", "GET", "/api/alerts").body["alerts"]
        self._capture.readouterr()
        return sorted(each["name"] for each in listed)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


# --- plan -----------------------------------------------------------------------------------------


def test_a_plan_tells_fields_and_pages_of_what_would_change(shell: Shell) -> None:
    shell.happened(10, 20, 10, 60, 60, 10, 20, 10)
    assert shell.apply() == 0
    shell.write(MORE)

    code = shell.plan()

    assert code == 2
    assert shell.out.splitlines() == [
        "~ CPU is busy",
        "    threshold: 50 -> 15",
        "    last 1 day: 1 -> 3 pages, 2 min -> 4 min in alarm",
        "Alerts: 1 changed",
        "Last 1 day, all of these: 1 -> 3 pages",
    ]


def test_a_new_alert_had_no_pages_and_a_removed_one_will_have_none(shell: Shell) -> None:
    shell.happened(10, 60, 10)
    shell.apply()
    shell.write(FILE.replace("CPU is busy", "CPU is hot"))

    code = shell.plan("--prune")

    assert code == 2
    lines = shell.out.splitlines()
    assert lines[0] == "+ CPU is hot"
    assert "    metric: cpu.load" in lines
    assert "    last 1 day: 0 -> 1 page, 0 s -> 1 min in alarm" in lines
    assert "- CPU is busy" in lines
    assert "    last 1 day: 1 -> 0 pages, 1 min -> 0 s in alarm" in lines
    assert "Alerts: 1 created, 1 deleted" in lines


def test_where_nothing_would_change_ci_goes_on(shell: Shell) -> None:
    shell.apply()

    assert shell.plan() == 0
    assert shell.out == "Alerts: 1 unchanged"
    assert shell.plan("--max-pages-increase", "0") == 0


def test_words_alone_are_not_tried_on_the_past(shell: Shell) -> None:
    shell.apply()
    shell.write(FILE.replace("team: core", "team: web"))

    assert shell.plan("--max-pages-increase", "0") == 2
    assert not [url for _, url, _ in shell.asked if "backtest" in url]
    assert "labels.team: core -> web" in shell.out


@pytest.mark.parametrize(("most", "code"), [("1", 3), ("2", 2), ("-5", 3)])
def test_more_pages_than_allowed_stop_ci(shell: Shell, most: str, code: int) -> None:
    shell.happened(10, 20, 10, 60, 60, 10, 20, 10)
    shell.apply()
    shell.write(MORE)

    assert shell.plan("--max-pages-increase", most) == code


def test_what_nobody_knows_is_more_than_allowed(shell: Shell) -> None:
    """The range is too long for a backtest."""
    shell.apply()
    shell.write(MORE)

    code = shell.run("plan", str(shell.file), "--days", "4000", "--max-pages-increase", "1000")

    assert code == 3
    assert "last 4000 days: not known: " in shell.out
    assert "Not known of: CPU is busy" in shell.out
    assert shell.run("plan", str(shell.file), "--days", "4000") == 2


def test_a_plan_without_backtests_tells_fields_alone(shell: Shell) -> None:
    shell.apply()
    shell.write(MORE)

    assert shell.plan("--no-backtest") == 2
    assert "pages" not in shell.out
    assert not [url for _, url, _ in shell.asked if "backtest" in url]


def test_machines_read_the_same_as_json(shell: Shell) -> None:
    shell.happened(10, 20, 10)
    shell.apply()
    shell.write(MORE)

    assert shell.plan("--json") == 2
    found = json.loads(shell.out)

    assert found["pages"] == {"before": 0, "after": 1}
    (alert,) = found["alerts"]
    assert alert["backtest"] == {"pages": [0, 1], "seconds_in_alarm": [0, 60]}
    assert alert["changes"] == [{"field": "threshold", "before": 50.0, "after": 15}]
    assert found["counts"]["changed"] == 1


def test_a_plan_changes_nothing(shell: Shell) -> None:
    shell.plan("--prune")

    assert shell.names() == []


def test_a_file_that_is_wrong_is_an_error_with_fields_and_lines(shell: Shell) -> None:
    shell.write(FILE.replace("period: 60", "period: 61") + "- name: x\n  colour: red\n")

    assert shell.plan() == 1
    assert shell.out == ""
    assert "the file cannot be applied (status 422)" in shell.err
    assert "alerts.0.period: must be a divisor of a minute" in shell.err
    assert "(line 5)" in shell.err
    assert "alerts.1.colour: is unknown (line 13)" in shell.err


def test_routes_are_planned_too(shell: Shell) -> None:
    routes = "routes:\n- name: all\n  channels: [default]\n"
    shell.write(FILE + routes)
    assert shell.plan() == 2
    assert "+ route all" in shell.out
    assert shell.apply() == 0
    assert shell.plan() == 0

    shell.write(FILE + routes + "  wait: 30\n")
    assert shell.plan() == 2
    assert "~ route all\n    wait: (default) -> 30" in shell.out or "    wait: 30" in shell.out


# --- apply and export -----------------------------------------------------------------------------


def test_what_was_planned_is_applied_and_exported(shell: Shell, tmp_path: Path) -> None:
    assert shell.apply() == 0
    assert shell.out.splitlines() == ["+ CPU is busy", "1 done"]
    assert shell.apply() == 0
    assert shell.out == "0 done"

    target = tmp_path / "exported.yaml"
    assert shell.run("export", "--output", str(target)) == 0
    assert target.read_text() == FILE
    assert shell.run("export") == 0
    assert f"{shell.out}\n" == FILE


def test_labels_bound_what_is_pruned_and_exported(shell: Shell) -> None:
    shell.apply()
    shell.write(FILE.replace("CPU is busy", "Other").replace("core", "web"))
    shell.apply()
    shell.write("alerts: []\n")

    assert shell.apply("--prune", "--label", "team=web") == 0
    assert shell.names() == ["CPU is busy"]
    assert shell.run("export", "--label", "team=web") == 0
    assert shell.out == "alerts: []"


def test_what_fails_is_told_and_the_exit_code_says_so(shell: Shell) -> None:
    shell.write(FILE + "routes:\n- name: all\n  channels: [default]\n")
    shell.apply()
    shell.write(FILE + "routes:\n- name: all\n  channels: [default]\n  wait: 30\n")
    shell.person = "editor"

    assert shell.apply() == 1
    assert "changing routes needs the role admin" in shell.err


def test_what_one_request_has_no_time_for_the_next_one_does(shell: Shell) -> None:
    def slow(_: object) -> None:
        shell.function.clock.advance(BUDGET_MS)

    shell.write(FILE + FILE.partition("\n")[2].replace("CPU is busy", "CPU is hot"))
    shell.function.table.before_write = slow

    assert shell.apply() == 0
    assert shell.out.splitlines() == ["+ CPU is busy", "+ CPU is hot", "2 done"]
    assert len([url for _, url, _ in shell.asked if "import" in url]) == 2


def test_an_alert_that_fails_on_the_way_is_told_with_the_reason(shell: Shell) -> None:
    def refuse(writes: Sequence[Write | Check]) -> None:
        if any(key_of(each) == keys.rules_version(TENANT) for each in writes):
            raise Unavailable("the table is not answering; try again")

    shell.function.table.before_write = refuse

    assert shell.apply() == 1
    assert shell.out.splitlines() == [
        "! CPU is busy",
        "    the table is not answering; try again",
        "not all of it done",
    ]
    assert shell.apply("--json") == 1
    assert json.loads(shell.out)["counts"]["failed"] == 1


# --- the API and who asks -------------------------------------------------------------------------


def test_the_token_of_the_session_is_sent(shell: Shell) -> None:
    shell.plan()

    assert {headers["Authorization"] for _, _, headers in shell.asked} == {"Bearer t0ken"}
    assert shell.asked[0][1].startswith("https://api.example/live/api/alerts/import?")
    assert shell.asked[0][2]["Content-Type"] == "application/yaml"


def test_a_machine_client_gets_a_token_by_its_credentials(shell: Shell) -> None:
    shell.environment = {
        "API": "https://api.example/live",
        "TOKEN_URL": "https://auth.example/oauth2/token",
        "CLIENT_ID": "me",
        "CLIENT_SECRET": "secret",
    }

    assert shell.plan() == 2
    assert shell.asked[0][2]["Authorization"] == "Basic bWU6c2VjcmV0"
    assert shell.asked[1][2]["Authorization"] == "Bearer machine-t0ken"


@pytest.mark.parametrize(
    ("environment", "missing"),
    [({}, "API"), ({"API": "https://x"}, "TOKEN"), ({"API": "x", "CLIENT_ID": "y"}, "TOKEN")],
)
def test_what_is_missing_from_the_environment_is_named(
    shell: Shell, environment: dict[str, str], missing: str
) -> None:
    shell.environment = environment

    assert shell.plan() == 1
    assert shell.err.startswith(f"{missing} is missing from the environment")
    assert "CLIENT_SECRET" in shell.err


def test_an_api_that_is_not_there_is_an_error(shell: Shell) -> None:
    def nobody(*_: Any) -> Answer:
        raise ConnectionRefusedError("refused")

    shell.environment = {
        "API": "https://x", "TOKEN_URL": "https://y", "CLIENT_ID": "a", "CLIENT_SECRET": "b",
    }  # fmt: skip
    assert alerts.main(["plan", str(shell.file)], shell.environment, fetch=nobody) == 1


def test_a_file_that_is_not_there_is_an_error(shell: Shell) -> None:
    assert shell.run("plan", "/nowhere/alerts.yaml") == 1
    assert "/nowhere/alerts.yaml" in shell.err


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["plan"], ["plan", "f", "--days", "0"], ["convert", "f"]]
)
def test_wrong_arguments_are_an_error_and_no_change(shell: Shell, arguments: Sequence[str]) -> None:
    """argparse's own code is 2, which says here that something would change."""
    assert shell.run(*arguments) == 1


# --- convert --------------------------------------------------------------------------------------


def test_converted_rules_can_be_applied(shell: Shell) -> None:
    target = str(shell.file)
    assert shell.run("convert", "--from", "prometheus", str(PROMETHEUS), "--output", target) == 0
    assert "note: node/InstanceDown: " in shell.err

    assert shell.apply() == 0
    assert shell.out.splitlines()[-1] == "22 done"
    assert shell.apply() == 0
    assert shell.out == "0 done"


def test_what_is_refused_is_told_by_name_and_by_the_exit_code(shell: Shell) -> None:
    rules = shell.file.with_name("rules.yaml")
    rules.write_text(
        "groups: [{name: g, rules: [{alert: Fits, expr: m > 1}, {alert: Not, expr: a / b > 1}]}]"
    )

    assert shell.run("convert", "--from", "prometheus", str(rules)) == 2
    assert shell.out.startswith("alerts:\n- name: Fits\n")
    assert "refused: g/Not: arithmetic (/) between metrics" in shell.err
    assert shell.run("convert", "--from", "prometheus", str(rules), "--json") == 2
    found = json.loads(shell.out)
    assert [each["name"] for each in found["alerts"]] == ["Fits"]
    assert found["refused"][0]["name"] == "g/Not"


def test_a_file_of_something_else_is_an_error(shell: Shell) -> None:
    assert shell.run("convert", "--from", "cloudwatch", str(shell.file)) == 1
    assert "no answer of describe-alarms" in shell.err
