"""Keep the credentials that the environment variables hold as a profile, for commands that need two
accounts at once (`--below-profile`): a job takes on one role, keeps it, and takes on the next.

Only short-lived credentials are kept, those with a session token.
"""

import argparse
import configparser
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FILE = "AWS_SHARED_CREDENTIALS_FILE"
NAMES = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",  # nosec B105: a name
    "aws_session_token": "AWS_SESSION_TOKEN",  # nosec B105: a name
}


def main(arguments: Sequence[str], variables: Mapping[str, str] = os.environ) -> int:
    """The command; its exit code."""
    options = parser().parse_args(arguments)
    if missing := [name for name in NAMES.values() if not variables.get(name)]:
        print(f"{' and '.join(missing)} must be set.", file=sys.stderr)
        return 1
    path = Path(variables.get(FILE) or Path.home() / ".aws" / "credentials")
    keep(path, options.name, {name: variables[place] for name, place in NAMES.items()})
    print(f"Kept as profile {options.name}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops profile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--name", required=True, help="of the profile; one of that name is replaced")
    return found


def keep(path: Path, name: str, credentials: Mapping[str, str]) -> None:
    """Write a profile into a file of credentials, beside what is there, readable by nobody else."""
    # A token may hold any character: nothing in it is a reference.
    profiles = configparser.RawConfigParser()
    profiles.read(path, encoding="utf-8")
    profiles[name] = dict(credentials)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        path.chmod(0o600)
        profiles.write(file)
