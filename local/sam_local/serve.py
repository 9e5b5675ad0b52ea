"""Run `sam local start-api` until it is ended, and leave nothing behind."""

import json
import os
import platform
import signal
import socket
import subprocess  # nosec B404 # the SAM CLI is a program
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from errno import EADDRNOTAVAIL
from pathlib import Path
from typing import Any

import yaml

from local import cloud
from local.home import ROOT, STACK, TOOLS, Home, Refused
from local.sam_local.engine import Bridge, Engine
from local.sam_local.forwarder import Forwarder
from local.sam_local.template import Deployment, api_functions, local_template

DEFAULT_PORT = 3001
# The end of the name of AWS's image, by what this machine is called.
BASE_IMAGES = {"x86_64": "lambda/python:3.12-x86_64", "aarch64": "lambda/python:3.12-arm64"}
# What engines in a virtual machine (Docker Desktop, Colima) call the machine that they run on.
HOST_OF_VIRTUAL_MACHINE = "host.docker.internal"
# What programs need to run at all, and the SAM CLI to find the engine and its registry.
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "DOCKER_HOST", "DOCKER_CONFIG", "HTTPS_PROXY", "NO_PROXY"}
# The SAM CLI gives each of its containers three seconds to end, one after the other.
GRACE_SECONDS = 12.0


def port_of(environment: Mapping[str, str]) -> int:
    """SAM_LOCAL_PORT, by default 3001. Raises Refused when it is not a port."""
    port = environment.get("SAM_LOCAL_PORT") or str(DEFAULT_PORT)
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refused(f"SAM_LOCAL_PORT is {port!r}, but a port is a number from 1 to 65535.")
    return int(port)


def built_template(home: Home) -> dict[str, Any]:
    """What `sam build` made. Raises Refused when it has not run."""
    try:
        text = (home.build / "template.yaml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Refused("There is no build yet: run `make up` first.") from error
    built: dict[str, Any] = yaml.safe_load(text)
    return built


def deployment(home: Home, functions: Sequence[str]) -> Deployment:
    """Ask the embedded AWS what it runs. Raises Refused when it does not answer or nothing is
    deployed.
    """
    if not home.stack_file.exists() or not cloud.ready(home):
        raise Refused(f"The embedded AWS does not run on port {home.port}: run `make up` first.")
    stacks = cloud.client(home, "cloudformation")
    parameters = stacks.describe_stacks(StackName=STACK)["Stacks"][0].get("Parameters", [])
    resources = stacks.describe_stack_resources(StackName=STACK)["StackResources"]
    names = {each["LogicalResourceId"]: each.get("PhysicalResourceId") for each in resources}
    if missing := [function for function in functions if not names.get(function)]:
        raise Refused(f"{', '.join(missing)} is built but not deployed: run `make up` first.")
    lambdas = cloud.client(home, "lambda")
    return Deployment(
        {each["ParameterKey"]: each["ParameterValue"] for each in parameters},
        {
            function: lambdas.get_function_configuration(FunctionName=names[function])
            .get("Environment", {})
            .get("Variables", {})
            for function in functions
        },
    )


@contextmanager
def way_in(bridge: Bridge, port: int) -> Iterator[str]:
    """The address at which containers reach this machine's loopback `port`, while it is needed."""
    with ExitStack() as stack:
        try:
            forwarder = stack.enter_context(Forwarder(bridge.address, bridge.network, port))
        except OSError as error:
            if error.errno != EADDRNOTAVAIL:
                raise
            # The bridge is inside the engine's virtual machine, and its makers provide a way out.
            yield f"http://{HOST_OF_VIRTUAL_MACHINE}:{port}"
        else:
            yield f"http://{bridge.address}:{forwarder.port}"


def image_options(image: str | None, here: set[str], machine: str) -> list[str]:
    """Which image the functions run in: AWS's own, pulled only when it is not `here`, or the one
    named by SAM_LOCAL_IMAGE.

    Raises Refused when there is no image of that name.
    """
    if image and image not in here:
        raise Refused(f"The Docker engine has no image {image}: see `make sam-local-image`.")
    if image:
        return ["--skip-pull-image", "--invoke-image", image]
    pulled = any(name.endswith(BASE_IMAGES.get(machine, machine)) for name in here)
    return ["--skip-pull-image"] if pulled else []


def command(template: Path, port: int, options: Sequence[str]) -> list[str]:
    """The SAM CLI's command line; `options` follow ours, so that they win."""
    return [
        *(str(TOOLS / "sam" / "bin" / "sam"), "local", "start-api", "--template", str(template)),
        *("--host", "127.0.0.1", "--port", str(port), "--warm-containers", "EAGER"),
        *("--layer-cache-basedir", str(template.parent / "layers"), *options),
    ]


def sources_for(options: Sequence[str]) -> Path | None:
    """What functions run below a debugger: the sources, because a build holds bytecode alone."""
    debugging = any(each == "-d" or each.startswith("--debug-port") for each in options)
    return ROOT / "backend" if debugging else None


def environment_of(home: Home, environment: Mapping[str, str]) -> dict[str, str]:
    """The SAM CLI's environment: little of a person's own, because a variable of the shell goes
    before one of the template.

    For the same reason without AWS_ENDPOINT_URL: containers need another address than this machine.
    """
    ours = home.aws_environment() | {"SAM_CLI_TELEMETRY": "0"}
    del ours["AWS_ENDPOINT_URL"]
    kept = {name: value for name, value in environment.items() if name in KEPT}
    return kept | {name: value for name, value in ours.items() if name.startswith(("AWS_", "SAM_"))}


def serve(home: Home, engine: Engine, port: int, options: Sequence[str]) -> int:
    """Serve the API on 127.0.0.1:`port` until SIGINT, SIGTERM or SIGHUP; returns the exit status.

    Raises Refused, with nothing started, when something is missing.
    """
    engine.version()
    built = built_template(home)
    deployed = deployment(home, api_functions(built))
    if not cloud.port_is_free(port):
        raise Refused(f"Port {port} is taken: choose a free one with SAM_LOCAL_PORT=<port>.")
    chosen = image_options(os.environ.get("SAM_LOCAL_IMAGE"), engine.images(), platform.machine())
    sources = sources_for(options)
    # An edit, or a test that compiles the sources, must not end what is being debugged.
    fixed = [*chosen, "--no-watch"] if sources else chosen
    with way_in(engine.bridge(), home.port) as address, _swept(engine, home):
        content = local_template(built, home.build, deployed, home.endpoint, address, sources)
        template = home.folder / "sam-local" / "template.json"
        template.parent.mkdir(parents=True, exist_ok=True)
        template.write_text(json.dumps(content, indent=2), encoding="utf-8")
        arguments = command(template, port, [*fixed, *options])
        status = run(arguments, environment_of(home, os.environ), port)
    if status and not chosen:
        print("If AWS's image cannot be pulled here, see `make sam-local-image`.", file=sys.stderr)
    return status


@contextmanager
def _swept(engine: Engine, home: Home) -> Iterator[None]:
    """Afterwards, no container of ours is there that was not there before.

    The SAM CLI removes its containers, but neither when it is ended while they start, nor those it
    lost: started side by side, they may get two registries; it keeps one.
    """
    folders = (home.build, ROOT / "backend")
    before = engine.functions_of(*folders)
    try:
        yield
    finally:
        for container in engine.functions_of(*folders) - before:
            engine.remove(container)


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    port: int,
    grace: float = GRACE_SECONDS,
) -> int:
    """Run a program that serves `port`, say when it does, and end it in order when this process is
    told to end.

    Returns its exit status; 0 when it was ended.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    announced = False
    # A session of its own: Ctrl-C reaches this process alone, which then ends the SAM CLI in order.
    with subprocess.Popen(  # nosec B603 # our own arguments, and a person's on their own machine
        arguments, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    ) as sam:
        while sam.poll() is None and not ended.wait(0.2):
            if not announced and _answers(port):
                announced = True
                print(
                    f"\nThe API is at http://127.0.0.1:{port}/api - end it with Ctrl-C.\n",
                    flush=True,
                )
        if sam.poll() is not None:
            return sam.returncode
        _interrupt(sam, grace)
        return 0


def _interrupt(sam: subprocess.Popen[bytes], grace: float) -> None:
    """End the SAM CLI as Ctrl-C does.

    SIGTERM would kill it at once while its containers start, which then stay, and does nothing
    below a debugger. The first SIGINT may end a request only, where one is being served.
    """
    for _ in range(3):
        sam.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            sam.wait(grace)
            return
    sam.kill()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
