"""Workflows run what people run, with few rights, and nothing that can change under them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.transformed import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TOOLS = Path(sys.executable).parent
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def parsed(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as a truth value.
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


def jobs(path: Path) -> list[dict[str, Any]]:
    """Those that have steps of their own; the others call a workflow."""
    return [job for job in parsed(path)["jobs"].values() if "steps" in job]


def commands() -> list[str]:
    """What all steps run, each command once."""
    steps = [step for path in WORKFLOWS for job in jobs(path) for step in job["steps"]]
    lines = [line for step in steps if "run" in step for line in step["run"].splitlines()]
    return sorted(set(lines))


def ran(*command: str | Path) -> subprocess.CompletedProcess[str]:
    # A make that these tests run under must not speak to the one they start.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_pull_requests_and_what_has_landed_are_checked_by_the_script_that_people_run() -> None:
    check = ROOT / ".github" / "workflows" / "check.yml"
    triggers = parsed(check)["on"]
    assert {"pull_request", "push"} == set(triggers) and triggers["pull_request"] is None
    [job] = jobs(check)
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


def test_nights_run_by_the_clock_and_by_hand() -> None:
    assert set(parsed(ROOT / ".github" / "workflows" / "nightly.yml")["on"]) == {
        "schedule",
        "workflow_dispatch",
    }


def test_steps_run_something() -> None:
    assert {"bash .ci/run", "make nightly"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_what_a_step_runs_is_a_make_target(command: str) -> None:
    if command == "bash .ci/run":
        return
    found = re.fullmatch(r"make ([a-z0-9-]+)", command)
    assert found is not None
    # A rehearsal also goes through the targets that this one makes.
    rehearsed = ran("make", "--dry-run", found.group(1))
    assert (rehearsed.returncode, rehearsed.stderr) == (0, "")


def test_a_night_tries_more_worlds_and_builds_twice_and_looks_up_advisories() -> None:
    plan = ran("make", "--dry-run", "nightly").stdout
    [worlds] = [line for line in plan.splitlines() if "SKAFU_TRIALS=1000" in line]
    assert "SKAFU_MUTANT_TRIALS=100" in worlds
    assert "tests/property/alerts tests/property/metrics/store_world" in worlds
    assert "tests/delivery/test_two_builds.py" in plan
    assert "skafu.ops audit" in plan


@every_workflow
def test_actions_are_pinned_by_commit_and_say_which_version_that_is(path: Path) -> None:
    uses = [
        line.strip().removeprefix("- ")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(- )?uses:", line) and "uses: ./" not in line
    ]
    assert uses
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_an_action_has_one_version_everywhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    found = set(re.findall(r"uses: ([\w./-]+)@(.+)", text))
    assert len(found) == len({action for action, _ in found})


@every_workflow
def test_rights_are_given_to_single_jobs(path: Path) -> None:
    assert parsed(path)["permissions"] == {}
    assert all(isinstance(job.get("permissions"), dict) for job in jobs(path))


@every_workflow
def test_nobody_elses_pull_request_runs_with_this_repositorys_rights(path: Path) -> None:
    assert not {"pull_request_target", "workflow_run"} & set(parsed(path)["on"])


@pytest.mark.parametrize("name", ["check", "nightly"])
def test_what_needs_no_account_reads_the_repository_and_knows_no_secret(name: str) -> None:
    path = ROOT / ".github" / "workflows" / f"{name}.yml"
    assert [job["permissions"] for job in jobs(path)] == [{"contents": "read"}]
    assert "secrets" not in path.read_text(encoding="utf-8")


@every_workflow
def test_runs_end_and_do_not_pile_up(path: Path) -> None:
    concurrency = parsed(path)["concurrency"]
    assert concurrency["group"] and "cancel-in-progress" in concurrency
    assert all(0 < job["timeout-minutes"] < 360 for job in jobs(path))


@every_workflow
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    checkouts = [
        step
        for job in jobs(path)
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@every_workflow
def test_the_workflow_linter_finds_nothing(path: Path) -> None:
    done = ran(TOOLS / "actionlint", path)
    assert (done.returncode, done.stdout) == (0, "")


@every_workflow
def test_the_security_linter_finds_nothing_in_its_strictest_mood(path: Path) -> None:
    strict = ("--offline", "--strict-collection", "--persona", "auditor", "--quiet")
    done = ran(TOOLS / "zizmor", *strict, "--no-config", "--no-ignores", path)
    assert done.returncode == 0, done.stdout


def test_an_audit_that_reaches_nobody_is_never_clean(tmp_path: Path) -> None:
    # Nothing listens on the discard port; the cache is an empty one, so no old answer counts.
    nobody = "http://127.0.0.1:9"
    done = subprocess.run(
        [sys.executable, "-m", "skafu.ops", "audit"],
        cwd=ROOT,
        env=os.environ
        | {"HTTPS_PROXY": nobody, "https_proxy": nobody, "NO_PROXY": "", "no_proxy": ""}
        | {"HOME": str(tmp_path), "PIP_CACHE_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == "" and done.stderr.startswith("Not audited: ")
