"""What the company's zone has to say of an environment (docs/names.md).

`show` prints it, for whoever writes it by hand. `delegate` writes it, with credentials for the
environment's account, from which it takes on the role that the shared services account has for it.
Both can be repeated: after the zone is made, while a certificate waits, after the console is there.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from skafu.ops import deployment
from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import IN_ACCOUNTS, Environment, load
from skafu.ops.generated import ROOT
from skafu.ops.naming.delegations import role_name
from skafu.ops.naming.records import EDGE_REGION, Record, console, delegation, zone_id
from skafu.shared import aws


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    environments = load(ROOT / "environments")
    environment = next(each for each in environments if each.name == options.environment)
    where = deployment.connection(options.environment, os.environ)
    try:
        found = tuple(_records(environment, make, where))
        if options.do == "delegate":
            _write(found, environment, make, _within(options, make, where))
    except (Refused, KeyError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("\n".join(map(str, found)))
    return 0


def _records(
    environment: Environment, make: deployment.Make, where: Mapping[str, str]
) -> Iterator[Record]:
    yield delegation(make("route53", **where), environment)
    if host := environment.host_in_parent:
        certificates = make("acm", **{**where, "region_name": EDGE_REGION})
        yield from console(make("cloudfront", **where), certificates, host)


def _within(
    options: argparse.Namespace, make: deployment.Make, where: Mapping[str, str]
) -> dict[str, str]:
    """Credentials of the role in the shared services account."""
    sts = make("sts", **where)
    partition = sts.get_caller_identity()["Arn"].split(":")[1]
    name = role_name(options.environment)
    role = f"arn:{partition}:iam::{options.shared_services}:role/{name}"
    try:
        found = sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
    except sts.exceptions.ClientError as error:
        raise Refused(
            f"The role {role} cannot be taken on ({error}): does the stack skafu-dns there know "
            "this account, and may you?"
        ) from error
    return {
        **where,
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def _write(
    records: Iterable[Record],
    environment: Environment,
    make: deployment.Make,
    within: Mapping[str, str],
) -> None:
    client: Any = make("route53", **within)
    if environment.names is not None:
        zone = zone_id(client, environment.names.parent)
        for record in records:
            try:
                client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=record.change())
            except client.exceptions.ClientError as error:
                raise Refused(f"Not written: {record} ({error})") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops names",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="do", required=True)
    for name, what in (("show", "print it"), ("delegate", "write it")):
        command = commands.add_parser(name, help=what)
        command.add_argument("--environment", required=True, choices=IN_ACCOUNTS)
    command.add_argument(
        "--shared-services", required=True, metavar="ACCOUNT", help="the account's id"
    )
    return parser
