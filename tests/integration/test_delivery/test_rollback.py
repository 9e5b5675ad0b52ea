"""Back to an earlier release in one command, and forth again: real deployments, in an account of
their own beside the running system's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.rehearsal.places import DEVELOPMENT
from tests.integration.accounts import Account, artefact_of
from tests.integration.test_delivery.conftest import Delivered
from tests.support.events import sample_event
from tests.support.repositories import commit, write

STACK = DEVELOPMENT.stack
ENVIRONMENT = ("--environment", DEVELOPMENT.environment)
BAD = "9.9.9"


@dataclass(frozen=True)
class Played:
    """An account to which a good release and then a bad one were deployed: their ids, and the bad
    one's artefact.
    """

    account: Account
    good: str
    bad: str
    artefact: Path

    @property
    def version(self) -> str:
        """What the health check says that callers get, by the alias."""
        event = json.dumps(sample_event("workspace.health")).encode()
        answer = self.account.client("lambda").invoke(
            FunctionName=f"{STACK}-workspace:live", Payload=event
        )
        return str(json.loads(json.loads(answer["Payload"].read())["body"])["version"])

    @property
    def release(self) -> str:
        """The current one."""
        found = self.account.client("ssm").get_parameter(Name=f"/skafu/{STACK}/release")
        return str(found["Parameter"]["Value"])

    def aliases(self) -> Mapping[str, str]:
        """Where the aliases are, by function."""
        client = self.account.client("lambda")
        names = [each["FunctionName"] for each in client.list_functions()["Functions"]]
        ours = [name for name in names if name.startswith(f"{STACK}-")]
        return {n: client.get_alias(FunctionName=n, Name="live")["FunctionVersion"] for n in ours}

    def rollback(self, *arguments: str) -> str:
        """What the command prints, which has to succeed."""
        done = self.account.ops("rollback", *ENVIRONMENT, "--yes", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(name="played", scope="module")
def _played(delivered: Delivered) -> Played:
    sources, init = delivered.sources, "backend/skafu/__init__.py"
    text = (sources / init).read_text(encoding="utf-8")
    write(sources, {init: f'{text}\n__version__ = "{BAD}"\n'})
    commit(sources)
    bad = artefact_of(sources, delivered.artefact.parent)
    return Played(delivered.account, delivered.release, delivered.deploy(bad), bad)


def test_a_release_goes_back_and_forth(played: Played, tmp_path: Path) -> None:
    assert (played.version, played.release) == (BAD, played.bad)
    report = tmp_path / "plan.json"
    looked = played.account.ops("rollback", *ENVIRONMENT, "--dry-run", "--report", str(report))
    assert looked.returncode == 0, looked.stderr
    plan = json.loads(report.read_text(encoding="utf-8"))
    assert (plan["passed"], plan["target"]) == (True, played.good)
    assert played.version == BAD

    told = played.rollback("--reason", "it says 9.9.9")
    assert "The service is back after" in told and f"is {played.good} again" in told
    good = played.version
    assert good != BAD
    stack = played.account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"

    refused = played.account.ops("deploy", *ENVIRONMENT, "--artefact", str(played.artefact))
    assert "Nothing is deployed until `resume`" in refused.stderr
    second = played.account.ops("rollback", *ENVIRONMENT, "--yes")
    assert "What runs is a rollback already" in second.stderr

    played.rollback("--to", played.bad)
    assert played.version == BAD


def test_one_function_goes_back_alone_and_a_stack_is_held_until_it_is_resumed(
    played: Played,
) -> None:
    before = played.aliases()
    told = played.rollback("--to", played.good, "--function", "WorkspaceFunction")
    assert "before the next deployment, `rollback --to" in told
    assert played.version != BAD
    after = played.aliases()
    assert {name for name in before if before[name] != after[name]} == {f"{STACK}-workspace"}
    played.rollback("--to", played.release, "--function", "WorkspaceFunction")
    assert played.aliases() == before
    resumed = played.account.ops("resume", *ENVIRONMENT, "--yes")
    assert resumed.returncode == 0, resumed.stderr
    names = [
        each["Name"] for each in played.account.client("ssm").describe_parameters()["Parameters"]
    ]
    assert f"/skafu/{STACK}/held" not in names
