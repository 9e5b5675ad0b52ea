"""The gates' evidence: the real programs, on less than a pipeline gives them, and said so.

What is shortened is the amount, never the rule: each report is judged by `evidence` as everywhere.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from local.home import Refused
from local.rehearsal import programs
from local.rehearsal.founding import Login
from local.rehearsal.operators import Operators, Release
from local.rehearsal.places import DEVELOPMENT, PRODUCTION, STAGING, Place

PROGRAM_S = 180.0
TESTS = (
    "tests/unit/shared/test_keys.py",
    "tests/contract/test_table.py",
    "tests/functional/workspace/test_handler.py",
    "tests/property/shared",
)
INTEGRATION = "tests/integration/rehearsed.py"
SCANNED = "backend/skafu/shared"
BENCHMARK = "metrics_package"
LOAD: Mapping[str, Mapping[str, object]] = {
    "staging": {
        "seconds": 5,
        "rate": 4,
        "points": 20,
        "latency_ms": {"p50": 5_000, "p95": 15_000, "p99": 28_000},
        "error_share": 0.0,
    }
}
"""For delivery/load.yaml: two cores that play three accounts say nothing about latencies."""
SHORTENED = (
    f"unit: {', '.join(TESTS)} instead of all",
    f"integration: {INTEGRATION} instead of tests/integration",
    f"security: bandit on {SCANNED} instead of all code, and no other scanner",
    f"performance: the benchmark {BENCHMARK} instead of all",
    "review: made up, there is no pull request",
    "load: 4 requests/s for 5 s instead of 100 for 60 s, any latency",
    "security_assessment: left out (--waive), because advisories cannot be asked for offline",
    "change_window: always open (--change-windows)",
)


@dataclass(frozen=True)
class Gates:
    """Make reports of a release and record them; files go below `folder`."""

    operators: Operators
    folder: Path

    def leave_development(self, release: Release, login: Login) -> list[str]:
        """Everything that leads to staging; what was recorded."""
        reports: Sequence[tuple[str, Callable[[], Path]]] = (
            ("unit", lambda: self._tests(release, "unit", TESTS, {})),
            (
                "integration",
                lambda: self._tests(
                    release,
                    "integration",
                    [INTEGRATION],
                    {"SKAFU_REHEARSED": str(login.write(self.folder / "login.json"))},
                ),
            ),
            ("security", lambda: self._bandit(release)),
            ("performance", lambda: self._bench(release)),
            ("review", lambda: self._review(release)),
        )
        told = []
        for gate, make in reports:
            report = make()
            limited = self._accepted(release, report) if gate == "performance" else ()
            told.append(self._record(release, DEVELOPMENT, gate, report, *limited))
        return told

    def leave_staging(self, release: Release) -> list[str]:
        """Everything that leads to production; what was recorded."""
        smoke = self._path(release, "smoke.json")
        # By the gateway, as clients come; --full has an alert fire, by the stream of this account.
        self.operators.must(release, STAGING, "smoke", "--full", "--report", str(smoke))
        told = [self._record(release, STAGING, "end_to_end", smoke)]
        load, limits = self._path(release, "load.json"), self._path(release, "limits.json")
        limits.write_text(json.dumps(LOAD), encoding="utf-8")
        limited = ("--limits", str(limits))
        self.operators.must(release, STAGING, "load", "--report", str(load), *limited)
        told.append(self._record(release, STAGING, "load", load, *limited))
        told.append(
            self.operators.must(
                *(release, STAGING, "evidence", "--artefact", str(release.artefact)),
                *("--gate", "security_assessment", "--waive", "a rehearsal without a network"),
                *("--by", "Rehearsal"),
            ).last
        )
        plan = self._path(release, "plan.json")
        self.operators.must(
            *(release, PRODUCTION, "rollback", "--dry-run", "--report", str(plan)),
            *("--artefact", str(release.artefact)),
        )
        return [*told, self._record(release, STAGING, "rollback_plan", plan)]

    def _record(self, release: Release, place: Place, gate: str, report: Path, *more: str) -> str:
        line = ("--artefact", str(release.artefact), "--gate", gate, "--report", str(report))
        return self.operators.must(release, place, "evidence", *line, *more).last

    def _tests(
        self, release: Release, name: str, tests: Sequence[str], variables: Mapping[str, str]
    ) -> Path:
        report = self._path(release, f"{name}.xml")
        line = ["-m", "pytest", *tests, "--quiet", "--junitxml", str(report)]
        self._program(release, name, [*line, "-p", "no:cacheprovider"], variables)
        return report

    def _bandit(self, release: Release) -> Path:
        report = self._path(release, "bandit.json")
        line = ["-m", "bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml"]
        line += ["--format", "json", "--output", str(report), SCANNED]
        self._program(release, "bandit", line, {})
        return report

    def _bench(self, release: Release) -> Path:
        self._program(release, "bench", ["-m", "benchmarks", BENCHMARK], {})
        return release.checkout.folder / ".local" / "bench.json"

    def _accepted(self, release: Release, report: Path) -> tuple[str, ...]:
        """The project's own limits, asked of the figures that are measured here."""
        accepted = release.checkout.folder / "benchmarks" / "accepted.yaml"
        told = yaml.safe_load(accepted.read_text(encoding="utf-8"))
        measured = json.loads(report.read_text(encoding="utf-8"))
        told["figures"] = [name for name in told["figures"] if name in measured]
        path = self._path(release, "accepted.json")
        path.write_text(json.dumps(told), encoding="utf-8")
        return ("--limits", str(path))

    def _review(self, release: Release) -> Path:
        commit, report = release.checkout.commit, self._path(release, "review.json")
        review = {
            "commit": commit,
            "pull_request": 1,
            "url": "https://example.com/made-up",
            "head": commit,
            "authors": ["author"],
            "opinions": {"reviewer": {"state": "APPROVED", "commit": commit}},
        }
        report.write_text(json.dumps(review), encoding="utf-8")
        return report

    def _program(
        self, release: Release, name: str, line: Sequence[str], variables: Mapping[str, str]
    ) -> None:
        done = programs.run(
            [sys.executable, *line],
            release.checkout.folder,
            {**release.checkout.variables(), **variables},
            self.operators.log(name),
            PROGRAM_S,
        )
        if done.code:
            raise Refused(f"{name} failed: {done.said[-800:]}")

    def _path(self, release: Release, name: str) -> Path:
        folder = self.folder / release.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name
