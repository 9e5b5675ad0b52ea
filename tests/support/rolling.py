"""A stack with two releases in an account that lives in memory, and programs that deploy to it and
exercise it: what a rollback is tried on.

`sam deploy` does to the stack what CloudFormation would: it publishes a version of each function
whose code is another than in the template before, and moves the alias there.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import DataFormat, Manifest, Part
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Kind, Release
from skafu.ops.release.recording import Deployed, record
from skafu.ops.rollback import command
from skafu.ops.terminal import Operator
from tests.support.breaking import Breaker
from tests.support.clocks import FakeClock
from tests.support.clouds import Cloud, Function, Functions, StackRecord, Stacks, failure
from tests.support.released import manifest

STACK = "skafu-prod"
REGION = "us-east-1"
CHANGING = ("put", "update", "delete", "stop", "cancel", "create")
CONSOLE_OUTPUTS = {
    "ConsoleUrl": "https://console.example.com",
    "ConsoleBucket": "console",
    "ConsoleDistributionId": "E1",
    "UserPoolId": "us-east-1_a",
    "UserPoolClientId": "client",
    "SelfSignUp": "off",
    "PasswordLength": "12",
    "PasswordSymbols": "on",
}


class Watched(Functions):
    """Lambda: aliases have revisions, and some of them warm instances. `meddling` is how often
    somebody else changes an alias between its being read and written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.revisions: dict[str, int] = {}
        self.provisioned: dict[str, int] = {}
        self.meddling: dict[str, int] = {}
        self.refused: set[str] = set()

    def get_alias(self, **asked: Any) -> dict[str, Any]:
        name = asked["FunctionName"]
        found = super().get_alias(**asked) | {"RevisionId": str(self.revisions.get(name, 0))}
        if self.meddling.get(name):
            self.meddling[name] -= 1
            self.revisions[name] = self.revisions.get(name, 0) + 1
        return found

    def update_alias(self, **asked: Any) -> None:
        name = asked["FunctionName"]
        if name in self.refused:
            raise failure("AccessDeniedException", "not authorized", "UpdateAlias")
        if asked["RevisionId"] != str(self.revisions.get(name, 0)):
            raise failure("PreconditionFailedException", "another revision", "UpdateAlias")
        # What is not told stays as it is.
        kept = {"AdditionalVersionWeights": self.named[name].shares}
        super().update_alias(**{"RoutingConfig": kept} | asked)
        self.revisions[name] = self.revisions.get(name, 0) + 1

    def get_provisioned_concurrency_config(self, **asked: Any) -> dict[str, int]:
        """How many instances are kept warm."""
        if asked["FunctionName"] not in self.provisioned:
            code = "ProvisionedConcurrencyConfigNotFoundException"
            raise failure(code, "none", "GetProvisionedConcurrencyConfig")
        count = self.provisioned[asked["FunctionName"]]
        return {"RequestedProvisionedConcurrentExecutions": count}


class Updated(Stacks):
    """CloudFormation: an update can be cancelled; then it takes some looks to go back."""

    def __init__(self) -> None:
        super().__init__()
        self.coming: list[str] = []

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        stack = self.named.get(asked["StackName"])
        if stack is not None and asked["StackName"] == STACK and self.coming:
            stack.status = self.coming.pop(0)
        return super().describe_stacks(**asked)

    def cancel_update_stack(self, **asked: Any) -> None:
        """Let it go back."""
        self.named[asked["StackName"]].status = "UPDATE_ROLLBACK_IN_PROGRESS"
        self.coming = [*["UPDATE_ROLLBACK_IN_PROGRESS"] * 4, "UPDATE_ROLLBACK_COMPLETE"]


@dataclass
class CodeDeploy:
    """Deployments that are under way, by group. `broken` is what every call raises."""

    under_way: dict[str, list[str]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    stopped: list[str] = field(default_factory=list)
    broken: Exception | None = None

    def get_paginator(self, operation: str) -> "CodeDeploy":
        """Pages of a list."""
        assert operation == "list_deployments"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        """One page of what is under way."""
        if self.broken is not None:
            raise self.broken
        assert asked["applicationName"] == "skafu-prod-app" and asked["includeOnlyStatuses"]
        return [{"deployments": self.under_way.get(asked["deploymentGroupName"], [])}]

    def stop_deployment(self, **asked: Any) -> None:
        """Stop one of them."""
        assert asked["autoRollbackEnabled"]
        if asked["deploymentId"] in self.ended:
            raise failure("DeploymentAlreadyCompletedException", "it ended", "StopDeployment")
        self.stopped.append(asked["deploymentId"])


@dataclass
class World:
    """An account with the stack skafu-prod; `code` is how `sam deploy` ends, `failing` what the
    service's checks find. `log` are the calls that change something, in their order.
    """

    breaker: Breaker = field(default_factory=Breaker)
    clock: FakeClock = field(default_factory=FakeClock)
    functions: Watched = field(default_factory=Watched)
    stacks: Updated = field(default_factory=Updated)
    codedeploy: CodeDeploy = field(default_factory=CodeDeploy)
    said: bool = True
    code: int = 0
    failing: list[list[str]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    line: list[str] = field(default_factory=list)
    template: str = ""

    def __post_init__(self) -> None:
        self.cloud = Cloud(functions=self.functions, stacks=self.stacks)
        self.cloud.others = {"codedeploy": self.codedeploy, "cloudfront": self}
        foundation = StackRecord({"ArtefactBucket": "artefacts"})
        self.stacks.named["skafu-foundation"] = foundation

    # --- what tests do ---

    @property
    def account(self) -> Account:
        """The account, without what counts and breaks."""
        return Account(self.cloud.make, {"region_name": REGION})

    @property
    def journal(self) -> Journal:
        """The stack's releases."""
        return self.account.journal(STACK)

    def deploy(
        self, identity: str, code: Mapping[str, str], formats: tuple[int, ...] = (1,), **more: str
    ) -> Release:
        """Deploy what consists of this code, by logical id, and record it. The first of `formats`
        is written, all are read.
        """
        self.clock.advance(60_000)
        console = self._console(identity)
        artefact: Manifest = manifest(identity).model_copy(
            update={
                "data_format": DataFormat(writes=formats[0], reads=formats),
                "parts": {"console.zip": console},
            }
        )
        for text in code.values():
            self.cloud.bucket.objects[f"parts/{text}"] = text.encode()
        template = template_of(code)
        self._take(template, {"Environment": "production"} | more)
        at = self.clock()
        deployed = Deployed.of(artefact, "production", STACK, template, at)
        self.account.records().keep_deployed("production", deployed.artefact)
        return record(self.account, self.journal, deployed, Kind.DEPLOY)

    def rollback(self, *arguments: str, environment: str = "production") -> int:
        """The command; its exit code."""
        self.clock.advance(60_000)
        return command.main(
            ["--environment", environment, *arguments],
            self.make,
            Operator(self.program, self.answer),
            verify=self.verify,
            clock=self.clock,
            pause=self.pause,
        )

    def live(self) -> dict[str, str]:
        """The code that callers get, by logical id."""
        found = {}
        for name, (kind, physical) in self.stacks.named[STACK].resources.items():
            if kind == "AWS::Lambda::Function":
                function = self.functions.named[physical]
                found[name] = function.versions[function.aliases["live"]][0]
        return found

    def believed(self) -> dict[str, bool]:
        """Whether the aliases are where the stack believes them to be, by physical name."""
        found = {}
        for kind, arn in self.stacks.named[STACK].resources.values():
            if kind == "AWS::Lambda::Version":
                *_, name, version = arn.split(":")
                found[name] = self.functions.named[name].aliases["live"] == version
        return found

    def site(self) -> str:
        """The console that is served."""
        return self.cloud.bucket.objects["site/index.html"].decode()

    # --- what the command is given ---

    def make(self, service: str, **options: Any) -> Any:
        """Clients that count their calls, and write down those that change something."""
        return _Logged(service, self.cloud.make(service, **options), self.log, self.breaker)

    def program(self, line: Sequence[str], _variables: Mapping[str, str]) -> int:
        """The SAM CLI."""
        self.log.append("sam deploy")
        self.line = list(line)
        if self.code == 0:
            place = line[line.index("--template-file") + 1]
            told = line[line.index("--parameter-overrides") + 1].removeprefix("file://")
            told = Path(told).read_text("utf-8")
            self.parameters = {k: v.strip('"') for k, v in yaml.safe_load(told).items()}
            self._take(Path(place).read_text("utf-8"), self.parameters)
        self.breaker.count()
        return self.code

    def answer(self, question: str) -> bool:
        """Whoever runs it."""
        self.asked.append(question)
        return self.said

    def verify(self, only: Sequence[str]) -> Sequence[str]:
        """The service's checks."""
        self.log.append(f"verify {' '.join(only) or 'all'}")
        self.breaker.count()
        return self.failing.pop(0) if self.failing else ()

    def pause(self, seconds: float) -> None:
        """Waiting."""
        self.clock.advance(int(seconds * 1000))

    def create_invalidation(self, **_asked: Any) -> None:
        """CloudFront."""

    # --- what happens in the account ---

    def _take(self, template: str, parameters: Mapping[str, str]) -> None:
        before, now = code_of(self.template), code_of(template)
        for name, text in now.items():
            if before.get(name) != text:
                self._publish(name, text)
        stack = self.stacks.named[STACK]
        for name in before.keys() - now.keys():
            for kind in ("", "Aliaslive", "Version"):
                del stack.resources[f"{name}{kind}"]
            del self.functions.named[f"{STACK}-{name.lower()}"]
        stack.outputs = dict(CONSOLE_OUTPUTS)
        stack.parameters = stack.parameters | dict(parameters)
        self.template = template

    def _publish(self, name: str, text: str) -> None:
        function = self.functions.named.get(f"{STACK}-{name.lower()}", Function())
        count = len(function.versions)
        self.cloud.run(STACK, {name: text})
        if count and len(function.versions) == count:
            # The same code under an alias that was moved by hand: CloudFormation does not know.
            function.publish(text)
        physical = f"{STACK}-{name.lower()}"
        live = self.functions.named[physical].aliases["live"]
        arn = f"arn:aws:lambda:{REGION}:123456789012:function:{physical}:{live}"
        resources = self.stacks.named[STACK].resources
        resources[f"{name}Version"] = ("AWS::Lambda::Version", arn)

    def _console(self, identity: str) -> Part:
        made = BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(zipfile.ZipInfo("index.html"), f"console {identity}")
        part = Part(sha256=identity * 64, size=len(made.getvalue()))
        self.cloud.bucket.objects[f"parts/{part.sha256}"] = made.getvalue()
        self.cloud.bucket.objects["site/index.html"] = f"console {identity}".encode()
        return part


def template_of(code: Mapping[str, str]) -> str:
    """A template of functions with this code."""
    resources = {
        name: {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": f"s3://artefacts/parts/{text}"},
        }
        for name, text in code.items()
    }
    return yaml.safe_dump({"Resources": resources})


def code_of(template: str) -> dict[str, str]:
    """The code that a template asks for, by logical id."""
    resources = (yaml.safe_load(template) or {}).get("Resources") or {}
    return {
        name: each["Properties"]["CodeUri"].rpartition("/")[2] for name, each in resources.items()
    }


class _Logged:
    """Counts the calls of a client, and writes down those that change something."""

    def __init__(self, service: str, client: Any, log: list[str], breaker: Breaker) -> None:
        self._service = service
        self._client = client
        self._log = log
        self._breaker = breaker

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name == "exceptions":
            return found

        def call(*arguments: Any, **asked: Any) -> Any:
            result = found(*arguments, **asked)
            if name.partition("_")[0] in CHANGING:
                what = asked.get("FunctionName") or asked.get("Name") or asked.get("Key") or ""
                self._log.append(f"{self._service} {name} {what}".strip())
            self._breaker.count()
            return result

        return call
