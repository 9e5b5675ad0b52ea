"""Deploying artefacts, into accounts in memory and with a script in the SAM CLI's place."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.artefact import deploy
from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of, read
from skafu.ops.artefact.zips import pack
from skafu.ops.promotion import tested
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Evidence, Hold, Kind
from skafu.ops.terminal import Operator
from tests.support import clouds
from tests.support.buckets import Exceptions
from tests.support.clocks import NOON, FakeClock
from tests.support.passed_gates import pass_gates
from tests.support.released import account_in
from tests.support.repositories import write
from tests.support.transformed import written

TEMPLATE = """\
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: A.zip}}
  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: L.zip}}
"""
SETTINGS = """\
[%(name)s.global.parameters]
stack_name = "skafu-%(name)s"
region = "eu-west-1"
parameter_overrides = "Environment=%(name)s"
[%(name)s.deploy.parameters]
capabilities = "CAPABILITY_IAM"
confirm_changeset = %(confirm)s
tags = "project=skafu environment=%(name)s"
"""
CONSOLE = {
    "ConsoleUrl": "https://console.example.com",
    "ConsoleBucket": "console",
    "ConsoleDistributionId": "E1",
    "UserPoolId": "eu-west-1_a",
    "UserPoolClientId": "client",
    "SelfSignUp": "off",
    "PasswordLength": "8",
    "PasswordSymbols": "off",
}
ALWAYS = """\
production:
  time_zone: UTC
  windows: [{days: [mon, tue, wed, thu, fri, sat, sun], opens: "00:00", closes: "24:00"}]
"""
FIRST = DataFormat(writes=1, reads=(1,))
CONFIRMED = {"local": "false", "development": "true", "staging": "true", "production": "true"}


@dataclass
class Cloud(clouds.Cloud):
    """An account, and the SAM CLI in it: `code` is its exit code, `said` what people say, `while_`
    what happens before they do.
    """

    code: int = 0
    said: bool = True
    has_console: bool = True
    asked: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    templates: list[Any] = field(default_factory=list)
    parameters: list[dict[str, str]] = field(default_factory=list)
    variables: Mapping[str, str] = field(default_factory=dict)
    forgotten: list[Any] = field(default_factory=list)
    region: str = "eu-west-1"
    while_: Callable[[], None] = lambda: None
    clock: FakeClock = field(default_factory=FakeClock)

    def make(self, service: str, **options: Any) -> Any:
        if options["region_name"] != self.region:
            # There are no stacks in other regions, which is looked for and nothing else.
            assert service == "cloudformation"
            return clouds.Stacks()
        return self if service == "cloudfront" else super().make(service)

    def create_invalidation(self, **asked: Any) -> None:
        self.forgotten.append(asked["DistributionId"])

    def program(self, line: Sequence[str], variables: Mapping[str, str]) -> int:
        self.lines.append(list(line))
        template = yaml.safe_load(Path(after(line, "--template-file")).read_text("utf-8"))
        told = Path(after(line, "--parameter-overrides").removeprefix("file://"))
        self.templates.append(template)
        self.parameters.append(yaml.safe_load(told.read_text("utf-8")))
        self.variables = variables
        if not self.code and "--no-execute-changeset" not in line:
            self.deployed(after(line, "--stack-name"), template)
        return self.code

    def deployed(self, stack: str, template: Any) -> None:
        """What CloudFormation does."""
        self.run(stack, {"A": template["Resources"]["A"]["Properties"]["CodeUri"]})
        self.stacks.named[stack].outputs = CONSOLE if self.has_console else {}

    def answer(self, question: str) -> bool:
        self.asked.append(question)
        self.while_()
        return self.said

    def deploy(self, artefact: Path, environment: str, *more: str) -> int:
        self.clock.advance(60_000)
        options = ["--artefact", str(artefact), "--environment", environment, *more]
        operator = Operator(self.program, self.answer)
        return deploy.main(options, self.make, operator, self.clock)

    def tested(self, artefact: Path, environment: str) -> int:
        options = ["--artefact", str(artefact), "--environment", environment]
        return tested.main(options, self.make)

    def journal(self, environment: str) -> Journal:
        """Of the environment's stack."""
        return account_in(self).journal(f"skafu-{environment}")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    # Whatever embedded AWS this checkout runs is another one.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return Cloud()


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    write(tmp_path / "dist", {"index.html": '<script src="/assets/a.js">', "assets/a.js": "1"})
    return made(tmp_path)


def made(place: Path, name: str = "a", formats: DataFormat = FIRST) -> Path:
    """An artefact whose one function is called so."""
    folder = place / f"artefact-{name}"
    settings = "".join(SETTINGS % {"name": n, "confirm": c} for n, c in CONFIRMED.items())
    parts = {"A.zip": f"function {name}", "L.zip": "layer", "sbom.json": "{}"}
    write(folder, parts | {"template.yaml": TEMPLATE, "samconfig.toml": settings})
    pack(place / "dist", folder / "console.zip")
    Manifest(
        format=2,
        identity=name * 64,
        architecture="arm64",
        commit="c" * 40,
        dirty=False,
        tools={},
        data_format=formats,
        parts=parts_of(folder),
    ).write(folder)
    return folder


def after(line: Sequence[str], option: str) -> str:
    return line[line.index(option) + 1]


def test_parts_are_uploaded_by_content_and_the_template_finds_them(
    cloud: Cloud, artefact: Path
) -> None:
    assert cloud.deploy(artefact, "local") == 0
    parts = read(artefact).parts
    for name, part in parts.items():
        assert cloud.bucket.objects[f"parts/{part.sha256}"] == (artefact / name).read_bytes()
    [template] = cloud.templates
    code = f"s3://artefacts/parts/{parts['A.zip'].sha256}"
    layer = f"s3://artefacts/parts/{parts['L.zip'].sha256}"
    assert template["Resources"]["A"]["Properties"] == {"CodeUri": code}
    assert template["Resources"]["L"]["Properties"] == {"ContentUri": layer}


def test_what_is_there_is_not_uploaded_again(cloud: Cloud, artefact: Path) -> None:
    cloud.deploy(artefact, "local")
    cloud.bucket.written.clear()
    cloud.deploy(artefact, "local")
    assert not [key for key in cloud.bucket.written if key.startswith("parts/")]


def test_what_cannot_be_looked_for_is_no_reason_to_upload(cloud: Cloud, artefact: Path) -> None:
    cloud.bucket.failure = 403
    with pytest.raises(Exceptions.ClientError):
        cloud.deploy(artefact, "local")
    assert not cloud.bucket.written


def test_the_environments_own_settings_are_used(cloud: Cloud, artefact: Path) -> None:
    assert cloud.deploy(artefact, "local", "--parameter", "ApiBaseUrl=http://x") == 0
    [line] = cloud.lines
    assert (after(line, "--stack-name"), after(line, "--region")) == ("skafu-local", "eu-west-1")
    assert after(line, "--capabilities") == "CAPABILITY_IAM"
    assert line[line.index("--tags") + 1 :][:2] == ["project=skafu", "environment=local"]
    assert cloud.parameters == [
        {
            "Environment": '"local"',
            "Architecture": '"arm64"',
            "ApiBaseUrl": '"http://x"',
            "Strategy": '""',
            "AliasesMovedBy": '"CodeDeploy"',
        }
    ]
    assert cloud.variables["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_an_artefact_is_as_good_as_its_bundle(cloud: Cloud, artefact: Path) -> None:
    bundle = shutil.make_archive(str(artefact), "zip", artefact)
    assert cloud.deploy(Path(bundle), "local") == 0


def test_something_else_is_no_artefact(
    cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "note").write_text("hello")
    assert cloud.deploy(tmp_path / "note", "local") == 1
    assert "is not an artefact" in capsys.readouterr().err


def test_a_damaged_artefact_is_refused_before_anything_is_uploaded(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (artefact / "A.zip").write_text("Function")
    assert cloud.deploy(artefact, "local") == 1
    assert "A.zip has another content" in capsys.readouterr().err
    assert not cloud.bucket.written and not cloud.lines


def test_an_artefact_goes_up_step_by_step(cloud: Cloud, artefact: Path, tmp_path: Path) -> None:
    assert cloud.deploy(artefact, "staging") == 1
    assert cloud.tested(artefact, "development") == 1
    assert cloud.deploy(artefact, "development") == 0
    assert cloud.tested(artefact, "development") == 1
    pass_gates(cloud.bucket, "artefacts", "development", "a" * 64)
    assert cloud.deploy(artefact, "staging") == 1
    assert cloud.tested(artefact, "development") == 0
    assert cloud.deploy(artefact, "production") == 1
    assert cloud.deploy(artefact, "staging") == 0
    pass_gates(cloud.bucket, "artefacts", "staging", "a" * 64)
    assert cloud.tested(artefact, "staging") == 0
    always = tmp_path / "windows.yaml"
    always.write_text(ALWAYS, encoding="utf-8")
    assert cloud.deploy(artefact, "production", "--change-windows", str(always)) == 0


def test_people_see_the_changes_before_they_are_made(cloud: Cloud, artefact: Path) -> None:
    assert cloud.deploy(artefact, "development") == 0
    shown, done = cloud.lines
    assert shown == [*done, "--no-execute-changeset"]
    assert cloud.asked == ["Deploy this to development?"]


def test_a_no_deploys_nothing(cloud: Cloud, artefact: Path) -> None:
    cloud.said = False
    assert cloud.deploy(artefact, "development") == 1
    assert len(cloud.lines) == 1
    assert cloud.tested(artefact, "development") == 1


def test_pipelines_are_not_asked(cloud: Cloud, artefact: Path) -> None:
    assert cloud.deploy(artefact, "development", "--no-confirm-changeset") == 0
    assert len(cloud.lines) == 1 and not cloud.asked


def test_a_deployment_that_fails_is_not_remembered(cloud: Cloud, artefact: Path) -> None:
    cloud.code = 3
    assert cloud.deploy(artefact, "local") == 3
    assert "deployed/local.json" not in cloud.bucket.objects


def test_its_console_is_published_once_the_stack_is_there(cloud: Cloud, artefact: Path) -> None:
    assert cloud.deploy(artefact, "local") == 0
    served = {key: body for key, body in cloud.bucket.objects.items() if key.startswith("site/")}
    assert served.keys() == {"site/assets/a.js", "site/index.html", "site/config.json"}
    assert json.loads(served["site/config.json"])["user_pool_id"] == "eu-west-1_a"
    assert cloud.forgotten == ["E1"]


def test_a_deployment_that_fails_publishes_nothing(cloud: Cloud, artefact: Path) -> None:
    cloud.code = 3
    cloud.deploy(artefact, "local")
    assert not [key for key in cloud.bucket.objects if key.startswith("site/")]


def test_a_console_that_cannot_be_published_is_told_and_nothing_remembered(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.has_console = False
    assert cloud.deploy(artefact, "local") == 1
    assert "has no output ConsoleUrl" in capsys.readouterr().err
    assert "deployed/local.json" not in cloud.bucket.objects


def test_an_account_without_a_bucket_is_told_what_it_lacks(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del cloud.stacks.named["skafu-foundation"]
    assert cloud.deploy(artefact, "local") == 1
    assert "deploy infrastructure/foundation.yaml as skafu-foundation" in capsys.readouterr().err


def test_a_deployment_makes_a_release_that_can_be_had_again(cloud: Cloud, artefact: Path) -> None:
    assert cloud.deploy(artefact, "local") == 0
    journal = cloud.journal("local")
    release = journal.current()
    assert release is not None
    assert (release.kind, release.previous, release.by) == (Kind.DEPLOY, None, clouds.CALLER)
    assert release.functions["A"].version == "1"
    assert release.console == read(artefact).parts["console.zip"].sha256
    assert yaml.safe_load(journal.template(release)) == cloud.templates[0]


def test_each_deployment_is_a_release_also_one_that_changes_nothing(
    cloud: Cloud, artefact: Path
) -> None:
    cloud.deploy(artefact, "local")
    first = cloud.journal("local").current()
    cloud.deploy(artefact, "local")
    second = cloud.journal("local").current()
    assert first is not None and second is not None
    assert second.previous == first.id != second.id
    assert second.functions == first.functions


def test_a_release_tells_the_evidence_that_let_it_in(cloud: Cloud, artefact: Path) -> None:
    cloud.deploy(artefact, "development")
    pass_gates(cloud.bucket, "artefacts", "development", "a" * 64)
    cloud.tested(artefact, "development")
    assert cloud.deploy(artefact, "staging") == 0
    release = cloud.journal("staging").current()
    assert release is not None and release.evidence
    assert all(isinstance(each, Evidence) for each in release.evidence)


def test_a_deployment_that_fails_leaves_the_release_before_it(cloud: Cloud, tmp_path: Path) -> None:
    write(tmp_path / "dist", {"index.html": ""})
    cloud.deploy(made(tmp_path), "local")
    before = cloud.journal("local").current()
    cloud.code = 3
    assert cloud.deploy(made(tmp_path, "b"), "local") == 3
    assert cloud.journal("local").current() == before


def test_a_stack_that_is_held_takes_nothing_until_it_is_released(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hold(cloud)
    assert cloud.deploy(artefact, "local") == 1
    assert (
        f"skafu-local is held since 2023-11-15 12:00:00 UTC by {clouds.CALLER} (it answers 500). "
        "Nothing is deployed until `resume`." in capsys.readouterr().err
    )
    assert not cloud.lines and not cloud.bucket.written
    cloud.journal("local").lift()
    assert cloud.deploy(artefact, "local") == 0


def hold(cloud: Cloud, environment: str = "local") -> None:
    said = {"at": NOON, "by": clouds.CALLER, "reason": "it answers 500."}
    cloud.journal(environment).hold(
        Hold.model_validate({"release": "20231115T120000Z-aaaaaaaa", **said})
    )


def test_a_yes_that_comes_after_a_rollback_is_too_late(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.while_ = lambda: hold(cloud, "development")
    assert cloud.deploy(artefact, "development") == 1
    assert "skafu-development is held" in capsys.readouterr().err
    assert len(cloud.lines) == 1


def test_the_same_artefact_goes_to_another_region_when_it_is_asked_to(
    cloud: Cloud, artefact: Path
) -> None:
    cloud.region = "eu-central-1"
    assert cloud.deploy(artefact, "local", "--region", "eu-central-1") == 0
    [line] = cloud.lines
    assert after(line, "--region") == "eu-central-1"


def test_the_role_that_cloudformation_works_as_is_handed_on(cloud: Cloud, artefact: Path) -> None:
    role = "arn:aws:iam::123456789012:role/cloudformation"
    cloud.deploy(artefact, "local", "--role-arn", role)
    assert after(cloud.lines[0], "--role-arn") == role


def test_a_parameter_without_a_value_is_refused(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cloud.deploy(artefact, "local", "--parameter", "Strategy") == 1
    assert "Strategy is not NAME=VALUE" in capsys.readouterr().err


def test_what_died_before_it_was_recorded_is_noticed_by_the_next_deployment(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.deploy(artefact, "local")
    cloud.run("skafu-local", {"A": "deployed and not recorded"})
    assert cloud.deploy(artefact, "local") == 0
    told = capsys.readouterr().err
    assert "differs from the recorded release: A runs version 2, recorded is 1." in told


def test_what_does_not_read_what_was_written_is_refused(
    cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "dist", {"index.html": ""})
    assert cloud.deploy(made(tmp_path), "local") == 0
    contracted = made(tmp_path, "b", DataFormat(writes=2, reads=(2,)))
    assert cloud.deploy(contracted, "local") == 1
    assert "does not read data format 1" in capsys.readouterr().err
    assert len(cloud.lines) == 1


def test_old_versions_go_after_a_deployment(cloud: Cloud, tmp_path: Path) -> None:
    write(tmp_path / "dist", {"index.html": ""})
    for each in range(12):
        assert cloud.deploy(made(tmp_path, f"{each:x}"), "local") == 0
    versions = cloud.functions.named["skafu-local-a"].versions
    assert list(versions) == [str(number) for number in range(3, 13)]


def test_versions_that_cannot_be_removed_are_told_and_the_deployment_is_good(
    cloud: Cloud, artefact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_asked: object) -> None:
        raise clouds.failure("AccessDeniedException", "not allowed", "ListVersionsByFunction")

    cloud.functions.get_paginator = refuse  # type: ignore[method-assign, assignment]  # denied
    assert cloud.deploy(artefact, "local") == 0
    assert "Old versions were not removed" in capsys.readouterr().err
    assert cloud.journal("local").current() is not None


def test_no_update_may_replace_or_delete_what_holds_data(cloud: Cloud, artefact: Path) -> None:
    assert cloud.deploy(artefact, "local") == 0
    policy = json.loads(cloud.stacks.policies["skafu-local"])
    allow, deny = policy["Statement"]
    assert (allow["Effect"], allow["Action"]) == ("Allow", "Update:*")
    assert deny["Action"] == ["Update:Replace", "Update:Delete"]
    denied = deny["Condition"]["StringEquals"]["ResourceType"]
    retained = {
        each["Type"]
        for each in written()["Resources"].values()
        if each.get("UpdateReplacePolicy") == "Retain"
    }
    assert {"AWS::DynamoDB::GlobalTable", "AWS::Cognito::UserPool", "AWS::KMS::Key"} <= retained
    # Of logs and policies nobody's data is lost.
    assert retained - {"AWS::S3::BucketPolicy", "AWS::Logs::LogGroup"} <= set(denied)


def test_a_release_is_kept_with_the_policy_that_it_was_deployed_under(
    cloud: Cloud, artefact: Path
) -> None:
    cloud.deploy(artefact, "local")
    current = cloud.journal("local").current()
    assert current is not None
    kept = cloud.bucket.objects[f"releases/skafu-local/{current.id}.policy"]
    assert kept.decode() == cloud.stacks.policies["skafu-local"]
    assert cloud.journal("local").ids() == [current.id]
