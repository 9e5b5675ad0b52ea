"""The template that `sam local` serves: the built one, with what the deployment knows written into
it.

`sam local` resolves parameters and mappings, but no reference to a resource, and its `--env-vars`
overrides only variables that the template declares. AWS_ENDPOINT_URL must not be declared there: it
would reach AWS. So a copy is served.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.home import Refused

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
API = "AWS::Serverless::Api"
# The property that names a folder of the build.
FOLDER_OF = {FUNCTION: "CodeUri", LAYER: "ContentUri"}


@dataclass(frozen=True)
class Deployment:
    """What was deployed: the stack's parameters, and each function's environment by its name in the
    template.
    """

    parameters: Mapping[str, str]
    environments: Mapping[str, Mapping[str, str]]


def api_functions(built: Mapping[str, Any]) -> list[str]:
    """Names of the functions that answer requests. Raises Refused when there is none."""
    names = [name for name, resource in built["Resources"].items() if _answers(resource)]
    if not names:
        raise Refused("The built template has no function that answers requests.")
    return names


def local_template(
    built: Mapping[str, Any],
    folder: Path,
    deployed: Deployment,
    here: str,
    there: str,
    sources: Path | None = None,
) -> dict[str, Any]:
    """The API and its functions as a template that may be put anywhere.

    `folder` is where the built template is. The embedded AWS is at `here` for this machine and at
    `there` for containers. Functions that answer no requests are left out (each would cost a
    container), and so are tables, queues and roles. `sources` is code to run instead of the built.
    """
    functions = api_functions(built)
    template = deepcopy({key: part for key, part in built.items() if key != "Outputs"})
    for name, parameter in template.get("Parameters", {}).items():
        if name in deployed.parameters:
            parameter["Default"] = deployed.parameters[name]
    template["Resources"] = {
        name: resource
        for name, resource in template["Resources"].items()
        if name in functions or resource["Type"] in (API, LAYER)
    }
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        if path := FOLDER_OF.get(resource["Type"]):
            properties[path] = str((folder / properties[path]).resolve())
        if name in functions:
            if sources:
                properties["CodeUri"] = str(sources)
            values = _for_containers(deployed.environments.get(name, {}), here, there)
            properties["Environment"] = {"Variables": values}
    return template


def _answers(resource: Mapping[str, Any]) -> bool:
    events = resource.get("Properties", {}).get("Events", {}).values()
    return resource["Type"] == FUNCTION and any(event["Type"] == "Api" for event in events)


def _for_containers(values: Mapping[str, str], here: str, there: str) -> dict[str, str]:
    """A container's loopback address is its own: whatever points to this machine's, queue addresses
    too, is turned.
    """
    aliases = (here, here.replace("127.0.0.1", "localhost"))
    turned = dict(values)
    for alias in aliases:
        turned = {name: value.replace(alias, there) for name, value in turned.items()}
    return turned | {"AWS_ENDPOINT_URL": there}
