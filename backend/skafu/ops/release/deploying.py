"""Have `sam deploy` deploy the text of a template whose parts are in the account already: a new
one, or the one of an old release.
"""

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from skafu.ops.artefact.accounts import Account, Settings
from skafu.ops.artefact.build import TEMPLATE, Tools, plain
from skafu.ops.artefact.manifest import Manifest
from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.terminal import Operator

ONCE = {"Strategy": "", "AliasesMovedBy": "CodeDeploy"}
"""Parameters that are meant for one deployment, and their values in the next: CloudFormation keeps
the last value of a parameter that it is not told.
"""

MARK = "DEPLOYED_WITH"
"""A variable of functions that changes with the parameters that they were deployed with."""


@dataclass(frozen=True)
class Target:
    """Where a template is deployed. `settings` are the environment's (region, capabilities, tags);
    `role_arn` is what CloudFormation works as, if not as whoever asks.
    """

    account: Account
    settings: Settings
    stack: str
    role_arn: str | None = None


def deploy_template(
    target: Target,
    template: str,
    parameters: Mapping[str, str],
    operator: Operator,
    question: str | None = None,
) -> int:
    """Deploy a template's text; the SAM CLI's exit code, 1 when the answer was no.

    Other parameters of the stack keep their values, but for those that are meant for one deployment
    (ONCE); names that the template does not know are ignored. With a `question` the changes are
    shown and it is asked before anything is changed. Raises Refused when the account has no
    artefact bucket.
    """
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        (place / TEMPLATE).write_text(template, encoding="utf-8")
        # Not on the command line: everybody on the machine sees that, and a value may be a secret.
        told = {name: _quoted(text) for name, text in (ONCE | dict(parameters)).items()}
        (place / "parameters.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
        return operator.deploy(_line(target, place), target.account.variables(), question)


def parameters_of(
    settings: Settings,
    manifest: Manifest,
    told: Sequence[str] = (),
    beside: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The template's parameters for an artefact: what the environment's settings say, the
    architecture that it was built for, what the stacks `beside` it tell, and what is `told` as
    NAME=VALUE, which counts most.

    Raises Refused for anything else than NAME=VALUE.
    """
    ours = (*settings.overrides.split(), f"Architecture={manifest.architecture}")
    for each in told:
        if "=" not in each:
            raise Refused(f"{each} is not NAME=VALUE.")
    return ONCE | dict(beside or {}) | dict(each.split("=", 1) for each in (*ours, *told))


def marked(template: str, parameters: Mapping[str, str]) -> str:
    """A template's text with a digest of the parameters among the variables of all functions.

    Where only a parameter has another value, CloudFormation replaces versions in place and deletes
    those before them, and there is nothing to go back to: SAM retains what goes, not what is
    replaced. When a property's text changes, SAM calls the new version otherwise, and the old one
    goes. What is meant for one deployment (ONCE) and secrets do not count.
    """
    found = yaml.safe_load(template)
    declared = found.get("Parameters") or {}
    counted = {
        name: text
        for name, text in sorted(parameters.items())
        if name in declared and name not in ONCE and not declared[name].get("NoEcho")
    }
    digest = hashlib.sha256(repr(counted).encode()).hexdigest()
    function = found.setdefault("Globals", {}).setdefault("Function", {})
    function.setdefault("Environment", {}).setdefault("Variables", {})[MARK] = digest[:12]
    return plain(found)


def _line(target: Target, place: Path) -> list[str]:
    settings = target.settings
    role = ("--role-arn", target.role_arn) if target.role_arn else ()
    return [
        *(Tools.of(ROOT).sam, "deploy", "--no-progressbar"),
        *("--no-fail-on-empty-changeset", "--no-confirm-changeset"),
        *("--template-file", str(place / TEMPLATE), "--stack-name", target.stack),
        *("--s3-bucket", target.account.bucket(), "--s3-prefix", "templates"),
        *("--region", settings.region, *role),
        *("--capabilities", *settings.capabilities.split(), "--tags", *settings.tags.split()),
        *("--parameter-overrides", f"file://{place / 'parameters.yaml'}"),
    ]


def _quoted(text: str) -> str:
    """As the SAM CLI reads back what it was: it takes off quotes around a value, and a backslash
    before a space or a quote.
    """
    return '"' + re.sub(r"\\([ \"'])", r"\\\\\1", text) + '"'
