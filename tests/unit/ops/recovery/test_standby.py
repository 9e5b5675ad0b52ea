"""The region that stands by runs what the home region runs: in two regions that live in memory,
with a script in the SAM CLI's place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.artefact import frontend
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of, read
from skafu.ops.artefact.upload import upload
from skafu.ops.artefact.zips import pack
from skafu.ops.recovery.failover import main
from skafu.ops.recovery.regions import ACTIVE, HOME
from skafu.ops.recovery.switching import NAME, STREAM
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Evidence, Hold, Kind, Release
from skafu.ops.release.recording import Deployed, record
from skafu.ops.terminal import Operator
from tests.support import clouds
from tests.support.clocks import FakeClock
from tests.support.repositories import write

EAST, WEST, STACK, TABLE = "us-east-1", "us-west-2", "skafu-prod", "skafu-production"
POOL = f"arn:aws:cognito-idp:{EAST}:{clouds.ACCOUNT}:userpool/us-east-1_a"
LABEL = "2026-11-23T00:00:00.000"
TEMPLATE = """\
Parameters: {HomeRegion: {Type: String}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}
"""
SETTINGS = """\
[production.global.parameters]
stack_name = "skafu-prod"
region = "us-east-1"
parameter_overrides = "Environment=production"
[production.deploy.parameters]
capabilities = "CAPABILITY_IAM"
confirm_changeset = true
tags = "project=skafu"
"""
OUTPUTS = {
    "ConsoleUrl": "https://console.example.com",
    "ConsoleBucket": "console",
    "ConsoleDistributionId": "E1",
    "TableName": TABLE,
    "UserPoolId": "us-east-1_a",
    "UserPoolClientId": "client",
    "SelfSignUp": "off",
    "PasswordLength": "8",
    "PasswordSymbols": "off",
}
KNOWN = {NAME: "", STREAM: "", ACTIVE: "", HOME: EAST}
PASSED = Evidence(gate="load", at=1, by="ci", summary="100 requests a second")


class Region(clouds.Cloud):
    """A region of the account, with the table's copy and a user pool."""

    has_replica = True

    def make(self, service: str, **options: Any) -> Any:
        mine = service in ("cloudfront", "dynamodb", "cognito-idp")
        return self if mine else super().make(service, **options)

    def create_invalidation(self, **_: Any) -> None:
        """The console is told to be fetched anew."""

    def describe_table(self, **asked: Any) -> dict[str, Any]:
        """The copy of the table."""
        if not self.has_replica:
            raise clouds.failure("ResourceNotFoundException", "none", "DescribeTable")
        assert asked["TableName"] == TABLE
        arn = f"arn:aws:dynamodb:{WEST}:{clouds.ACCOUNT}:table/{TABLE}/stream/{LABEL}"
        return {"Table": {"TableStatus": "ACTIVE", "LatestStreamArn": arn}}

    def describe_user_pool(self, **asked: Any) -> dict[str, Any]:
        """The pool."""
        return {"UserPool": {"Arn": POOL.rpartition("/")[0] + "/" + asked["UserPoolId"]}}


class Formation(clouds.Stacks):
    """CloudFormation, which knows which table a stack has made."""

    def describe_stack_resource(self, **_: Any) -> dict[str, Any]:
        return {"StackResourceDetail": {"PhysicalResourceId": TABLE}}


def region() -> Region:
    found = Region(stacks=Formation())
    found.stacks.named["skafu-foundation"] = clouds.StackRecord({"ArtefactBucket": "artefacts"})
    return found


@dataclass
class World:
    """Both regions, and an operator: `said` is what they answer, `code` the SAM CLI's."""

    place: Path
    regions: dict[str, Region] = field(default_factory=lambda: {EAST: region(), WEST: region()})
    lines: list[list[str]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    said: bool = True
    code: int = 0
    clock: FakeClock = field(default_factory=FakeClock)

    def make(self, service: str, **where: Any) -> Any:
        """A client."""
        return self.regions[where["region_name"]].make(service)

    def journal(self, name: str) -> Journal:
        """Of a region's stack."""
        return Account(self.make, {"region_name": name}).journal(STACK)

    def at_home(self, name: str, kind: Kind = Kind.DEPLOY, code: str = "") -> Path:
        """Have the home region run an artefact of this code; its folder."""
        self.clock.advance(60_000)
        folder = made(self.place, name, code=code)
        home, account = self.regions[EAST], Account(self.make, {"region_name": EAST})
        manifest = read(folder)
        template = upload(folder, manifest, home.bucket, "artefacts")
        home.run(STACK, {"A": manifest.parts["A.zip"].sha256})
        stack = home.stacks.named[STACK]
        stack.outputs, stack.parameters = OUTPUTS, dict(KNOWN)
        deployed = Deployed.of(manifest, "production", STACK, template, self.clock())
        record(account, self.journal(EAST), deployed, kind, evidence=(PASSED,))
        return folder

    def program(self, line: Sequence[str], _: Mapping[str, str]) -> int:
        """What `sam deploy` does, in the region that it is told."""
        self.lines.append(list(line))
        if self.code or "--no-execute-changeset" in line:
            return self.code
        template = yaml.safe_load(Path(after(line, "--template-file")).read_text("utf-8"))
        told = Path(after(line, "--parameter-overrides").removeprefix("file://"))
        given = {k: v.strip('"') for k, v in yaml.safe_load(told.read_text("utf-8")).items()}
        self.told.append(given)
        there = self.regions[after(line, "--region")]
        code = template["Resources"]["A"]["Properties"]["CodeUri"].rpartition("/")[2]
        there.run(after(line, "--stack-name"), {"A": code})
        stack = there.stacks.named[STACK]
        known = {name: given[name] for name in (*KNOWN, "PartnerUserPoolArn") if name in given}
        stack.outputs, stack.parameters = OUTPUTS, {**KNOWN, **stack.parameters, **known}
        return 0

    def answer(self, question: str) -> bool:
        """What somebody says."""
        self.asked.append(question)
        return self.said

    def standby(self, *more: str, environment: str = "production") -> int:
        """The command."""
        self.clock.advance(60_000)
        operator = Operator(self.program, self.answer)
        into = ("--into", str(self.place / "fetched"))
        line = ["standby", "--environment", environment, *into, *more]
        return main(line, self.make, operator, clock=self.clock, wait=lambda _: None)

    def away(self) -> Release:
        """What the other region runs."""
        found = self.journal(WEST).current()
        assert found is not None
        return found


def made(place: Path, name: str, content: str = "function", code: str = "") -> Path:
    folder = place / f"{name}-{content}"
    write(place / "dist", {"index.html": "", "assets/a.js": "1"})
    parts = {"A.zip": code or f"{content} {name}", "sbom.json": "{}"}
    write(folder, parts | {"template.yaml": TEMPLATE, "samconfig.toml": SETTINGS})
    pack(place / "dist", folder / frontend.NAME)
    Manifest(
        format=2,
        identity=name * 64,
        architecture="arm64",
        commit="c" * 40,
        dirty=False,
        tools={},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts=parts_of(folder),
    ).write(folder)
    return folder


def after(line: Sequence[str], option: str) -> str:
    return line[line.index(option) + 1]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    # Whatever embedded AWS this checkout runs is another one.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return World(tmp_path)


def test_the_other_region_gets_what_home_runs_with_its_table_and_pool(world: World) -> None:
    world.at_home("a")
    assert world.standby("--yes", "--role-arn", "arn:role") == 0
    [line], [told] = world.lines, world.told
    assert (after(line, "--region"), after(line, "--role-arn")) == (WEST, "arn:role")
    assert told[HOME] == EAST and told[NAME] == TABLE and told[STREAM] == LABEL
    assert told["PartnerUserPoolArn"] == POOL
    assert ACTIVE not in told


def test_it_is_a_release_there_with_the_evidence_that_let_it_in_at_home(world: World) -> None:
    folder = world.at_home("a")
    world.standby("--yes")
    away, home = world.away(), world.journal(EAST).current()
    assert home is not None and away.region == WEST and away.id != home.id
    assert away.artefact.is_of(read(folder)) and away.evidence == home.evidence == (PASSED,)
    parts = read(folder).parts.values()
    there = world.regions[WEST].bucket.objects
    assert all(f"parts/{part.sha256}" in there for part in parts)


def test_a_second_time_there_is_nothing_to_do(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.at_home("a")
    world.standby("--yes")
    first = world.away()
    assert world.standby("--yes") == 0
    assert "us-west-2 is in step" in capsys.readouterr().out
    assert len(world.lines) == 1 and world.away() == first


def test_a_rollback_at_home_is_followed_too_while_home_is_held(world: World) -> None:
    world.at_home("a")
    world.standby("--yes")
    world.at_home("b")
    world.standby("--yes")
    world.at_home("a", Kind.ROLLBACK)
    hold = Hold(release=world.away().id, at=1, by="ana", reason="why")
    world.journal(EAST).hold(hold)
    assert world.standby("--yes") == 0
    assert world.away().artefact.identity == "a" * 64


def test_another_artefact_of_the_same_functions_is_followed_too(world: World) -> None:
    world.at_home("a", code="same")
    world.standby("--yes")
    world.at_home("b", code="same")
    assert world.standby("--yes") == 0
    assert world.away().artefact.identity == "b" * 64


def test_what_is_held_there_stays(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.at_home("a")
    world.standby("--yes")
    world.at_home("b")
    hold = Hold(release=world.away().id, at=1, by="ana", reason="why")
    world.journal(WEST).hold(hold)
    assert world.standby("--yes") == 1
    assert "Nothing is deployed until `resume`" in capsys.readouterr().err
    assert world.away().artefact.identity == "a" * 64


@pytest.mark.parametrize(("name", "content"), [("b", "function"), ("a", "rebuilt")])
def test_an_artefact_that_home_does_not_run_is_refused(
    world: World, capsys: pytest.CaptureFixture[str], name: str, content: str
) -> None:
    world.at_home("a")
    other = made(world.place, name, content)
    assert world.standby("--yes", "--artefact", str(other)) == 1
    assert "is another one" in capsys.readouterr().err
    assert not world.lines


def test_the_artefact_that_home_runs_is_taken_from_a_folder_as_well(world: World) -> None:
    folder = world.at_home("a")
    del world.regions[EAST].bucket.objects[f"artefacts/{'a' * 64}/manifest.json"]
    assert world.standby("--yes") == 1
    assert world.standby("--yes", "--artefact", str(folder)) == 0


def spoil(world: World, how: Callable[[Region, World], None]) -> None:
    world.at_home("a")
    world.standby("--yes")
    how(world.regions[WEST], world)


def _another_stream(there: Region, _: World) -> None:
    there.stacks.named[STACK].parameters[STREAM] = "of a table that is gone"


def _another_alias(there: Region, _: World) -> None:
    there.functions.named[f"{STACK}-a"].publish("other")


def _never_recorded(there: Region, _: World) -> None:
    del there.ssm.values[f"/skafu/{STACK}/release"]


@pytest.mark.parametrize("how", [_another_stream, _another_alias, _never_recorded])
def test_whatever_differs_is_behind(world: World, how: Callable[[Region, World], None]) -> None:
    spoil(world, how)
    assert world.standby("--dry-run") == 1
    assert len(world.lines) == 1


def test_what_a_deployment_does_not_mend_is_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.at_home("a")
    world.regions[EAST].functions.named[f"{STACK}-a"].publish("by hand")
    assert world.standby("--yes") == 1
    assert "us-west-2 still runs other code: other code of A" in capsys.readouterr().err


def test_a_dry_run_deploys_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.at_home("a")
    assert world.standby("--dry-run") == 1
    assert "there is no stack yet" in capsys.readouterr().out
    assert not world.lines and world.journal(WEST).current() is None


def test_people_are_asked_and_a_no_deploys_nothing(world: World) -> None:
    world.at_home("a")
    world.said = False
    assert world.standby() == 1
    assert world.asked and world.journal(WEST).current() is None


def test_a_deployment_that_fails_there_is_the_commands_failure(world: World) -> None:
    world.at_home("a")
    world.code = 3
    assert world.standby("--yes") == 3
    assert world.journal(WEST).current() is None


@pytest.mark.parametrize("busy", [EAST, WEST])
def test_nothing_is_deployed_while_either_stack_changes(world: World, busy: str) -> None:
    world.at_home("a")
    world.standby("--yes")
    world.regions[busy].stacks.named[STACK].status = "UPDATE_IN_PROGRESS"
    assert world.standby("--yes") == 1
    assert len(world.lines) == 1


def test_where_nobody_calls_nothing_is_shifted_by_shares(world: World) -> None:
    world.at_home("a")
    world.standby("--yes")
    world.at_home("b")
    world.regions[WEST].stacks.named[STACK].parameters[ACTIVE] = WEST
    world.standby("--yes")
    assert [told["Strategy"] for told in world.told] == ["all-at-once", ""]


def test_it_is_not_deployed_before_there_is_a_replica(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.at_home("a")
    world.regions[WEST].has_replica = False
    assert world.standby("--yes") == 1
    assert "make the replica first" in capsys.readouterr().err


def test_home_follows_nobody(world: World) -> None:
    world.at_home("a")
    assert world.standby("--yes", "--back") == 1
    assert not world.lines


def test_where_no_release_is_recorded_at_home_there_is_none_to_follow(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.standby("--yes") == 1
    world.at_home("a")
    del world.regions[EAST].ssm.values[f"/skafu/{STACK}/release"]
    assert world.standby("--yes") == 1
    told = capsys.readouterr().err
    assert "There is no stack" in told and "No release" in told


def test_an_environment_with_one_region_has_nothing_to_do(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.standby("--yes", environment="staging") == 0
    assert "staging has one region" in capsys.readouterr().out


def test_parameters_are_those_that_a_deployment_there_needs(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.at_home("a")
    line = ["parameters", "--environment", "production"]
    assert main(line, world.make, clock=world.clock) == 0
    told = capsys.readouterr().out.replace("--parameter ", "").split()
    assert dict(each.split("=") for each in told) == {
        HOME: EAST,
        NAME: TABLE,
        STREAM: LABEL,
        "PartnerUserPoolArn": POOL,
    }


def test_other_commands_refuse_an_environment_with_one_region(world: World) -> None:
    for what in ("parameters", "prepare"):
        assert main([what, "--environment", "staging"], world.make, clock=world.clock) == 1


def test_nobody_is_prepared_for_a_stack_that_is_not_there(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.at_home("a")
    assert main(["prepare", "--environment", "production"], world.make, clock=world.clock) == 1
    assert f"{WEST}: " in capsys.readouterr().err
