"""Tell others how a deployment went: a POST to the address in DEPLOYMENT_WEBHOOK_URL.

The body is {"status", "environment"} and, where they are known, "release", "commit" and "link".
Without an address there is nobody to tell, and that is all right. The address is as good as a
password to whoever receives the post: it is never printed.
"""

import argparse
import http.client
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from skafu.ops import alerts_client, deployment
from skafu.ops.alerts_client import Fetch
from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import NAMES
from skafu.ops.release.place import place_of
from skafu.shared import aws

ADDRESS = "DEPLOYMENT_WEBHOOK_URL"
STATUSES = ("success", "failure", "rolled_back")
CURRENT = "current"
PAUSES_S = (1.0, 4.0)
"""Between tries: three in all, of which each may take as long as the client waits."""
BUSY = 429
LOOPBACK = ("127.0.0.1", "localhost")

type Pause = Callable[[float], None]


def main(
    arguments: Sequence[str],
    make: deployment.Make = aws.client,
    variables: Mapping[str, str] = os.environ,
    fetch: Fetch = alerts_client.fetch,
    pause: Pause = time.sleep,
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = parser().parse_args(arguments)
    address = variables.get(ADDRESS, "")
    if not address:
        print(f"Nobody is told: {ADDRESS} is not set.")
        return 0
    try:
        tell(address, news(options, make), fetch, pause)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"Told: {options.status} in {options.environment}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops announce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--environment", required=True, choices=NAMES)
    found.add_argument("--stack", help="its name, if not the one of the environment's file")
    found.add_argument("--status", required=True, choices=STATUSES)
    found.add_argument(
        "--release", metavar="ID", help=f"its id; {CURRENT!r} looks it up in the account"
    )
    found.add_argument("--commit", metavar="SHA")
    found.add_argument("--link", metavar="URL", help="where it can be followed")
    return found


def news(options: argparse.Namespace, make: deployment.Make) -> dict[str, str]:
    """What is told. With the current release its own commit is told, not the one of a checkout."""
    release, commit = options.release, options.commit
    if release == CURRENT:
        found = place_of(options, make).journal.current()
        release = found.id if found else None
        commit = found.artefact.commit if found else commit
    told = {
        "status": options.status,
        "environment": options.environment,
        "release": release,
        "commit": commit,
        "link": options.link,
    }
    return {name: value for name, value in told.items() if value}


def tell(address: str, body: Mapping[str, str], fetch: Fetch, pause: Pause) -> None:
    """Post it, again where the receiver may only be busy.

    Raises Refused when the address is not one to post to, or nobody took it.
    """
    check(address)
    headers = {"Content-Type": "application/json", "User-Agent": "skafu"}
    content = json.dumps(body).encode()
    why = ""
    for wait in (*PAUSES_S, None):
        try:
            status = fetch("POST", address, content, headers).status
        except (OSError, http.client.HTTPException) as error:
            # The name of the error alone: its text may hold the address.
            why = type(error).__name__
        else:
            if 200 <= status < 300:
                return
            why = f"status {status}"
            if status < 500 and status != BUSY:
                break
        if wait is not None:
            pause(wait)
    raise Refused(f"Nobody was told: {ADDRESS} does not take it ({why}).")


def check(address: str) -> None:
    """Pass an address that nobody can listen to on the way. Raises Refused."""
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise Refused(f"{ADDRESS} has a password before its host: put it into the path.")
    if not (parts.scheme == "https" and parts.hostname) and not (
        parts.scheme == "http" and parts.hostname in LOOPBACK
    ):
        raise Refused(f"{ADDRESS} is not an https address.")
