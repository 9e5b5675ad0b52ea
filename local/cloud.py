"""The embedded AWS as a process: start it, wait until it is ready, ask it, stop it."""

import hashlib
import http.client
import os
import shutil
import socket
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import boto3
from botocore.config import Config

from local import processes
from local.home import REGION, ROOT, TOOLS, Home, Refused

NAME = "aws"
READY_SECONDS = 60.0


def start(home: Home, more: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Make it run, with `more` variables; False when it ran already. Raises Refused when its port
    is taken.
    """
    stamp = home.run / "aws.stamp"
    wanted = f"{home.port} {_fingerprint()} {sorted(more.items())}"
    if processes.running(home, NAME):
        if stamp.read_text(encoding="utf-8") == wanted:
            return False
        stop(home)
    if not port_is_free(home.port):
        raise Refused(
            f"Port {home.port} is taken by another program: "
            "choose a free one with SKAFU_PORT=<port>."
        )
    for folder in (home.state, home.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    python = TOOLS / "ministack" / "bin" / "python"
    processes.start(home, NAME, [python, "-m", "local.emulator"], _environment(home) | dict(more))
    stamp.write_text(wanted, encoding="utf-8")
    _wait(home)
    return True


def stop(home: Home) -> bool:
    """End it and its functions; state stays, temporary files go. False when it did not run."""
    stopped = processes.stop(home, NAME)
    shutil.rmtree(home.scratch, ignore_errors=True)
    return stopped


def client(home: Home, service: str, region: str = REGION) -> Any:
    """A client of one service of this system."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the name comes as an argument
        endpoint_url=home.endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # nosec B106: the embedded AWS's root key
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}, read_timeout=70),
    )


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _environment(home: Home) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TMPDIR": str(home.scratch),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(home.port),
        "MINISTACK_REGION": REGION,
        "AUTH": "true",  # roles, signatures and permissions count, as in AWS
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105: as in Home.aws_environment
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home.state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home.state / "objects"),
        "IOT_MTLS_ENABLED": "0",  # else a port on all interfaces
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{home.scratch}/no-docker",  # never look for containers
        "LAMBDA_WARM_TTL_SECONDS": "60",  # surplus workers, 65 MB each, go after a minute
        "SKAFU_LAMBDA_PYTHON": str(TOOLS / "lambda" / "bin" / "python"),
        "SKAFU_NODE": str(ROOT / ".venv" / "bin" / "node"),
    }


def _wait(home: Home) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if processes.running(home, NAME) is None:
            raise Refused(f"The embedded AWS ended at once: see {home.logs / 'aws.log'}.")
        if ready(home):
            return
        time.sleep(0.1)
    raise Refused(f"The embedded AWS did not get ready: see {home.logs / 'aws.log'}.")


def ready(home: Home) -> bool:
    """Whether it answers."""
    connection = http.client.HTTPConnection("127.0.0.1", home.port, timeout=5)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _fingerprint() -> str:
    """Changes when the emulator or what Skafu adds to it changes."""
    sources = [*sorted((ROOT / "local" / "emulator").glob("*.py")), ROOT / "local" / "cloud.py"]
    sources.append(ROOT / "requirements" / "ministack.txt")
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
