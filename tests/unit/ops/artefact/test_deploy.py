"""Deploying artefacts, into accounts in memory and with a script in the SAM CLI's place."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from skafu.ops.artefact import deploy
from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of, read
from skafu.ops.artefact.zips import pack
from skafu.ops.promotion import tested
from tests.support.buckets import Bucket, Exceptions
from tests.support.passed_gates import pass_gates
from tests.support.repositories import write

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
CONFIRMED = {"local": "false", "development": "true", "staging": "true", "production": "true"}


@dataclass
class Cloud:
    """An account, and the programs that run; `code` is their exit code, `said` what people say."""

    bucket: Bucket = field(default_factory=Bucket)
    code: int = 0
    said: bool = True
    has_bucket: bool = True
    has_console: bool = True
    asked: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    templates: list[Any] = field(default_factory=list)
    variables: Mapping[str, str] = field(default_factory=dict)
    forgotten: list[Any] = field(default_factory=list)
    exceptions = Exceptions

    def make(self, service: str, **options: Any) -> Any:
        assert options["region_name"] == "eu-west-1"
        return {"s3": self.bucket, "cloudformation": self, "cloudfront": self, "sts": self}[service]

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        found = {"ArtefactBucket": "artefacts"} if self.has_bucket else {}
        if asked["StackName"] != "skafu-foundation":
            found = CONSOLE if self.has_console else {}
        told = [{"OutputKey": name, "OutputValue": value} for name, value in found.items()]
        return {"Stacks": [{"Outputs": told}]}

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": "arn:aws:iam::123456789014:user/ana"}

    def create_invalidation(self, **asked: Any) -> None:
        self.forgotten.append(asked["DistributionId"])

    def program(self, line: Sequence[str], variables: Mapping[str, str]) -> int:
        self.lines.append(list(line))
        template = Path(line[line.index("--template-file") + 1])
        self.templates.append(yaml.safe_load(template.read_text(encoding="utf-8")))
        self.variables = variables
        return self.code

    def answer(self, question: str) -> bool:
        self.asked.append(question)
        return self.said

    def deploy(self, artefact: Path, environment: str, *more: str) -> int:
        options = ["--artefact", str(artefact), "--environment", environment, *more]
        return deploy.main(options, self.make, deploy.Operator(self.program, self.answer))

    def tested(self, artefact: Path, environment: str) -> int:
        options = ["--artefact", str(artefact), "--environment", environment]
        return tested.main(options, self.make)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    # Whatever embedded AWS this checkout runs is another one.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return Cloud()


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    folder = tmp_path / "artefact"
    settings = "".join(SETTINGS % {"name": n, "confirm": c} for n, c in CONFIRMED.items())
    parts = {"A.zip": "function", "L.zip": "layer", "sbom.json": "{}"}
    write(folder, parts | {"template.yaml": TEMPLATE, "samconfig.toml": settings})
    write(tmp_path / "dist", {"index.html": '<script src="/assets/a.js">', "assets/a.js": "1"})
    pack(tmp_path / "dist", folder / "console.zip")
    Manifest(
        format=2,
        identity="a" * 64,
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
    assert line[line.index("--parameter-overrides") + 1 :] == [
        "Environment=local",
        "Architecture=arm64",
        "ApiBaseUrl=http://x",
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
    cloud.has_bucket = False
    assert cloud.deploy(artefact, "local") == 1
    assert "deploy infrastructure/foundation.yaml as skafu-foundation" in capsys.readouterr().err


def test_a_program_is_run_with_its_variables() -> None:
    assert deploy.run(["/bin/sh", "-c", "exit $CODE"], {"CODE": "7"}) == 7


@pytest.mark.parametrize(("said", "means"), [("y", True), ("Yes", True), ("", False), ("n", False)])
def test_only_yes_means_yes(monkeypatch: pytest.MonkeyPatch, said: str, means: bool) -> None:
    monkeypatch.setattr("builtins.input", lambda _: said)
    assert deploy.ask("Deploy?") is means
