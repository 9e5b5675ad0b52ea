"""A SonarQube server's quality gate, made to be as security/quality-gate.yaml says (web API:
api/qualitygates). Run again it changes nothing.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from skafu.ops.artefact.sources import Refused
from skafu.ops.quality.gate import Gate

TIMEOUT_S = 30

type Call = Callable[[str, str, Mapping[str, str]], Any]
"""Method, path and parameters of a request; what the answer says, None where it says nothing.
Raises Refused.
"""


def calling(host: str, token: str) -> Call:
    """The server at an address, as who has the token. Raises Refused for another scheme."""
    if not host.startswith(("https://", "http://")):
        raise Refused(f"{host} is no address of a server.")
    login = base64.b64encode(f"{token}:".encode()).decode()

    def call(method: str, path: str, parameters: Mapping[str, str]) -> Any:
        form = urlencode(parameters)
        url = f"{host.rstrip('/')}/{path}" + (f"?{form}" if method == "GET" and form else "")
        body = form.encode() if method == "POST" else None
        request = Request(url, body, {"Authorization": f"Basic {login}"}, method=method)
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:  # nosec B310: the scheme is checked
                said = answer.read()
        except HTTPError as error:
            told = error.read().decode("utf-8", "replace")[:500]
            raise Refused(f"{path}: {error.code} {told}") from error
        except (URLError, OSError) as error:
            raise Refused(f"{path}: {error}") from error
        return json.loads(said) if said else None

    return call


def apply(gate: Gate, project: str, call: Call) -> Iterator[str]:
    """Make the gate, its conditions, and have the project held to it; what was changed. Raises
    Refused.
    """
    names = {each["name"] for each in call("GET", "api/qualitygates/list", {})["qualitygates"]}
    if gate.name not in names:
        call("POST", "api/qualitygates/create", {"name": gate.name})
        yield f"made the gate {gate.name}"
    there = call("GET", "api/qualitygates/show", {"name": gate.name}).get("conditions", [])
    by_metric = {each["metric"]: each for each in there}
    for each in gate.conditions:
        wanted = {"metric": each.metric, "op": each.op, "error": str(each.error)}
        found = by_metric.pop(each.metric, None)
        if found is None:
            call("POST", "api/qualitygates/create_condition", {"gateName": gate.name, **wanted})
            yield f"asks of {each.metric}: fails if {each.op} {each.error}"
        elif {name: str(found.get(name)) for name in wanted} != wanted:
            changed = {"id": str(found["id"]), **wanted}
            call("POST", "api/qualitygates/update_condition", changed)
            yield f"asks another thing of {each.metric}: fails if {each.op} {each.error}"
    # A new gate comes with conditions of the server's own; ours are all there is to know.
    for metric, found in sorted(by_metric.items()):
        call("POST", "api/qualitygates/delete_condition", {"id": str(found["id"])})
        yield f"no longer asks of {metric}"
    chosen = call("GET", "api/qualitygates/get_by_project", {"project": project})
    if chosen["qualityGate"]["name"] != gate.name:
        selected = {"gateName": gate.name, "projectKey": project}
        call("POST", "api/qualitygates/select", selected)
        yield f"holds {project} to it"
