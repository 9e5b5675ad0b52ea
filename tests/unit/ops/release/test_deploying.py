"""A template's text is deployed by the SAM CLI, with parameters exactly as they were told."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.artefact.accounts import Settings
from skafu.ops.release.deploying import MARK, ONCE, Target, deploy_template, marked
from skafu.ops.terminal import Operator
from tests.support.clouds import Cloud
from tests.support.released import REGION, account_in

SETTINGS = Settings("skafu-prod", REGION, "", "CAPABILITY_IAM", "project=skafu", True)


class Sam:
    """The SAM CLI: what it was told, and what it read."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.lines: list[list[str]] = []
        self.template = ""
        self.parameters: dict[str, Any] = {}

    def __call__(self, line: Sequence[str], variables: Mapping[str, str]) -> int:
        assert variables["AWS_DEFAULT_REGION"] == REGION
        self.lines.append(list(line))
        self.template = Path(after(line, "--template-file")).read_text("utf-8")
        told = after(line, "--parameter-overrides").removeprefix("file://")
        self.parameters = yaml.safe_load(Path(told).read_text("utf-8"))
        return self.codes.pop(0) if self.codes else 0


def after(line: Sequence[str], option: str) -> str:
    return line[line.index(option) + 1]


def target(role_arn: str | None = None) -> Target:
    return Target(account_in(Cloud()), SETTINGS, "skafu-prod", role_arn)


def test_the_text_goes_to_the_stack_by_way_of_the_accounts_bucket() -> None:
    sam = Sam()
    assert deploy_template(target(), "Resources: {}", {}, Operator(sam)) == 0
    line = sam.lines[0]
    assert sam.template == "Resources: {}"
    assert after(line, "--stack-name") == "skafu-prod"
    assert after(line, "--s3-bucket") == "artefacts"
    assert "--no-confirm-changeset" in line and "--role-arn" not in line


def test_cloudformation_works_as_the_role_that_it_is_given() -> None:
    sam, role = Sam(), "arn:aws:iam::123456789012:role/cloudformation"
    deploy_template(target(role), "", {}, Operator(sam))
    assert after(sam.lines[0], "--role-arn") == role


def test_what_was_meant_for_one_deployment_is_not_kept_for_the_next() -> None:
    sam = Sam()
    deploy_template(target(), "", {}, Operator(sam))
    assert sam.parameters["Strategy"] == '""'
    assert sam.parameters["AliasesMovedBy"] == '"CodeDeploy"'
    deploy_template(target(), "", {"Strategy": "all-at-once"}, Operator(sam))
    assert sam.parameters["Strategy"] == '"all-at-once"'


def test_values_are_never_seen_on_a_command_line() -> None:
    sam = Sam()
    deploy_template(target(), "", {"DeadManUrl": "https://secret"}, Operator(sam))
    assert "secret" not in " ".join(sam.lines[0])
    assert sam.parameters["DeadManUrl"] == '"https://secret"'


def test_with_a_question_nothing_is_changed_before_the_answer() -> None:
    sam = Sam()
    refusing = Operator(sam, lambda _: False)
    assert deploy_template(target(), "", {}, refusing, "Deploy?") == 1
    assert [line[-1] for line in sam.lines] == ["--no-execute-changeset"]


@pytest.mark.parametrize("codes", [(3,), (0, 3)])
def test_the_programs_failure_is_the_deployments(codes: Sequence[int]) -> None:
    agreeing = Operator(Sam(*codes), lambda _: True)
    assert deploy_template(target(), "", {}, agreeing, "Deploy?") == 3


DECLARED = """\
Parameters:
  ConsoleHost: {Type: String}
  Strategy: {Type: String}
  DeadManUrl: {Type: String, NoEcho: true}
Globals: {Function: {Environment: {Variables: {A: b}}}}
Resources: {}
"""


def mark(**parameters: str) -> str:
    variables = yaml.safe_load(marked(DECLARED, parameters))["Globals"]["Function"]["Environment"]
    assert variables["Variables"].keys() == {"A", MARK}
    return str(variables["Variables"][MARK])


def test_functions_know_with_which_parameters_they_were_deployed() -> None:
    assert mark(ConsoleHost="https://a") == mark(ConsoleHost="https://a") != mark()
    assert mark(ConsoleHost="https://a") != mark(ConsoleHost="https://b")


def test_what_is_meant_for_one_deployment_secret_or_unknown_makes_no_other_version() -> None:
    assert "Strategy" in ONCE
    assert mark(Strategy="canary", DeadManUrl="https://secret", Strange="x") == mark()
