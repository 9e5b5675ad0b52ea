"""An AWS account that lives in memory, with as much of botocore's clients as releases need: S3,
SSM, STS, Lambda and CloudFormation. Answers and failures have the shapes that AWS gives them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.support.buckets import Bucket

ACCOUNT = "123456789012"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/ana"


def failure(code: str, message: str, operation: str) -> ClientError:
    """What a client raises."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class ParameterNotFound(ClientError):
    """SSM has no parameter of this name."""


class ResourceNotFound(ClientError):
    """Lambda has no such function, version or alias."""


class Parameters:
    """SSM: `values` by name."""

    class exceptions:  # pylint: disable=invalid-name  # botocore calls it so
        """What the client raises, by name."""

        ParameterNotFound = ParameterNotFound

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def put_parameter(self, **asked: Any) -> None:
        """Keep a text of at most 4 KB, as a standard parameter may be."""
        assert asked["Overwrite"] and asked["Type"] == "String" and len(asked["Value"]) <= 4096
        self.values[asked["Name"]] = asked["Value"]

    def get_parameter(self, **asked: Any) -> dict[str, Any]:
        """A parameter."""
        return {"Parameter": {"Value": self.values[self._known(asked["Name"])]}}

    def delete_parameter(self, **asked: Any) -> None:
        """Forget a parameter."""
        del self.values[self._known(asked["Name"])]

    def _known(self, name: str) -> str:
        if name not in self.values:
            raise ParameterNotFound({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return name


@dataclass
class Function:
    """Versions are (code, layers) by number."""

    versions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)

    def publish(self, code: str, *layers: str) -> str:
        """A version more, which `live` then points at."""
        number = str(max((int(each) for each in self.versions), default=0) + 1)
        self.versions[number] = (code, layers)
        self.aliases["live"] = number
        return number


class Functions:
    """Lambda: functions by physical name; `layers` are the versions there are, by layer's ARN."""

    def __init__(self) -> None:
        self.named: dict[str, Function] = {}
        self.layers: dict[str, list[int]] = {}

    def get_alias(self, **asked: Any) -> dict[str, Any]:
        """An alias, with its weights while a deployment shifts."""
        function = self._function(asked["FunctionName"])
        if asked["Name"] not in function.aliases:
            raise self._missing("GetAlias")
        found: dict[str, Any] = {"FunctionVersion": function.aliases[asked["Name"]]}
        if function.shares:
            found["RoutingConfig"] = {"AdditionalVersionWeights": function.shares}
        return found

    def update_alias(self, **asked: Any) -> None:
        """Move an alias."""
        function = self._function(asked["FunctionName"])
        if asked["FunctionVersion"] not in function.versions:
            raise self._missing("UpdateAlias")
        function.aliases[asked["Name"]] = asked["FunctionVersion"]
        function.shares = dict(asked.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}))

    def get_function_configuration(self, **asked: Any) -> dict[str, Any]:
        """A version's configuration."""
        versions = self._function(asked["FunctionName"]).versions
        if asked["Qualifier"] not in versions:
            raise self._missing("GetFunctionConfiguration")
        code, layers = versions[asked["Qualifier"]]
        return {"CodeSha256": code, "Layers": [{"Arn": each} for each in layers]}

    def delete_function(self, **asked: Any) -> None:
        """Delete a version that no alias points at; never the function."""
        function, version = self._function(asked["FunctionName"]), asked["Qualifier"]
        if version in {*function.aliases.values(), *function.shares}:
            raise failure("ResourceConflictException", "an alias points at it", "DeleteFunction")
        del function.versions[version]

    def delete_layer_version(self, **asked: Any) -> None:
        """Delete a version of a layer."""
        self.layers[asked["LayerName"]].remove(asked["VersionNumber"])

    def get_paginator(self, operation: str) -> "_Pages":
        """Pages of a list, two entries each."""
        return _Pages(getattr(self, f"_{operation}"))

    def _list_versions_by_function(self, asked: Mapping[str, Any]) -> tuple[str, list[Any]]:
        versions = self._function(asked["FunctionName"]).versions
        listed = [
            {"Version": number, "Layers": [{"Arn": each} for each in layers]}
            for number, (_, layers) in versions.items()
        ]
        return "Versions", [{"Version": "$LATEST"}, *listed]

    def _list_aliases(self, asked: Mapping[str, Any]) -> tuple[str, list[Any]]:
        function = self._function(asked["FunctionName"])
        routing = {"RoutingConfig": {"AdditionalVersionWeights": function.shares}}
        listed = [
            {"Name": name, "FunctionVersion": version} | (routing if function.shares else {})
            for name, version in function.aliases.items()
        ]
        return "Aliases", listed

    def _list_layer_versions(self, asked: Mapping[str, Any]) -> tuple[str, list[Any]]:
        name = asked["LayerName"]
        listed = [
            {"Version": each, "LayerVersionArn": f"{name}:{each}"}
            for each in sorted(self.layers.get(name, ()), reverse=True)
        ]
        return "LayerVersions", listed

    def _function(self, name: str) -> Function:
        if name not in self.named:
            raise self._missing("GetFunction")
        return self.named[name]

    @staticmethod
    def _missing(operation: str) -> ClientError:
        return ResourceNotFound({"Error": {"Code": "ResourceNotFoundException"}}, operation)


@dataclass
class StackRecord:
    """What CloudFormation knows of a stack; `resources` are (type, physical id) by logical id,
    `gone` the states of those that were deleted.
    """

    outputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    resources: dict[str, tuple[str, str]] = field(default_factory=dict)
    status: str = "UPDATE_COMPLETE"
    gone: dict[str, str] = field(default_factory=dict)


class Stacks:
    """CloudFormation: stacks by name; `asked` are change sets as they were asked for, `answers`
    what is told of them, one after the other.
    """

    class exceptions:  # pylint: disable=invalid-name  # botocore calls it so
        """What the client raises, by name."""

        ClientError = ClientError

    def __init__(self) -> None:
        self.named: dict[str, StackRecord] = {}
        self.change_sets: dict[str, Any] = {}
        self.asked: list[Any] = []
        self.answers: list[dict[str, Any]] = []
        self.policies: dict[str, str] = {}

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        """One stack."""
        name = asked["StackName"]
        if name not in self.named:
            raise failure(
                "ValidationError", f"Stack with id {name} does not exist", "DescribeStacks"
            )
        stack = self.named[name]
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in stack.outputs.items()]
        parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in stack.parameters.items()]
        told = {"StackStatus": stack.status, "Outputs": outputs, "Parameters": parameters}
        return {"Stacks": [told]}

    def set_stack_policy(self, **asked: Any) -> None:
        """What no update may touch."""
        self.policies[asked["StackName"]] = asked["StackPolicyBody"]

    def create_change_set(self, **asked: Any) -> None:
        """Make a change set; a stack that is not there comes to be, with nothing in it."""
        stack = self.named.get(asked["StackName"])
        assert asked["ChangeSetType"] == ("CREATE" if stack is None else "UPDATE")
        if stack is None:
            self.named[asked["StackName"]] = StackRecord(status="REVIEW_IN_PROGRESS")
        self.change_sets[asked["ChangeSetName"]] = asked
        self.asked.append(asked)

    def describe_change_set(self, **asked: Any) -> dict[str, Any]:
        """What comes next of it, as the test has it."""
        assert asked["ChangeSetName"] in self.change_sets
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def delete_change_set(self, **asked: Any) -> None:
        """Forget a change set."""
        del self.change_sets[asked["ChangeSetName"]]

    def delete_stack(self, **asked: Any) -> None:
        """Delete a stack that has nothing in it."""
        assert self.named.pop(asked["StackName"]).status == "REVIEW_IN_PROGRESS"

    def get_paginator(self, operation: str) -> "_Pages":
        """Pages of a list, two entries each."""
        return _Pages(getattr(self, f"_{operation}"))

    def _describe_change_set(self, asked: Mapping[str, Any]) -> tuple[str, list[Any]]:
        return "Changes", list(self.describe_change_set(**asked).get("Changes", ()))

    def _list_stack_resources(self, asked: Mapping[str, Any]) -> tuple[str, list[Any]]:
        stack = self.named[asked["StackName"]]
        listed = [
            {
                "LogicalResourceId": logical_id,
                "ResourceType": kind,
                "PhysicalResourceId": physical_id,
                "ResourceStatus": stack.gone.get(logical_id, "UPDATE_COMPLETE"),
            }
            for logical_id, (kind, physical_id) in stack.resources.items()
        ]
        return "StackResourceSummaries", listed


class _Pages:
    def __init__(self, listing: Any) -> None:
        self._listing = listing

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """Two entries a page."""
        name, listed = self._listing(asked)
        for first in range(0, len(listed), 2):
            yield {name: listed[first : first + 2]}


@dataclass
class Caller:
    """STS: who asks."""

    arn: str = CALLER
    account: str = ACCOUNT

    def get_caller_identity(self) -> dict[str, str]:
        """Who asks."""
        return {"Arn": self.arn, "Account": self.account}


@dataclass
class Cloud:
    """One account. `bucket` stands for all its buckets."""

    bucket: Bucket = field(default_factory=Bucket)
    ssm: Parameters = field(default_factory=Parameters)
    sts: Caller = field(default_factory=Caller)
    functions: Functions = field(default_factory=Functions)
    stacks: Stacks = field(default_factory=Stacks)
    others: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stacks.named["skafu-foundation"] = StackRecord({"ArtefactBucket": "artefacts"})

    def make(self, service: str, **_options: Any) -> Any:
        """A client of a service."""
        ours = {
            "s3": self.bucket,
            "ssm": self.ssm,
            "sts": self.sts,
            "lambda": self.functions,
            "cloudformation": self.stacks,
        }
        return (ours | self.others)[service]

    def run(self, stack: str, code: Mapping[str, str], *layers: str) -> None:
        """Have a stack run this code of each function, as a deployment does: a version is published
        where something changed. Logical ids are the keys.
        """
        record = self.stacks.named.setdefault(stack, StackRecord())
        for logical_id, text in code.items():
            name = f"{stack}-{logical_id.lower()}"
            function = self.functions.named.setdefault(name, Function())
            live = function.aliases.get("live")
            if live is None or function.versions[live] != (text, layers):
                function.publish(text, *layers)
            record.resources[logical_id] = ("AWS::Lambda::Function", name)
            record.resources[f"{logical_id}Aliaslive"] = ("AWS::Lambda::Alias", f"{name}:live")
        for layer in layers:
            arn, _, number = layer.rpartition(":")
            if int(number) not in (versions := self.functions.layers.setdefault(arn, [])):
                versions.append(int(number))
