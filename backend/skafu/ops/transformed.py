"""The template as CloudFormation gets it: transformed by SAM, then resolved for one environment.

Needs no account. What only AWS knows (names, ARNs of what is made) stays as it is written. SAM's
translator is a tool of development: only who needs this module imports it.
"""

import copy
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGION = "us-east-1"
ACCOUNT = "123456789012"
NO_VALUE = object()
PLACE = re.compile(r"\$\{([A-Za-z:]+)}")

type Json = Any

# It warns of each optional feature that nobody asked for.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


def read(path: Path) -> dict[str, Json]:
    """A template as it is written."""
    # SAM takes longer to load than most commands do, which only know that there are templates.
    # pylint: disable-next=import-outside-toplevel # see above
    from samtranslator.yaml_helper import yaml_parse

    return dict(yaml_parse(path.read_text("utf-8")))


def transform(
    template: Mapping[str, Json],
    parameters: Mapping[str, str],
    artifacts: Mapping[str, str] | None = None,
) -> dict[str, Json]:
    """What SAM makes of a template. `artifacts`: logical id -> hash of its content, where `sam
    package` would have put it; all the same by default.
    """
    # pylint: disable=import-outside-toplevel # as in `read`
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    given = copy.deepcopy(dict(template))
    for name, resource in given["Resources"].items():
        place = f"s3://artifacts/{(artifacts or {}).get(name, 'unchanged')}"
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = place
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = place
    session = boto3.Session(region_name=REGION)
    translated = Translator({}, Parser(), boto_session=session).translate(given, dict(parameters))
    return dict(json.loads(json.dumps(translated)))


@dataclass(frozen=True)
class Resolver:
    """Evaluates what CloudFormation knows before it makes anything: parameters, mappings,
    conditions.
    """

    template: Mapping[str, Json]
    parameters: Mapping[str, str]

    def condition(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        return bool(self.resolve(self.template["Conditions"][name]))

    def resolve(self, node: Json) -> Json:
        """The node with everything known put in; properties without value are gone."""
        if isinstance(node, list):
            found = [self.resolve(each) for each in node]
            return [each for each in found if each is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            solve = getattr(self, f"_{name.removeprefix('Fn::').lower()}", None)
            if solve is not None and (name.startswith("Fn::") or name == "Ref"):
                return solve(argument)
        resolved = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not NO_VALUE}

    def _ref(self, name: str) -> Json:
        known = {
            "AWS::NoValue": NO_VALUE,
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": "skafu-test",
            **self.parameters,
        }
        return known.get(name, {"Ref": name})

    def _if(self, argument: list[Json]) -> Json:
        name, then, otherwise = argument
        return self.resolve(then if self.condition(name) else otherwise)

    def _equals(self, argument: list[Json]) -> bool:
        left, right = self.resolve(argument)
        return str(left) == str(right)

    def _or(self, argument: list[Json]) -> bool:
        return any(map(self._holds, argument))

    def _and(self, argument: list[Json]) -> bool:
        return all(map(self._holds, argument))

    def _not(self, argument: list[Json]) -> bool:
        return not self._holds(argument[0])

    def _holds(self, node: Json) -> bool:
        """Whether a part of a condition holds: another condition's name, or a function."""
        named = isinstance(node, dict) and set(node) == {"Condition"}
        return self.condition(node["Condition"]) if named else bool(self.resolve(node))

    def _findinmap(self, argument: list[Json]) -> Json:
        mapping, first, second = self.resolve(argument)
        return self.template["Mappings"][mapping][first][second]

    def _select(self, argument: list[Json]) -> Json:
        place, choices = self.resolve(argument)
        return choices[int(place)] if isinstance(choices, list) else {"Fn::Select": argument}

    def _split(self, argument: list[Json]) -> Json:
        separator, text = self.resolve(argument)
        return text.split(separator) if isinstance(text, str) else {"Fn::Split": argument}

    def _sub(self, argument: Json) -> Json:
        text, names = argument if isinstance(argument, list) else (argument, {})
        known = {name: self.resolve(value) for name, value in names.items()}

        def put_in(match: re.Match[str]) -> str:
            value = known.get(match[1], self._ref(match[1]))
            return str(value) if isinstance(value, str | int) else match[0]

        return PLACE.sub(put_in, text)


def section(
    name: str, template: Mapping[str, Json], environment: str, parameters: Mapping[str, str]
) -> dict[str, Json]:
    """A section of a transformed template, resolved for an environment; what has a condition that
    does not hold is gone. Parameters that are not given have their defaults.
    """
    defaults = {key: each.get("Default", "") for key, each in template["Parameters"].items()}
    resolver = Resolver(template, {**defaults, **parameters, "Environment": environment})
    return {
        key: resolver.resolve(each)
        for key, each in template[name].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


def resources(path: Path, environment: str) -> dict[str, Json]:
    """What a template makes in an environment, transformed and resolved."""
    return section(
        "Resources", transform(read(path), {"Environment": environment}), environment, {}
    )


def stack_resources(path: Path, parameters: Mapping[str, str]) -> dict[str, Json]:
    """What a template of infrastructure/ makes: none of them needs SAM. Parameters that are not
    given have their defaults.
    """
    template = read(path)
    defaults = {key: each.get("Default", "") for key, each in template["Parameters"].items()}
    resolver = Resolver(template, {**defaults, **parameters})
    return {
        key: resolver.resolve(each)
        for key, each in template["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


def of_type(resources: Mapping[str, Json], kind: str) -> dict[str, Json]:
    """The properties of all resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in resources.items()
        if resource["Type"] == kind
    }
