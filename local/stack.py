"""The application in the embedded AWS: built and deployed by the real SAM CLI when its sources
have changed.
"""

import hashlib
import platform
import subprocess  # nosec B404: it runs the SAM CLI
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local import cloud
from local.home import ENVIRONMENT, REGION, ROOT, STACK, TOOLS, Home, Refused

MARK = "/skafu/deployed"
SOURCES = ("template.yaml", "samconfig.toml", "backend", "layers", "environments")
FAILED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS")
DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def architecture() -> str:
    """The host's, as Lambda names it: functions of the embedded AWS run on the host."""
    machine = platform.machine().lower()
    if machine not in ARCHITECTURES:
        raise Refused(f"Lambda has no architecture for this machine ({machine}).")
    return ARCHITECTURES[machine]


def deploy(
    home: Home, tell: Callable[[str], None], region: str = REGION, more: Sequence[str] = ()
) -> bool:
    """Build and deploy, with `more` parameters (NAME=VALUE); False when what is deployed is what
    the sources say.

    `tell` hears of each of the two as it begins. Raises Refused with what the SAM CLI said.
    """
    sources = fingerprint(ROOT)
    wanted = " ".join([sources, home.endpoint, *more])
    if _deployed(home, region) == wanted and is_deployed(home, region):
        return False
    parameters = [
        f"Environment={ENVIRONMENT}",
        f"Architecture={architecture()}",
        f"ApiBaseUrl={home.endpoint}/_aws/execute-api",
        f"ConsoleDomain=cloudfront.localhost:{home.port}",
        f"SignInUrl={home.endpoint}",
        *more,
    ]
    if _recorded(home.built) != sources:
        tell("building")
        home.built.unlink(missing_ok=True)
        folders = ["--build-dir", str(home.build), "--cache-dir", str(home.build_cache)]
        _sam(home, "build", folders, parameters, region)
        home.built.write_text(sources, encoding="utf-8")
    built = ["--template-file", str(home.build / "template.yaml"), "--no-confirm-changeset"]
    tell("deploying")
    if _status(home, region) in FAILED:
        _delete(home, region)
    _sam(home, "deploy", [*built, "--no-progressbar"], parameters, region)
    if not is_deployed(home, region):
        raise Refused(f"The deployment failed: see {home.logs / 'sam.log'}.")
    cloud.client(home, "ssm", region).put_parameter(
        Name=MARK, Value=wanted, Type="String", Overwrite=True
    )
    return True


def fingerprint(root: Path) -> str:
    """Changes with anything that the artefacts are made of."""
    digest = hashlib.sha256(architecture().encode())
    for path in _sources(root):
        digest.update(f"\0{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def outputs(home: Home, region: str = REGION) -> dict[str, str]:
    """The stack's outputs by name."""
    found = _describe(home, region)
    return {each["OutputKey"]: each["OutputValue"] for each in (found or {}).get("Outputs", ())}


def is_deployed(home: Home, region: str = REGION) -> bool:
    """Whether the stack is there and whole."""
    return _status(home, region) in DEPLOYED


def _status(home: Home, region: str) -> str:
    return str((_describe(home, region) or {}).get("StackStatus", ""))


def _delete(home: Home, region: str) -> None:
    """A first deployment that failed leaves a stack that CloudFormation will not update."""
    client = cloud.client(home, "cloudformation", region)
    client.delete_stack(StackName=STACK)
    client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        found = root / name
        paths = [found] if found.is_file() else sorted(found.rglob("*"))
        yield from (each for each in paths if each.is_file() and "__pycache__" not in each.parts)


def _deployed(home: Home, region: str) -> str | None:
    """What was deployed last, as the embedded AWS itself remembers it: after a crash it is back at
    an older state, and a file would not be.
    """
    client = cloud.client(home, "ssm", region)
    try:
        return str(client.get_parameter(Name=MARK)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return None


def _recorded(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _describe(home: Home, region: str) -> dict[str, Any] | None:
    try:
        [found] = cloud.client(home, "cloudformation", region).describe_stacks(StackName=STACK)[
            "Stacks"
        ]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return dict(found)


def _sam(
    home: Home, command: str, arguments: Sequence[str], parameters: Sequence[str], region: str
) -> None:
    """Run the SAM CLI, its output in logs/sam.log. Raises Refused with the last lines of it."""
    home.logs.mkdir(parents=True, exist_ok=True)
    sam = TOOLS / "sam" / "bin" / "sam"
    configuration = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", ENVIRONMENT]
    line = [str(sam), command, *configuration, *arguments]
    with (home.logs / "sam.log").open("a+", encoding="utf-8") as log:
        log.write(f"\n--- {time.strftime('%H:%M:%S')} sam {command}\n")
        log.flush()
        start = log.tell()
        done = subprocess.run(  # nosec B603: a fixed command
            [*line, "--region", region, "--parameter-overrides", *parameters],
            cwd=ROOT,
            env=home.aws_environment() | {"SAM_CLI_TELEMETRY": "0"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
        log.seek(start)
        said = log.read().strip().splitlines()
    if done.returncode:
        failures = [line for line in said if "_FAILED" in line]
        raise Refused("\n".join([f"`sam {command}` failed:", *failures, *said[-10:]]))
