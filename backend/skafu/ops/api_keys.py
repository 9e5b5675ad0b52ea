"""Keys of usage plans, which machines bring besides their tokens: list, issue, revoke.

A key belongs to a machine client and says so in its name: <stack>/<tenant>/<client>. Where the
environment's file says `machine_keys`, POST /api/metrics is refused without one; where it does not,
a key still counts its machine against its plan. Issue keys before the file says it.

A key is shown when it is issued. Whoever may read the account's API Gateway can read it again; by
itself, without the machine's token, it opens nothing.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skafu.ops import deployment
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, random_id
from skafu.shared.membership import Members

PLANS = {"basic": "BasicPlan", "premium": "PremiumPlan"}
"""Names of plans, and the stack's outputs that tell their ids."""
AT_ONCE = 2
"""Keys of a client: the one that it has, and the one that it is about to change to."""


class Refused(Exception):
    """What was asked for is not done; `str(error)` says why."""


@dataclass(frozen=True)
class Key:
    """An API key, without its value. `plan` is None where it is in none, and so opens nothing."""

    id: str
    tenant: str
    client: str
    plan: str | None
    created: datetime


class Keys:
    """The API keys of one stack. `gateway` is a botocore client of apigateway, `plans` has the ids
    of usage plans by the plans' names.
    """

    def __init__(self, gateway: Any, stack: str, plans: dict[str, str]) -> None:
        self._gateway = gateway
        self._stack = stack
        self._plans = plans

    def all(self) -> list[Key]:
        """Every key that is named as issued here, the oldest first."""
        planned = {key: plan for plan in self._plans for key in self._members(plan)}
        found = []
        for page in self._gateway.get_paginator("get_api_keys").paginate(nameQuery=self._prefix):
            for item in page["items"]:
                parts = item["name"].split("/")
                if parts[0] == self._stack and len(parts) == 3:
                    _, tenant, client = parts
                    plan = planned.get(item["id"])
                    found.append(Key(item["id"], tenant, client, plan, item["createdDate"]))
        return sorted(found, key=lambda each: each.created)

    def issue(self, tenant: str, client: str, plan: str) -> tuple[str, str]:
        """(id, value) of a new key. Raises Refused when the client has as many as it may have."""
        known = [each.id for each in self.all() if each.client == client]
        if len(known) >= AT_ONCE:
            raise Refused(f"the client has {len(known)} keys: revoke one first ({known[0]})")
        made = self._gateway.create_api_key(
            name=f"{self._prefix}{tenant}/{client}",
            description="Issued by skafu.ops api-keys",
            enabled=True,
        )
        try:
            self._gateway.create_usage_plan_key(
                usagePlanId=self._plans[plan], keyId=made["id"], keyType="API_KEY"
            )
        except Exception:
            # In no plan it would open nothing, and stand in everybody's way.
            self._gateway.delete_api_key(apiKey=made["id"])
            raise
        return str(made["id"]), str(made["value"])

    def revoke(self, key: str) -> Key:
        """End a key; the gateway takes it for a few seconds more. Raises Refused for a key that was
        not issued here.
        """
        known = {each.id: each for each in self.all()}
        if key not in known:
            raise Refused(f"{key} is no key of {self._stack}")
        self._gateway.delete_api_key(apiKey=key)
        return known[key]

    @property
    def _prefix(self) -> str:
        return f"{self._stack}/"

    def _members(self, plan: str) -> Iterator[str]:
        pages = self._gateway.get_paginator("get_usage_plan_keys")
        for page in pages.paginate(usagePlanId=self._plans[plan]):
            yield from (item["id"] for item in page["items"])


def main(
    arguments: Sequence[str], make: deployment.Make = aws.client, clock: Clock = system_clock
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    found = deployment.find(options, make, ["TableName", *PLANS.values()])
    plans = {name: found.outputs[output] for name, output in PLANS.items()}
    stack = options.stack or deployment.stack_name(options.environment)
    issued = Keys(found.client("apigateway"), stack, plans)
    table = DynamoTable(found.client("dynamodb"), found.outputs["TableName"])
    members = Members(table, clock, random_id)
    try:
        print("\n".join(_run(options, issued, members)))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace, issued: Keys, members: Members) -> Iterator[str]:
    match options.action:
        case "issue":
            known = members.member(options.client)
            if known is None or known.kind is not Kind.MACHINE:
                raise Refused(f"{options.client} is no machine client of any team")
            key, value = issued.issue(known.tenant, options.client, options.plan)
            yield f"key     {key}"
            yield f"plan    {options.plan}"
            yield f"tenant  {known.tenant}"
            yield f"value   {value}  (sent as x-api-key; it is not shown again)"
        case "revoke":
            gone = issued.revoke(options.key)
            yield f"revoked {gone.id} of {gone.client}, which sends no points without another key"
        case _:
            yield from _listed(issued, members)


def _listed(issued: Keys, members: Members) -> Iterator[str]:
    for each in issued.all():
        there = members.member(each.client)
        note = "" if there and there.tenant == each.tenant else "  (the client is gone: revoke it)"
        plan = each.plan or "none"
        yield f"{each.id}  {plan:8} {each.tenant}  {each.client}  {each.created:%Y-%m-%d}{note}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops api-keys",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    told = {
        "list": "which keys there are, without their values",
        "issue": "a key for a machine client, shown once",
        "revoke": "end a key",
    }
    made = {name: actions.add_parser(name, help=text) for name, text in told.items()}
    for each in made.values():
        deployment.add_arguments(each)
    made["issue"].add_argument("--client", required=True, help="its client id")
    made["issue"].add_argument("--plan", required=True, choices=PLANS)
    made["revoke"].add_argument("--key", required=True, help="its id, as list tells it")
    return parser
