"""No wildcard in any policy without a reason, and docs/security.md says what the roles may do."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from skafu.ops.build_record import ENVIRONMENTS
from skafu.ops.environments import above
from skafu.ops.generated import ROOT
from skafu.ops.security import command
from skafu.ops.security.roles import (
    TEMPLATE,
    Reason,
    Role,
    Statement,
    Unexplained,
    explanation,
    of_account,
    of_environment,
    reasons,
    wildcards,
)
from tests.support.transformed import written


@cache
def roles(environment: str) -> tuple[Role, ...]:
    """Of an environment, and of its account, which what runs on a laptop does not have."""
    own = of_environment(environment)
    return own if environment == "local" else own + of_account(environment)


@cache
def shown() -> dict[str, Role]:
    """As `documented` puts them together."""
    both = [x for x in roles("production") if x.template == TEMPLATE]
    both += [x for x in roles("staging") if x.template != TEMPLATE]
    return {each.name: each for each in both}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_wildcard_of_every_role_has_a_recorded_reason(environment: str) -> None:
    known = reasons()
    for role in roles(environment):
        for statement in role.statements:
            explanation(role, statement, known)  # raises Unexplained, naming what lacks one


def test_every_recorded_reason_is_needed() -> None:
    used = {(x.name, *each) for e in ENVIRONMENTS for x in roles(e) for each in wildcards(x)}
    needed = {(role, resource) for role, _, resource in used}
    for reason in reasons():
        for role in reason.roles:
            for resource in reason.resources:
                assert (role, resource) in needed, reason
                for action in reason.actions or ():
                    assert (role, action, resource) in used, (role, action, reason)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_environment_allows_what_the_page_does_not_show(environment: str) -> None:
    for role in roles(environment):
        as_shown = shown()[role.name]
        assert set(role.statements) <= set(as_shown.statements), role.name
        assert role.trusts == as_shown.trusts, role.name


def test_the_page_is_up_to_date() -> None:
    assert not command.page(shown().values()).is_stale(ROOT), "run python -m skafu.ops security-doc"


def test_the_page_shows_every_role_with_everything_that_it_may_do() -> None:
    page = (ROOT / command.PATH).read_text("utf-8")
    for role in shown().values():
        section = page.partition(f"### {role.name}\n")[2].partition("\n### ")[0]
        for statement in role.statements:
            for each in (*statement.actions, *statement.resources, *statement.conditions):
                assert f"`{each}`" in section, (role.name, each)


def test_every_template_that_makes_roles_is_on_the_page() -> None:
    found = (ROOT / "infrastructure").glob("*.yaml")
    written_down = [each for each in found if each.read_text("utf-8").startswith("AWSTemplate")]
    files = [ROOT / TEMPLATE, *written_down]
    made = {
        str(path.relative_to(ROOT))
        for path in files
        for resource in written(str(path.relative_to(ROOT))).get("Resources", {}).values()
        if resource["Type"].startswith("AWS::IAM::") and "Polic" in str(resource)
    }
    assert made == set(command.TITLES), "add it to security/roles.py, and reasons for its wildcards"


def _role(*statements: Statement) -> Role:
    return Role("template.yaml", "SomeRole", "", (), statements)


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:*", "Bucket.Arn"), ("*", "*"), ("s3:GetObject", "*"), ("s3:GetObject", "${B.Arn}/*")],
)
def test_a_wildcard_without_a_reason_fails_by_name(action: str, resource: str) -> None:
    statement = Statement("", ("s3:ListBucket", action), (resource,), ())
    elsewhere = Reason(frozenset({"OtherRole"}), frozenset({resource}), None, "of another role")
    with pytest.raises(Unexplained, match="SomeRole: "):
        explanation(_role(statement), statement, [*reasons(), elsewhere])


def test_no_reason_excuses_a_wildcard_in_an_action() -> None:
    statement = Statement("", ("s3:*",), ("Bucket/*",), ())
    known = Reason(frozenset({"SomeRole"}), frozenset({"Bucket/*"}), None, "why not")
    with pytest.raises(Unexplained):
        explanation(_role(statement), statement, [known])
    named = replace(statement, actions=("s3:GetObject",))
    assert explanation(_role(named), named, [known]) == ("why not",)


def test_anything_at_all_is_excused_for_named_actions_alone(tmp_path: Path) -> None:
    written = tmp_path / "wildcards.yaml"
    written.write_text('- {roles: [MetricsRole], resources: ["*"], reason: it is easier}\n')
    with pytest.raises(ValueError, match="named one by one"):
        reasons(written)


def test_the_environment_above_is_the_one_that_takes_over() -> None:
    assert {each: above(each) for each in ENVIRONMENTS} == {
        "local": None,
        "development": "staging",
        "staging": "production",
        "production": None,
    }
