"""The probe over a deployment in memory: what customers would find broken, it finds."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from skafu.probe.credentials import NOT_INSTALLED, Credentials, Misconfigured, Read
from skafu.probe.probing import Means, build
from skafu.probe.reaching import Response
from skafu.probe.settings import ProbeSettings
from skafu.probe.steps import NAMES, RUN
from skafu.shared.keys import HOUR_MS
from tests.support.canary import ReleaseInMemory
from tests.support.events import lambda_context, sample_event
from tests.support.log_lines import log_lines
from tests.support.outside import API, CONSOLE, CREDENTIALS, PAGE, TOKEN, Outside

EVENT = sample_event("probe.schedule")
DAY_MS = 24 * HOUR_MS


class Probing:
    """A probe of a deployment in memory. `secret` is what is kept for it."""

    def __init__(self, working_hours: str = "none", read: Read | None = None) -> None:
        self.release = ReleaseInMemory()
        self.outside = Outside(self.release)
        self.secret = CREDENTIALS
        self.reads = 0
        self.values = iter(range(1, 1_000))
        settings = ProbeSettings(
            table_name="t",
            environment="local",
            api_url=API,
            console_url=CONSOLE,
            token_url=TOKEN,
            secret="s",
            working_hours=working_hours,
        )
        means = Means(
            credentials=read or self.read,
            fetch=self.outside,
            clock=self.release.clock,
            chance=lambda: next(self.values) / 1_000,
            pause=lambda _: None,
        )
        self.handler = build(settings, means)

    def read(self) -> Credentials:
        self.reads += 1
        return self.secret

    def run(self) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self.handler(dict(EVENT), lambda_context("skafu-test-probe"))
        return answer

    def later(self, milliseconds: int = 60_000) -> Mapping[str, Any]:
        self.release.clock.advance(milliseconds)
        return self.run()


def figures(capsys: pytest.CaptureFixture[str]) -> list[Mapping[str, Any]]:
    """What the probe sent to CloudWatch, as its embedded metric format has it."""
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines() if "_aws" in each]
    return [each for each in lines if "ProbeFailed" in each]


def test_where_all_is_well_nothing_fails() -> None:
    probing = Probing()
    with log_lines() as lines:
        answer = probing.run()
    assert answer["failed"] == []
    told = [line for line in lines if line["message"] == "probe step is done"]
    assert tuple(line["step"] for line in told) == NAMES
    assert all(line["passed"] for line in told)


def test_no_token_no_secret_and_no_value_is_logged() -> None:
    probing = Probing()
    probing.outside.answers[f"{API}/api/alerts"] = Response(500, b"broken")
    with log_lines() as lines:
        probing.run()
    text = json.dumps(lines)
    assert "token0" not in text and "secret1" not in text


def test_it_counts_by_environment_while_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    Probing().run()
    [figure] = figures(capsys)
    assert figure["ProbeFailed"] == [0.0]
    assert "ProbeLatency" in figure
    assert (figure["service"], figure["environment"]) == ("skafu", "local")
    [told] = figure["_aws"]["CloudWatchMetrics"]
    assert told["Namespace"] == "skafu"
    assert sorted(told["Dimensions"][0]) == ["environment", "service"]


def test_what_fails_is_counted_under_its_step_too(capsys: pytest.CaptureFixture[str]) -> None:
    probing = Probing()
    probing.outside.down.add(CONSOLE)
    probing.run()
    named, whole = sorted(figures(capsys), key=lambda x: "step" not in x)
    assert (named["step"], named["ProbeFailed"]) == ("console", [1.0])
    assert whole["ProbeFailed"] == [1.0]


@pytest.mark.parametrize(
    ("begins", "answer", "failed"),
    [
        (CONSOLE, Response(200, b"<html>parked</html>"), ["console"]),
        (CONSOLE, Response(503, PAGE), ["console"]),
        (TOKEN, Response(500, b""), ["sign_in", "read_your_write", "alerts"]),
        (f"{API}/api/health", Response(502, b"Bad Gateway"), ["health"]),
        (f"{API}/api/health", Response(200, b"<html>"), ["health"]),
        (f"{API}/api/alerts", Response(403, b"{}"), ["alerts"]),
        (f"{API}/api/metrics/query", Response(200, b'{"results": []}'), ["read_your_write"]),
        (
            f"{API}/api/metrics/query",
            Response(200, b'{"results": [{"id": "a", "series": []}]}'),
            ["read_your_write"],
        ),
        (
            f"{API}/api/metrics/query",
            Response(200, b'{"results": [{"id": "a", "series": [{"values": [0.5]}]}]}'),
            ["read_your_write"],
        ),
        (API, Response(504, b""), ["health", "read_your_write", "alerts"]),
    ],
)
def test_what_customers_would_see_is_found(
    begins: str, answer: Response, failed: list[str]
) -> None:
    probing = Probing()
    probing.outside.answers[begins] = answer
    assert probing.run()["failed"] == failed
    # And is over with its cause.
    probing.outside.answers.clear()
    assert probing.later()["failed"] == []


def test_who_does_not_answer_at_all_is_no_error_of_the_probe() -> None:
    probing = Probing()
    probing.outside.down |= {API, CONSOLE, TOKEN}
    with log_lines() as lines:
        assert probing.run()["failed"] == list(NAMES)
    assert all("no answer" in line["detail"] for line in lines if "detail" in line)


def test_a_token_is_used_for_as_long_as_it_lives() -> None:
    probing = Probing()
    probing.run()
    for _ in range(20):
        probing.later(HOUR_MS)
    assert len(probing.outside.tokens) == 1
    probing.later(4 * HOUR_MS)
    assert len(probing.outside.tokens) == 2
    assert probing.reads == 1


def test_a_revoked_token_fails_once_and_is_asked_for_anew() -> None:
    probing = Probing()
    probing.run()
    probing.outside.revoked.add("token0")
    assert probing.later()["failed"] == ["read_your_write", "alerts"]
    assert probing.later()["failed"] == []


def test_new_credentials_are_found_after_the_old_ones_did_not_do() -> None:
    probing = Probing()
    probing.run()
    probing.secret = Credentials("client2", "secret2")
    probing.outside.clients = {"client2": "secret2"}
    assert probing.later(DAY_MS)["failed"] == ["sign_in", "read_your_write", "alerts"]
    assert probing.later()["failed"] == []


def test_a_probe_that_nobody_installed_says_so_until_somebody_has() -> None:
    probing = Probing()
    probing.secret = Credentials()
    with log_lines() as lines:
        assert probing.run()["failed"] == ["sign_in", "read_your_write", "alerts"]
    assert NOT_INSTALLED in [line.get("detail") for line in lines]
    probing.secret = CREDENTIALS
    assert probing.later()["failed"] == []


def test_a_secret_that_is_none_ends_the_run_itself() -> None:
    with pytest.raises(Misconfigured):
        Probing(read=lambda: Credentials.parse("not what install wrote")).run()


def test_all_runs_write_one_series() -> None:
    probing = Probing()
    for _ in range(5):
        assert probing.later()["failed"] == []
    said = probing.release.ask("GET", "/api/metrics")
    assert [each["series"] for each in said["metrics"]] == [1]
    kinds = [item["k"] for item in probing.release.table.items.values()]
    assert kinds.count("layout") == 1
    assert RUN == "probe"


# --- asleep ---------------------------------------------------------------------------------------

EVENING = 9 * HOUR_MS  # from noon: 21:00
HOURS = "MON-FRI 06:00-20:00 Etc/UTC"


def test_outside_of_the_working_hours_nothing_is_looked_at_and_a_zero_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    probing = Probing(HOURS)
    assert probing.run()["asleep"] is False
    capsys.readouterr()
    asked = len(probing.outside.asked)
    assert probing.later(EVENING) == {"asleep": True, "failed": [], "milliseconds": 0}
    assert len(probing.outside.asked) == asked
    [figure] = figures(capsys)
    assert figure["ProbeFailed"] == [0.0]


def test_who_works_at_night_keeps_it_awake() -> None:
    probing = Probing(HOURS)
    until = probing.release.clock() + EVENING + HOUR_MS
    assert probing.later(EVENING)["asleep"] is True
    probing.secret = Credentials("client1", "secret1", awake_until=until)
    assert probing.later()["asleep"] is False
    assert probing.later(HOUR_MS)["asleep"] is True
    # The next morning is a working day.
    assert probing.later(10 * HOUR_MS)["asleep"] is False
