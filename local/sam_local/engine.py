"""The Docker engine of this machine, over its HTTP API
(https://docs.docker.com/reference/api/engine/).

Found as the SAM CLI finds it: by DOCKER_HOST, else at the usual socket. So what is said about the
engine here is also true for `sam local`, with or without a `docker` command on the machine.
"""

import json
import socket
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Network
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from local.home import Refused

DEFAULT_HOST = "unix:///var/run/docker.sock"
SAM_CONTAINERS = "sam.cli.container.type=lambda"
# Importing an image of 150 MB takes seconds; an engine that is busy for longer is stuck.
TIMEOUT_S = 120


@dataclass(frozen=True)
class Bridge:
    """The network that containers are on: the host's own address in it, and all addresses."""

    address: str
    network: IPv4Network


class _NotFound(Refused):
    """The engine knows nothing of this name."""


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(self._path)


def socket_path(env: Mapping[str, str]) -> str:
    """Where the engine listens. Raises Refused unless that is a socket of this machine."""
    host = env.get("DOCKER_HOST") or DEFAULT_HOST
    scheme, _, path = host.partition("://")
    if scheme != "unix":
        raise Refused(
            f"DOCKER_HOST is {host}: `sam local` needs an engine on this machine (unix:///...), "
            "because its containers mount the build and reach the embedded AWS here."
        )
    return path


def bridge_of(network: Mapping[str, Any]) -> Bridge:
    """Read the engine's answer about its default network. Raises Refused when it has none with
    IPv4.
    """
    for config in (network.get("IPAM") or {}).get("Config") or ():
        subnet = IPv4Network(config["Subnet"]) if "." in config["Subnet"] else None
        if subnet:
            # Engines before 28 name no gateway until the first container; it is the first address.
            return Bridge(str(config.get("Gateway") or next(subnet.hosts())), subnet)
    raise Refused("The Docker engine has no default bridge network, which `sam local` needs.")


@dataclass(frozen=True)
class Engine:
    """An engine on a socket. Every method raises Refused when it does not answer, or says no."""

    path: str

    def version(self) -> str:
        """The engine's version."""
        return str(self._ask("GET", "/version")["Version"])

    def bridge(self) -> Bridge:
        """The network that containers are on."""
        return bridge_of(self._ask("GET", "/networks/bridge"))

    def images(self) -> set[str]:
        """Names of the images that are here already, so that nothing has to be pulled."""
        found = self._ask("GET", "/images/json")
        return {name for image in found for name in image.get("RepoTags") or ()}

    def import_image(
        self, rootfs: IO[bytes], repository: str, tag: str, changes: Iterable[str]
    ) -> None:
        """Make an image of a tar file; `changes` are lines of a Dockerfile (ENV, ENTRYPOINT)."""
        query = urlencode(
            [("fromSrc", "-"), ("repo", repository), ("tag", tag)]
            + [("changes", change) for change in changes]
        )
        self._ask("POST", f"/images/create?{query}", body=rootfs)

    def functions_of(self, *folders: Path) -> set[str]:
        """Ids of the SAM CLI's containers, running or not, whose code is below these folders."""
        query = urlencode({"all": "1", "filters": json.dumps({"label": [SAM_CONTAINERS]})})
        return {
            container["Id"]
            for container in self._ask("GET", f"/containers/json?{query}")
            for mount in container.get("Mounts", ())
            if any(Path(mount.get("Source", "")).is_relative_to(folder) for folder in folders)
        }

    def remove(self, container: str) -> None:
        """End a container and remove it; one that is gone already is fine."""
        with suppress(_NotFound):
            self._ask("DELETE", f"/containers/{container}?force=1")

    def _ask(self, method: str, path: str, body: IO[bytes] | None = None) -> Any:
        headers = {"Content-Type": "application/x-tar"} if body else {}
        try:
            with closing(_UnixConnection(self.path)) as connection:
                # Without a version in the path the engine speaks its own: any fixed one is refused
                # some day.
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                text = response.read()
        except (OSError, HTTPException) as error:
            raise Refused(
                f"No Docker engine answers at {self.path} ({error}): start one, or say in "
                "DOCKER_HOST where it is. Everything but `sam local` works without."
            ) from error
        if response.status >= HTTPStatus.BAD_REQUEST:
            kind = _NotFound if response.status == HTTPStatus.NOT_FOUND else Refused
            reason = text.decode(errors="replace").strip()
            raise kind(f"The Docker engine refused {method} {path}: {reason}")
        return json.loads(text) if text and not body else None
