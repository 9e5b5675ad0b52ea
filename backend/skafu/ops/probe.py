"""The probe's own sign-in: `install` makes it, and makes it anew with --rotate.

The client is a member of the reserved tenant (an editor, as agents are) and may send and read
points and read alerts, and nothing else; its tokens live for a day, because each is paid for. What
it signs in with goes into the environment's secret and is shown to nobody. A second run changes
nothing. With --plan it also gets an API key of that usage plan, which it needs where the
environment asks machines for one (a key is its client's: --rotate with --plan gives a new one).
`run` does once, from here, what the probe does every few minutes.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from skafu.canary import reserved
from skafu.canary.checks import examine
from skafu.canary.scene import Scene
from skafu.ops import api_keys, deployment
from skafu.ops.deployment import Deployment
from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.smoke import reaching as outside
from skafu.ops.smoke.report import line
from skafu.probe.credentials import NOT_INSTALLED, Credentials, Misconfigured, stored_in
from skafu.probe.reaching import PublicApi, Response, Tokens
from skafu.probe.steps import RUN, Looked, steps_of
from skafu.shared import aws, keys
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.table import Delete, Table
from skafu.workspace.clients.app_clients import AppClients, CognitoAppClients
from skafu.workspace.pool import Pool

LABEL = "skafu-probe"
"""The client's name in the user pool."""

SCOPES = ("skafu/metrics.write", "skafu/metrics.read", "skafu/alerts.read")
TOKEN_HOURS = 24
NEEDED = ("ApiEndpoint", "ConsoleUrl", "TableName", "UserPoolId", "UserPoolDomain")


def secret_of(stack: str) -> str:
    """The name of a stack's secret (template.yaml, ProbeSecret)."""
    return f"{stack}-probe"


def install(
    clients: AppClients,
    table: Table,
    known: Credentials,
    clock: Clock,
    *,
    rotate: bool = False,
) -> Credentials:
    """The credentials of a client that is there and belongs to the reserved tenant: the known ones
    where they do, else new ones. With `rotate` they are always new.

    Raises Unavailable, and Conflict where the known client belongs to somebody else. Clients that
    they replace are removed by `clean`, once the new ones are kept.
    """
    reserved.found(table, clock())
    found = known
    if rotate or known.client_id not in clients.labelled(LABEL):
        made = clients.create(LABEL, SCOPES)
        found = replace(known, client_id=made.client_id, client_secret=made.secret)
    members = Members(table, clock, random_id)
    members.add_member(found.client_id, Kind.MACHINE, reserved.TENANT, Role.EDITOR)
    return found


def clean(clients: AppClients, table: Table, kept: Credentials) -> int:
    """Remove the probe's clients but this one, their memberships first: tokens live on for a day.
    How many there were.
    """
    old = [each for each in clients.labelled(LABEL) if each != kept.client_id]
    for client_id in old:
        table.write(Delete(keys.membership(client_id)))
        clients.delete(client_id)
    return len(old)


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    found = deployment.find(options, make, NEEDED)
    stack = options.stack or next(
        each.stack_name for each in load(ROOT / "environments") if each.name == options.environment
    )
    secrets = found.client("secretsmanager")
    try:
        known = stored_in(secrets, secret_of(stack))()
    except secrets.exceptions.ResourceNotFoundException:
        print(f"{stack} has no probe: monitoring.probe_minutes of its file", file=sys.stderr)
        return 1
    except Misconfigured:
        known = Credentials()  # whatever is there is replaced
    if options.action == "run":
        return _run(found, options.environment, known, clock)
    table = DynamoTable(found.client("dynamodb"), found.outputs["TableName"])
    pool = Pool(found.client("cognito-idp"), found.outputs["UserPoolId"])
    clients = CognitoAppClients(pool, TOKEN_HOURS)
    wanted = install(clients, table, known, clock, rotate=options.rotate)
    if options.plan and (options.rotate or not wanted.api_key):
        wanted = replace(wanted, api_key=_issued(found, stack, options.plan, wanted.client_id))
    if wanted != known:
        secrets.put_secret_value(SecretId=secret_of(stack), SecretString=wanted.document())
    removed = clean(clients, table, wanted)
    said = "is installed" if wanted != known else "was installed already"
    print(f"The probe {said}: client {wanted.client_id}; {removed} older ones removed.")
    return 0


def _issued(found: Deployment, stack: str, plan: str, client_id: str) -> str:
    """A key of a usage plan. Raises KeyError where the stack does not tell the plan."""
    ids = {plan: found.outputs[api_keys.PLANS[plan]]}
    issuing = api_keys.Keys(found.client("apigateway"), stack, ids)
    _, value = issuing.issue(reserved.TENANT, client_id, plan)
    return value


def _run(found: Deployment, environment: str, known: Credentials, clock: Clock) -> int:
    if not known.installed:
        print(NOT_INSTALLED, file=sys.stderr)
        return 1
    cognito = found.client("cognito-idp")
    endpoint, region = cognito.meta.endpoint_url, cognito.meta.region_name
    tokens = Tokens(outside.token_url(found.outputs, endpoint, region), fetch, clock)
    scene = Scene(
        api=PublicApi(found.outputs["ApiEndpoint"], lambda: tokens(known), fetch, known.api_key),
        run=RUN,
        clock=clock,
        chance=random.random,
        pause=time.sleep,
        environment=environment,
    )
    looked = Looked(scene, lambda: tokens(known), found.outputs["ConsoleUrl"], fetch)
    results = list(examine(steps_of(looked), clock))
    print("\n".join(map(line, results)))
    return 0 if all(each.passed for each in results) else 1


def fetch(method: str, url: str, body: bytes | None, headers: Any) -> Response:
    """One request from where an operator is: names of the local environment are this machine's."""
    answer = outside.fetch(method, url, body, headers)
    return Response(answer.status, answer.body)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops probe",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=("install", "run"))
    deployment.add_arguments(parser)
    parser.add_argument("--plan", choices=api_keys.PLANS, help="install: with an API key of it")
    parser.add_argument("--rotate", action="store_true", help="install: make the client anew")
    return parser
