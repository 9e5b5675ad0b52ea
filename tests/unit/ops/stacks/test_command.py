"""Listing, planning and deploying, in an account that lives in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.generated import ROOT
from skafu.ops.stacks.book import PATH
from skafu.ops.stacks.command import Means, main
from tests.support import clouds
from tests.support.buckets import Bucket
from tests.support.clouds import StackRecord

ACCOUNT = "123456789014"
LEAST = {"accounts": ["environment"], "regions": ["home"], "emulated": True}
STACKS = {
    "base": LEAST | {"regions": ["home", "replica"], "parameters": {"Name": {"told": "place"}}},
    "upper": LEAST
    | {
        "needs": ["base"],
        "parameters": {
            "Base": {"output": "base.Id"},
            "Mail": {"operator": "who is told"},
            "Memory": {"environment": "lambda.memory_size"},
            "Reserved": {"environment": "lambda.reserved_concurrency"},
        },
    },
    "safe": LEAST | {"accounts": ["security"]},
}
TEMPLATES: dict[str, Any] = {
    "base": {"Parameters": {"Name": {"Type": "String"}}},
    "upper": {
        "Parameters": {
            "Base": {"Type": "String", "Default": ""},
            "Mail": {"Type": "String", "Description": "Who is told"},
            "Memory": {"Type": "String"},
            "Reserved": {"Type": "String", "Default": "none"},
        }
    },
    "safe": {},
}
TOPIC = {
    "Type": "Resource",
    "ResourceChange": {
        "Action": "Add",
        "LogicalResourceId": "Topic",
        "ResourceType": "AWS::SNS::Topic",
    },
}


class Region(clouds.Stacks):
    """CloudFormation of one region: what is executed is there from then on. `fails`: what becomes
    of a stack instead; `same` are stacks whose change sets would change nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.protected: list[str] = []
        self.executed: list[str] = []
        self.fails: dict[str, str] = {}
        self.same: set[str] = set()
        self.outputs = {"Id": "i-1"}
        self.events: list[dict[str, str]] = []

    def describe_change_set(self, **asked: Any) -> dict[str, Any]:
        """It is made at once."""
        assert asked["ChangeSetName"] in self.change_sets
        if asked["StackName"] in self.same:
            return {
                "Status": "FAILED",
                "StatusReason": "The submitted information didn't contain changes.",
            }
        return {"Status": "CREATE_COMPLETE", "Changes": [TOPIC]}

    def create_change_set(self, **asked: Any) -> None:
        """A stack that waits for its first change set is as one that is not there."""
        waiting = self.named.get(asked["StackName"])
        if waiting is not None and waiting.status == "REVIEW_IN_PROGRESS":
            del self.named[asked["StackName"]]
        super().create_change_set(**asked)

    def execute_change_set(self, **asked: Any) -> None:
        """Done as soon as it is asked for."""
        told = self.change_sets.pop(asked["ChangeSetName"])
        name = asked["StackName"]
        is_new = self.named[name].status == "REVIEW_IN_PROGRESS"
        before = self.named[name].parameters
        given = {
            each["ParameterKey"]: each.get("ParameterValue", before.get(each["ParameterKey"], ""))
            for each in told["Parameters"]
        }
        status = self.fails.get(name, "CREATE_COMPLETE" if is_new else "UPDATE_COMPLETE")
        self.named[name] = StackRecord(dict(self.outputs), given, status=status)
        self.executed.append(name)

    def update_termination_protection(self, **asked: Any) -> None:
        """Nobody deletes it by mistake."""
        assert asked["EnableTerminationProtection"] and asked["StackName"] in self.named
        self.protected.append(asked["StackName"])

    def describe_stack_events(self, **asked: Any) -> dict[str, Any]:
        """Newest first."""
        assert asked["StackName"] in self.named
        return {"StackEvents": self.events}


@dataclass
class World:
    """An account with two regions, and who answers questions."""

    root: Path
    says: bool = True
    account: str = ACCOUNT
    regions: dict[str, Region] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bucket: Bucket = field(default_factory=Bucket)

    def region(self, name: str) -> Region:
        """One of them."""
        return self.regions.setdefault(name, Region())

    def make(self, service: str, **options: Any) -> Any:
        """Clients."""
        if service == "sts":
            return clouds.Caller(account=self.account)
        return self.bucket if service == "s3" else self.region(options["region_name"])

    def answer(self, question: str) -> bool:
        """What people say."""
        self.asked.append(question)
        return self.says

    def run(self, *line: str) -> int:
        """The command."""
        means = Means(self.make, self.answer, lambda _s: None, self.root, self._read)
        return main(line, means)

    def _read(self, path: Path) -> Mapping[str, Any]:
        return dict(TEMPLATES[path.stem])

    @property
    def home(self) -> Region:
        """Production's own."""
        return self.region("us-east-1")

    @property
    def far(self) -> Region:
        """The one that takes over."""
        return self.region("us-west-2")


@pytest.fixture(name="world")
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infrastructure").mkdir()
    (tmp_path / "environments").symlink_to(ROOT / "environments")
    written = {
        "regions": {"home": "us-east-1", "replica": "us-west-2"},
        "stacks": STACKS,
        "application": {"parameters": {"Base": {"output": "base.Id"}}},
    }
    (tmp_path / PATH).write_text(yaml.safe_dump(written, sort_keys=False), "utf-8")
    return World(tmp_path)


PRODUCTION = ("--environment", "production")
MAIL = ("--parameter", "Mail=a@example.com")


def test_everything_is_deployed_in_order_in_each_region_and_protected(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run("deploy", *PRODUCTION, *MAIL) == 0
    assert world.home.executed == ["skafu-base", "skafu-upper"] == world.home.protected
    assert world.far.executed == ["skafu-base"] == world.far.protected
    assert world.home.named["skafu-upper"].parameters == {
        "Base": "i-1",
        "Mail": "a@example.com",
        "Memory": "2048",
        "Reserved": "100",
    }
    assert world.asked == [
        "Deploy base to production, us-east-1?",
        "Deploy base to production, us-west-2?",
        "Deploy upper to production, us-east-1?",
    ]
    assert "New\n      Topic (AWS::SNS::Topic)" in capsys.readouterr().out


def test_stacks_carry_whose_they_are(world: World) -> None:
    world.run("deploy", "base", *PRODUCTION)
    assert world.home.asked[0]["Tags"] == [
        {"Key": "project", "Value": "skafu"},
        {"Key": "environment", "Value": "production"},
        {"Key": "team", "Value": "skafu"},
    ]
    assert json.loads(world.home.asked[0]["TemplateBody"]) == TEMPLATES["base"]


def test_a_no_leaves_everything_as_it_was_and_ends_it(world: World) -> None:
    world.says = False
    assert world.run("deploy", *PRODUCTION, *MAIL) == 1
    assert not world.home.named and not world.far.asked and not world.home.change_sets


def test_the_same_command_goes_on_where_it_was_interrupted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.run("deploy", "base", *PRODUCTION)
    world.home.same.add("skafu-base")
    world.far.same.add("skafu-base")
    assert world.run("deploy", *PRODUCTION, *MAIL, "--yes") == 0
    assert world.home.executed == ["skafu-base", "skafu-upper"]
    assert "base in us-east-1 is there, and nothing would change" in capsys.readouterr().out


def test_what_is_not_told_again_stays_and_what_the_file_no_longer_says_does_not(
    world: World,
) -> None:
    world.run("deploy", *PRODUCTION, *MAIL)
    world.account = "123456789013"
    for region in (world.home, world.far):
        region.asked.clear()
    staging = ("--environment", "staging", "--yes")
    assert world.run("deploy", "upper", *staging) == 0
    assert world.home.asked[0]["Parameters"] == [
        {"ParameterKey": "Base", "ParameterValue": "i-1"},
        {"ParameterKey": "Mail", "UsePreviousValue": True},
        {"ParameterKey": "Memory", "ParameterValue": "1024"},
        {"ParameterKey": "Reserved", "ParameterValue": "none"},
    ]


def test_a_plan_tells_values_and_changes_and_changes_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run("plan", *PRODUCTION, *MAIL) == 0
    told = capsys.readouterr().out
    assert "Name = production" in told and "Mail is given" in told and "a@example.com" not in told
    assert "upper needs base, which is not there in us-east-1" in told
    assert "The application, us-east-1\n    Base is left as it is: there is no skafu-base" in told
    assert not world.home.named and not world.home.executed and not world.home.change_sets


def test_a_list_tells_what_is_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.run("deploy", "base", *PRODUCTION, "--region", "us-east-1")
    capsys.readouterr()
    assert world.run("list", *PRODUCTION) == 0
    assert capsys.readouterr().out.splitlines() == [
        "base           us-east-1   CREATE_COMPLETE",
        "base           us-west-2   not there",
        "upper          us-east-1   not there",
    ]


def test_a_list_without_an_account_asks_nobody(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run("list") == 0
    assert not world.regions
    assert [each.split()[0] for each in capsys.readouterr().out.splitlines()] == [
        "stack",
        "base",
        "upper",
        "safe",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("deploy",), "Which account? --environment NAME, or --in ACCOUNT."),
        (("deploy", "upper", *PRODUCTION, *MAIL), "upper needs base, which is not there"),
        (("deploy", "other", *PRODUCTION), "There is no stack other"),
        (("deploy", "safe", *PRODUCTION), "safe is of no use in production"),
        (("deploy", "base", *PRODUCTION, *MAIL), "has a parameter Mail"),
        (("deploy", "base", *PRODUCTION, "--parameter", "Mail"), "Mail is not NAME=VALUE"),
        (("deploy", *PRODUCTION, "--yes"), "Mail (Who is told)"),
        (("deploy", "--in", "security", "--yes"), "say which account is meant, --account ID"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    world: World, capsys: pytest.CaptureFixture[str], line: tuple[str, ...], told: str
) -> None:
    assert world.run(*line) == 1
    assert told in capsys.readouterr().err
    assert "skafu-upper" not in world.home.executed


@pytest.mark.parametrize("what", ["list", "plan", "deploy"])
def test_another_account_is_refused_unless_it_is_named(
    world: World, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    world.account = "999999999999"
    assert world.run(what, "base", *PRODUCTION) == 1
    assert "environments/production.yaml says 123456789014" in capsys.readouterr().err
    assert world.run(what, "base", *PRODUCTION, "--account", ACCOUNT) == 1
    assert not world.home.asked
    assert world.run(what, "base", *PRODUCTION, "--account", "999999999999") == 0


def test_secrets_come_from_a_file(world: World, tmp_path: Path) -> None:
    (tmp_path / "told.yaml").write_text("Mail: b@example.com\n", "utf-8")
    told = ("--parameters", str(tmp_path / "told.yaml"), "--yes")
    assert world.run("deploy", *PRODUCTION, *told) == 0
    assert world.home.named["skafu-upper"].parameters["Mail"] == "b@example.com"


def test_a_file_that_is_no_list_of_texts_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "told.yaml").write_text("Mail: 5\n", "utf-8")
    assert world.run("deploy", *PRODUCTION, "--parameters", str(tmp_path / "told.yaml")) == 1


def test_what_failed_is_told_by_what_went_wrong_first_this_time(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.home.fails["skafu-base"] = "ROLLBACK_COMPLETE"
    world.home.events = [
        {
            "LogicalResourceId": "B",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": "Resource creation cancelled",
        },
        {
            "LogicalResourceId": "A",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": "no right",
        },
        {"LogicalResourceId": "skafu-base", "ResourceStatus": "CREATE_IN_PROGRESS"},
        {
            "LogicalResourceId": "Old",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": "long ago",
        },
    ]
    assert world.run("deploy", "base", *PRODUCTION) == 1
    told = capsys.readouterr().err
    assert "skafu-base was not deployed (ROLLBACK_COMPLETE): A: no right" in told
    assert not world.home.protected
    assert world.run("deploy", "base", *PRODUCTION) == 1
    assert "its first deployment failed" in capsys.readouterr().err


def test_nothing_is_begun_while_something_goes_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.home.named["skafu-base"] = StackRecord(status="UPDATE_IN_PROGRESS")
    assert world.run("deploy", "base", *PRODUCTION) == 1
    assert "skafu-base is being changed" in capsys.readouterr().err
    assert not world.home.asked


def test_a_template_that_is_too_long_for_a_request_goes_by_way_of_the_bucket(world: World) -> None:
    world.home.named["skafu-foundation"] = StackRecord({"ArtefactBucket": "artefacts"})
    TEMPLATES["base"]["Description"] = "x" * 60_000
    try:
        world.run("deploy", "base", *PRODUCTION, "--region", "us-east-1")
    finally:
        del TEMPLATES["base"]["Description"]
    assert "TemplateBody" not in world.home.asked[0]
    [key] = world.bucket.objects
    assert world.home.asked[0]["TemplateURL"].endswith(f"/artefacts/{key}")
