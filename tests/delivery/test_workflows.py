"""Workflows run what people run, with few rights, and nothing that can change under them."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.__main__ import COMMANDS
from skafu.ops.environments import IN_ACCOUNTS
from skafu.ops.promotion.gates import STEPS
from tests.support.transformed import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
TOOLS = Path(sys.executable).parent
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
OWN = "$/.github/workflows/"
"""How GitHub calls a workflow of this repository, at this commit."""
ENVIRONMENTS = ("development", "staging", "production")
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)

type Job = dict[str, Any]


def parsed(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as a truth value.
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


def workflow(name: str) -> dict[str, Any]:
    return parsed(FOLDER / f"{name}.yml")


def jobs(path: Path) -> list[Job]:
    """Those that have steps of their own; the others call a workflow."""
    return [job for job in parsed(path)["jobs"].values() if "steps" in job]


def all_jobs() -> Iterator[tuple[str, Job]]:
    """Every job of every workflow, as workflow/job."""
    for path in WORKFLOWS:
        for name, job in parsed(path)["jobs"].items():
            yield f"{path.stem}/{name}", job


def own_jobs() -> list[Any]:
    """Those with steps, for parametrizing."""
    return [pytest.param(job, id=name) for name, job in all_jobs() if "steps" in job]


def commands() -> list[str]:
    """What all steps run, each command once."""
    steps = [step for path in WORKFLOWS for job in jobs(path) for step in job["steps"]]
    lines = [line for step in steps if "run" in step for line in step["run"].splitlines()]
    return sorted(set(lines))


def targets_of(command: str) -> list[str]:
    found = re.fullmatch(r"make ([a-z0-9-]+(?: [a-z0-9-]+)*)", command)
    return found[1].split() if found else []


def ran(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # A make that these tests run under must not speak to the one they start.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


# --- when -----------------------------------------------------------------------------------------


def test_pull_requests_and_what_has_landed_are_checked_by_the_script_that_people_run() -> None:
    check = workflow("check")
    assert set(check["on"]) == {"pull_request", "push"} and check["on"]["pull_request"] is None
    [test] = [step["run"] for step in check["jobs"]["test"]["steps"] if "run" in step]
    assert test == "bash .ci/run"
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == "exec make test"
    # What lands on develop is tested by the workflow that goes on to deploy it.
    landed = {*check["on"]["push"]["branches"], *workflow("deploy")["on"]["push"]["branches"]}
    assert landed == {"main", "develop"}
    assert "bash .ci/run" in [
        step.get("run") for step in workflow("deploy")["jobs"]["test"]["steps"]
    ]


def test_nights_run_by_the_clock_and_by_hand() -> None:
    assert set(workflow("nightly")["on"]) == {"schedule", "workflow_dispatch"}


def test_what_lands_is_deployed_and_nothing_else_deploys() -> None:
    assert workflow("deploy")["on"] == {"push": {"branches": ["develop", "main"]}}
    assert set(workflow("_deploy")["on"]) == {"workflow_call"}
    callers = [name for name, job in all_jobs() if job.get("uses") == f"{OWN}_deploy.yml"]
    assert callers == [f"deploy/{each}" for each in ENVIRONMENTS]
    deploying = [
        name
        for name, job in all_jobs()
        if any(step.get("run") == "make deploy" for step in job.get("steps", ()))
    ]
    assert deploying == ["_deploy/deploy"]


def test_a_rollback_is_somebodys_decision() -> None:
    assert set(workflow("rollback")["on"]) == {"workflow_dispatch"}
    inputs = workflow("rollback")["on"]["workflow_dispatch"]["inputs"]
    assert inputs["environment"]["options"] == list(IN_ACCOUNTS)
    assert inputs["reason"]["required"] is True


# --- the way out ----------------------------------------------------------------------------------


def needs(name: str) -> set[str]:
    """All jobs of deploy.yml that have to be done before this one."""
    found = workflow("deploy")["jobs"][name].get("needs", [])
    direct = {found} if isinstance(found, str) else set(found)
    return direct.union(*(needs(each) for each in direct))


def test_what_is_deployed_is_built_once() -> None:
    builds = [
        name
        for name, job in all_jobs()
        if any("build" in targets_of(step.get("run", "")) for step in job.get("steps", ()))
    ]
    # A pull request's is looked at and a night's is scanned: neither is kept.
    assert builds == ["check/build", "deploy/build", "nightly/security"]
    kept = {
        name: step["with"]["retention-days"]
        for name, job in all_jobs()
        for step in job.get("steps", ())
        if step.get("with", {}).get("name") == "artefact" and "retention-days" in step["with"]
    }
    assert kept == {"check/build": 1, "deploy/build": 90, "_deploy/deploy": 90}


def test_an_artefact_is_stated_where_it_is_built_and_verified_before_there_are_rights() -> None:
    build = workflow("deploy")["jobs"]["build"]
    assert [step["uses"].partition("@")[0] for step in build["steps"] if "uses" in step] == [
        "actions/checkout",
        "actions/setup-python",
        "actions/attest",
        "actions/upload-artifact",
    ]
    names = [step["name"] for step in workflow("_deploy")["jobs"]["deploy"]["steps"]]
    assert names.index("Verify where it comes from") < names.index("Become the deploy role")
    assert names.index("Become the deploy role") < names.index("Deploy")


def test_development_takes_what_is_tested_and_staging_what_was_reviewed_too() -> None:
    assert {"build", "test"} <= needs("development")
    assert {"build", "test", "review", "development"} <= needs("development-tested")


def test_production_comes_after_staging_and_all_its_gates() -> None:
    wanted = {"staging", "staging-gates", "rollback-plan", "staging-tested"}
    assert needs("production") == wanted


@pytest.mark.parametrize(
    ("name", "last"), [("_deploy/deploy", "make smoke"), ("rollback/rollback", "make health")]
)
def test_the_region_that_stands_by_follows_what_is_well_at_home(name: str, last: str) -> None:
    """Last of all: whether home is deployed, or had back, does not depend on it."""
    steps = dict(all_jobs())[name]["steps"]
    *before, become, follow = steps
    assert follow["run"] == "make standby" and follow["if"] == become["if"]
    [looked] = [step for step in before if step.get("run") == last]
    assert follow["if"] == f"${{{{ !cancelled() && steps.{looked['id']}.outcome == 'success' }}}}"
    assert become["with"]["role-to-assume"].startswith("${{ vars.STANDBY_DEPLOY_ROLE_ARN ||")
    given = {key: value for key, value in follow["env"].items() if key != "YES"}
    assert given == {
        "ROLE_ARN": "${{ vars.STANDBY_EXECUTION_ROLE_ARN }}",
        "BOUNDARY_ARN": "${{ vars.STANDBY_BOUNDARY_ARN }}",
    }


def test_the_region_that_stands_by_gets_what_home_runs_within_its_own_boundary() -> None:
    [line] = lines_of("standby", ENVIRONMENT="production")
    assert line[:2] == ["failover", "standby"] and "--yes" in line
    assert line[line.index("--role-arn") + 1] == VARIABLES["ROLE_ARN"]
    assert f"PermissionsBoundaryArn={VARIABLES['BOUNDARY_ARN']}" in line
    # Whatever lies about here is not asked: it comes from the home region's bucket.
    assert "--artefact" not in line
    assert "--yes" not in lines_of("standby", YES="")[0]


def test_each_night_it_is_seen_whether_the_other_region_could_take_over() -> None:
    ready = workflow("nightly")["jobs"]["ready"]
    assert ready["environment"] == "production-standby"
    assert ready["env"] == {"ENVIRONMENT": "production"}
    prepare, look = lines_of("ready", ENVIRONMENT="production")
    assert prepare[:2] == ["failover", "prepare"]
    assert look[0] == "failover" and "--dry-run" in look


def test_a_night_looks_also_when_somebody_has_no_account_there_and_fails_all_the_same() -> None:
    plan = ran("make", "--dry-run", "ready", "PYTHON=python").stdout
    [line] = [each for each in plan.splitlines() if "failover prepare" in each]
    for bad, code in (("prepare", 1), ("--dry-run", 1), ("nothing", 0)):
        script = f'python() {{ echo "$*"; case "$*" in *{bad}*) return 1;; esac; }}\n{line}'
        done = ran("sh", "-c", script)
        assert (done.returncode, len(done.stdout.splitlines())) == (code, 2)


def test_branches_go_to_their_environments() -> None:
    branches = {}
    for name, job in workflow("deploy")["jobs"].items():
        if "if" in job:
            [branch] = re.findall(r"github\.ref == 'refs/heads/(\w+)'", job["if"])
            branches[name] = branch
    assert branches == {
        "build": "develop",
        "test": "develop",
        "review": "develop",
        "staging": "main",
    }
    # The others wait for these, and are skipped with them.
    assert needs("development") and needs("production") >= {"staging"}


def test_callers_give_what_the_called_workflow_takes() -> None:
    wanted = workflow("_deploy")["on"]["workflow_call"]
    for name, job in workflow("deploy")["jobs"].items():
        if "uses" in job:
            required = {key for key, each in wanted["inputs"].items() if each["required"]}
            assert required <= set(job["with"]) <= set(wanted["inputs"])
            assert job["with"]["environment"] == name
            assert set(job["secrets"]) <= set(wanted["secrets"])
            needed = workflow("_deploy")["jobs"]["deploy"]["permissions"]
            assert job["permissions"] == needed


def test_reports_are_recorded_where_they_are_made_of() -> None:
    """Each gate's report is uploaded by a job that the recording one waits for."""
    deploy = workflow("deploy")["jobs"]
    for recorder in ("development-tested", "staging-tested"):
        makers = [
            name
            for name in needs(recorder)
            for step in deploy[name].get("steps", ())
            if str(step.get("with", {}).get("name", "")).startswith("reports-")
        ]
        assert len(makers) == 2
        patterns = [
            step["with"].get("pattern") for step in deploy[recorder]["steps"] if "with" in step
        ]
        assert "reports-*" in patterns


# --- what -----------------------------------------------------------------------------------------


def test_steps_run_something() -> None:
    wanted = {"bash .ci/run", "make nightly", "make deploy", "make rollback", "make smoke"}
    assert wanted <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_what_a_step_runs_is_a_make_target(command: str) -> None:
    if command == "bash .ci/run":
        return
    names = targets_of(command)
    assert names
    # A rehearsal also goes through the targets that this one makes.
    rehearsed = ran("make", "--dry-run", *names)
    assert (rehearsed.returncode, rehearsed.stderr) == (0, "")


VARIABLES = {
    "ARTEFACT": ".artefact/0123",
    "ENVIRONMENT": "staging",
    "ROLE_ARN": "arn:aws:iam::123456789013:role/execution",
    "BOUNDARY_ARN": "arn:aws:iam::123456789013:policy/boundary",
    "BELOW_PROFILE": "below",
    "YES": "1",
    "FULL": "1",
    "REPOSITORY": "skafu-org/skafu",
    "PULL_REQUEST": "7",
    "STATUS": "success",
    "RELEASE": "20261123T012117Z-3fa2b1c4",
    "REASON": 'it\'s "bad"; $(touch /nowhere) `id`',
    "LINK": "https://github.com/skafu-org/skafu/actions/runs/1",
    "NAME": "below",
}


class Read(Exception):
    """A command has read its arguments, and went on."""


RECORDER = """#!/bin/sh
printf '%s\\0' "$@" >> "$RECORD"
printf '\\n' >> "$RECORD"
"""
OPS = ["-m", "skafu.ops"]


def lines_of(target: str, **variables: str) -> list[list[str]]:
    """The commands of skafu.ops that a target runs: make and the shell run for real, elsewhere,
    with a program in Python's place that writes down what it is told.
    """
    with tempfile.TemporaryDirectory() as folder:
        recorder, record = Path(folder, "python"), Path(folder, "record")
        recorder.write_text(RECORDER, encoding="utf-8")
        recorder.chmod(0o755)
        programs = (f"PYTHON={recorder}", "NPM=true")
        elsewhere = ("--directory", folder, "--makefile", ROOT / "Makefile", "--old-file", "setup")
        told = VARIABLES | {"RECORD": str(record), "GIT_DIR": str(ROOT / ".git")} | variables
        ran("make", "--keep-going", *elsewhere, target, *programs, **told)
        text = record.read_text(encoding="utf-8") if record.exists() else ""
    found = [line.split("\0")[:-1] for line in text.splitlines()]
    return [line[2:] for line in found if line[:2] == OPS]


def ops_targets() -> list[str]:
    """Targets that workflows run and that run a command of skafu.ops."""
    names = {name for command in commands() for name in targets_of(command)}
    return sorted(name for name in names if name not in {"nightly", "rehearse"} and lines_of(name))


@pytest.mark.parametrize("environment", ["development", "staging"])
@pytest.mark.parametrize("target", ops_targets())
def test_commands_of_a_target_exist_and_understand_their_arguments(
    target: str, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the commands' own parsers: they end where they would begin to work."""
    read = argparse.ArgumentParser.parse_known_args

    def only_read(parser: argparse.ArgumentParser, *given: Any, **named: Any) -> Any:
        found, others = read(parser, *given, **named)
        # `promote` hands what it does not know to `deploy`, whose parser is asked below.
        if others and not parser.prog.endswith("promote"):
            parser.error(f"unrecognized arguments: {shlex.join(others)}")
        raise Read(found, others)

    # Nothing of the commands is replaced but that they go on after reading.
    monkeypatch.setattr(argparse.ArgumentParser, "parse_known_args", only_read)
    for name, *arguments in lines_of(target, ENVIRONMENT=environment):
        with pytest.raises(Read) as stopped:
            COMMANDS[name](arguments)
        _, others = stopped.value.args
        if others:
            below = ["--environment", environment, "--artefact", "x"]
            with pytest.raises(Read):
                COMMANDS["deploy"]([*below, *others])


def test_what_people_write_is_one_word_and_is_never_run() -> None:
    [rollback] = [line for line in lines_of("rollback") if line[0] == "rollback"]
    assert rollback[rollback.index("--reason") + 1] == VARIABLES["REASON"]
    assert "--yes" in rollback


def test_a_dry_run_of_a_rollback_changes_nothing() -> None:
    [rollback] = lines_of("rollback", DRY_RUN="1")
    assert "--dry-run" in rollback
    assert "--dry-run" not in lines_of("rollback", DRY_RUN="")[0]


@pytest.mark.parametrize(
    ("environment", "command"),
    [("development", "deploy"), ("staging", "promote"), ("production", "promote")],
)
def test_what_comes_to_staging_and_production_is_promoted(environment: str, command: str) -> None:
    [line] = lines_of("deploy", ENVIRONMENT=environment)
    assert line[0] == command
    assert ("--yes" in line) is (command == "promote")
    assert ("--no-confirm-changeset" in line) is (command == "deploy")
    assert line[line.index("--role-arn") + 1] == VARIABLES["ROLE_ARN"]
    assert f"PermissionsBoundaryArn={VARIABLES['BOUNDARY_ARN']}" in line


@pytest.mark.parametrize("environment", ["development", "staging"])
def test_evidence_is_recorded_of_every_gate_that_takes_a_report(environment: str) -> None:
    *recorded, last = lines_of("evidence", ENVIRONMENT=environment)
    gates = [line[line.index("--gate") + 1] for line in recorded]
    assert gates == [gate.name for gate in STEPS[environment].reports]
    assert last[0] == "tested"


def test_a_night_tries_more_worlds_and_builds_twice_and_looks_up_advisories() -> None:
    plan = ran("make", "--dry-run", "nightly").stdout
    [worlds] = [line for line in plan.splitlines() if "SKAFU_TRIALS=1000" in line]
    assert "SKAFU_MUTANT_TRIALS=100" in worlds
    assert "tests/property/alerts tests/property/metrics/store_world" in worlds
    assert "tests/delivery/test_two_builds.py" in plan
    assert "skafu.ops scan --audited --only pip-audit --only npm-audit" in plan


def test_every_job_says_which_target_it_is() -> None:
    """So that people find the command that does it on their own machine."""
    for name, job in all_jobs():
        if "steps" in job:
            run = {target for step in job["steps"] for target in targets_of(step.get("run", ""))}
            run |= {"test"} if "bash .ci/run" in [s.get("run") for s in job["steps"]] else set()
            assert job["name"].startswith("make "), name
            assert set(job["name"].split()[1:]) <= run, name


# --- with which rights ----------------------------------------------------------------------------


@every_workflow
def test_actions_are_pinned_by_commit_and_say_which_version_that_is(path: Path) -> None:
    uses = [
        line.strip().removeprefix("- ")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(- )?uses:", line) and f"uses: {OWN}" not in line
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
    assert all(isinstance(job.get("permissions"), dict) for job in parsed(path)["jobs"].values())


# What a job may write at GitHub, and why.
WRITES = {
    "check/plan": {"id-token"},
    "check/comment": {"pull-requests"},
    "deploy/build": {"attestations", "id-token"},
    "deploy/development": {"id-token"},
    "deploy/development-tested": {"id-token"},
    "deploy/staging": {"id-token"},
    "deploy/staging-gates": {"id-token"},
    "deploy/rollback-plan": {"id-token"},
    "deploy/staging-tested": {"id-token"},
    "deploy/production": {"id-token"},
    "_deploy/deploy": {"id-token"},
    "nightly/ready": {"id-token"},
    "rollback/rollback": {"id-token"},
}


def test_what_may_be_written_is_on_a_list() -> None:
    found = {
        name: {right for right, kind in job["permissions"].items() if kind != "read"}
        for name, job in all_jobs()
    }
    assert {name: rights for name, rights in found.items() if rights} == WRITES


@pytest.mark.parametrize("job", own_jobs())
def test_a_role_is_taken_on_in_an_environment_or_not_at_all(job: Job) -> None:
    takes = [
        step
        for step in job["steps"]
        if step.get("uses", "").startswith("aws-actions/configure-aws-credentials@")
    ]
    # Attestations are signed by the same kind of token, without an account.
    if takes:
        assert "environment" in job and job["permissions"]["id-token"] == "write"
    for step in takes:
        allowed = {
            "role-to-assume",
            "aws-region",
            "role-duration-seconds",
            "unset-current-credentials",
        }
        assert set(step["with"]) <= allowed
        # What has no other region takes its own role again, and is told that there is nothing.
        named = r"\$\{\{ vars\.[A-Z_]+_ROLE_ARN( \|\| vars\.DEPLOY_ROLE_ARN)? }}"
        assert re.fullmatch(named, step["with"]["role-to-assume"])
    # The other environment holds the token of a server that is no account.
    if "environment" in job and job["environment"] != "sonarqube":
        assert takes


def test_secrets_are_on_a_list() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"DEPLOYMENT_WEBHOOK_URL", "SONAR_TOKEN"}
    assert "secrets: inherit" not in text
    # Long-lived keys have no name here.
    assert not re.search(r"aws-(access-key-id|secret-access-key)|AWS_(ACCESS|SECRET)", text)


def test_variables_of_environments_are_on_a_list() -> None:
    """docs/delivery.md tells how each is set."""
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    assert set(re.findall(r"vars\.(\w+)", text)) == {
        "AWS_REGION",
        "BELOW_ROLE_ARN",
        "BOUNDARY_ARN",
        "DEPLOY_ROLE_ARN",
        "EXECUTION_ROLE_ARN",
        "PLAN_ROLE_ARN",
        "SONAR_HOST_URL",
        "STANDBY_BOUNDARY_ARN",
        "STANDBY_DEPLOY_ROLE_ARN",
        "STANDBY_EXECUTION_ROLE_ARN",
        "STANDBY_ROLE_ARN",
    }


def test_a_secret_is_known_to_the_steps_that_need_it_alone() -> None:
    for _, job in all_jobs():
        assert "secrets." not in str(job.get("env", {}))
        for step in job.get("steps", ()):
            if "secrets." in str(step):
                assert step["run"] in ("make announce", "make sonar")


def test_sonarqube_is_asked_where_there_is_one_and_never_by_a_strangers_code() -> None:
    sonar = workflow("check")["jobs"]["sonar"]
    assert sonar["if"] == "${{ github.event_name == 'push' && vars.SONAR_HOST_URL != '' }}"
    assert sonar["needs"] == "test" and sonar["permissions"] == {"contents": "read"}


def test_where_advisories_can_be_reached_not_to_have_asked_is_a_failure() -> None:
    running = [
        step
        for path in WORKFLOWS
        for job in jobs(path)
        for step in job["steps"]
        if step.get("run") == "bash .ci/run"
    ]
    assert len(running) == 2
    assert all(step["env"]["AUDITED"] == "1" for step in running)


@every_workflow
def test_what_people_write_never_becomes_part_of_a_script(path: Path) -> None:
    for job in jobs(path):
        assert all("${{" not in step.get("run", "") for step in job["steps"])


def test_a_strangers_pull_request_gets_no_account() -> None:
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    check = workflow("check")["jobs"]
    assert same in check["build"]["if"]
    assert (check["plan"]["needs"], check["comment"]["needs"]) == ("build", "plan")
    # What runs a pull request's code with an account can only look, and cannot write here.
    assert check["plan"]["environment"] == "development-plan"
    assert "pull-requests" not in check["plan"]["permissions"]
    assert "id-token" not in check["comment"]["permissions"]


@every_workflow
def test_nobody_elses_pull_request_runs_with_this_repositorys_rights(path: Path) -> None:
    assert not {"pull_request_target", "workflow_run"} & set(parsed(path)["on"])


def test_what_needs_no_account_reads_the_repository_and_knows_no_secret() -> None:
    for name in ("check/test", "check/rehearse", "check/build", "nightly/nightly", "nightly/drill"):
        job = dict(all_jobs())[name]
        assert job["permissions"] == {"contents": "read"}
        assert "environment" not in job and "secrets" not in str(job)


# --- one after the other --------------------------------------------------------------------------


@every_workflow
def test_runs_end_and_do_not_pile_up(path: Path) -> None:
    if path.stem != "_deploy":  # it is part of its caller's run
        concurrency = parsed(path)["concurrency"]
        assert concurrency["group"] and "cancel-in-progress" in concurrency
    assert all(0 < job["timeout-minutes"] < 360 for job in jobs(path))


def test_an_environment_has_one_deployment_or_rollback_at_a_time_and_none_is_cancelled() -> None:
    deploying = workflow("_deploy")["jobs"]["deploy"]["concurrency"]
    rolling_back = workflow("rollback")["concurrency"]
    assert deploying == rolling_back
    assert deploying == {
        "group": "environment-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }
    assert workflow("deploy")["concurrency"]["cancel-in-progress"] is False


# --- what the linters say -------------------------------------------------------------------------


@every_workflow
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    checkouts = [
        step
        for job in jobs(path)
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert len(checkouts) == len(jobs(path))


@every_workflow
def test_the_workflow_linter_finds_nothing(path: Path) -> None:
    # Where there is shellcheck, actionlint has it look at what steps run.
    done = ran(TOOLS / "actionlint", path)
    assert (done.returncode, done.stdout) == (0, "")


@every_workflow
def test_the_security_linter_finds_nothing_in_its_strictest_mood(path: Path) -> None:
    strict = ("--offline", "--strict-collection", "--persona", "auditor", "--quiet")
    done = ran(TOOLS / "zizmor", *strict, "--no-config", "--no-ignores", path)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is Debian's: no wheel")
def test_shellcheck_finds_nothing_in_scripts() -> None:
    scripts = [ROOT / ".ci" / "run", *sorted(ROOT.glob(".ci/*.sh"))]
    done = ran("shellcheck", *scripts)
    assert (done.returncode, done.stdout) == (0, "")


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
