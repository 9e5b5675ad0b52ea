"""The organization of infrastructure/organization.yaml: its accounts, which policies hold in which,
and what somebody may do where.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.support.policies import Request, Statement, denies, grants, many
from tests.support.transformed import REGION, Resolver, written

type Json = dict[str, Any]

TEMPLATE = written("infrastructure/organization.yaml")
EVERYTHING: list[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
IDS = {
    "Root": "111111111111",
    "SecurityAccount": "222222222222",
    "SharedServicesAccount": "333333333333",
    "DevelopmentAccount": "444444444444",
    "StagingAccount": "555555555555",
    "ProductionAccount": "666666666666",
}
"""Account -> an example of its id; the template knows none."""
GIVEN = {
    **{name: f"{name}@example.com" for name in TEMPLATE["Parameters"] if name.endswith("Email")},
    **{name: f"id-of-{name}" for name in TEMPLATE["Parameters"] if name.endswith("Group")},
    "Guardrails": "on",
    "Tagging": "on",
    "IdentityCenterArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef",
}
"""What the stack is given once all of it is there."""
TAGGED = {f"aws__RequestTag/{key}": "skafu" for key in ("project", "environment", "team")}
"""What `Who.may` is told of a request that says whose it is."""


def resources(**parameters: Any) -> dict[str, Json]:
    """The stack's resources, resolved; those whose condition does not hold are gone."""
    defaults = {name: each.get("Default", "") for name, each in TEMPLATE["Parameters"].items()}
    defaults["AllowedRegions"] = defaults["AllowedRegions"].split(",")
    resolver = Resolver(TEMPLATE, {**defaults, **parameters})
    return {
        name: resolver.resolve(each)
        for name, each in TEMPLATE["Resources"].items()
        if "Condition" not in each or resolver.condition(each["Condition"])
    }


@cache
def complete() -> dict[str, Json]:
    """The stack's resources once all of it is there."""
    return resources(**GIVEN)


def properties(kind: str) -> dict[str, Json]:
    """Logical id -> properties, of all resources of a type."""
    found = complete().items()
    return {name: each["Properties"] for name, each in found if each["Type"] == kind}


def assignments() -> set[tuple[str, str, str]]:
    """(group's parameter, permission set, account) for all that is assigned."""
    found = set()
    for each in properties("AWS::SSO::Assignment").values():
        target = each["TargetId"]
        account = target["Ref"] if isinstance(target, dict) else "Root"
        name = each["PermissionSetArn"]["Fn::GetAtt"][0]
        found.add((str(each["PrincipalId"]).removeprefix("id-of-"), name, account))
    return found


def places(account: str) -> list[str]:
    """The units that an account is in, up to the root ("Root")."""
    if account == "Root":
        return []
    [unit] = complete()[account]["Properties"]["ParentIds"]
    found = [account]
    while "Ref" in unit:
        found.append(unit["Ref"])
        unit = complete()[unit["Ref"]]["Properties"]["ParentId"]
    return [*found, "Root"]


def attached(place: str) -> list[Json]:
    """The service control policies that hang at a unit, an account or the root."""
    return [
        each
        for each in properties("AWS::Organizations::Policy").values()
        if each["Type"] == "SERVICE_CONTROL_POLICY" and place in map(_place, each["TargetIds"])
    ]


def _place(target: Mapping[str, Any]) -> str:
    return str(target["Ref"]) if "Ref" in target else "Root"


def guardrails(account: str) -> list[Statement]:
    """What holds in an account. Nothing holds in the root account itself."""
    return [
        statement
        for place in places(account)
        for policy in attached(place)
        for statement in many(policy["Content"]["Statement"])
    ]


@cache
def managed(arn: str) -> list[Statement]:
    """The statements of one of AWS's own policies."""
    known = json.loads(aws_managed_policies_data)
    return many(known[arn.rpartition("/")[2]]["Document"]["Statement"])


@dataclass(frozen=True)
class Who:
    """Somebody in an account: the identity's ARN and what the account's own policies give it. What
    lies within is the lesser of the two where a boundary is set.
    """

    account: str
    name: str
    own: Iterable[Statement]
    boundary: Iterable[Statement] = tuple(EVERYTHING)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{IDS[self.account]}:{self.name}"

    def may(self, action: str, resource: str = "*", region: str = REGION, **told: str) -> bool:
        """Whether AWS would let it. `told` has condition keys with __ for their colon."""
        context = {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": IDS[self.account],
            "aws:ResourceAccount": IDS[self.account],
            "aws:PrincipalOrgID": "o-skafu",
            "aws:ResourceOrgID": "o-skafu",
            "aws:RequestedRegion": region,
            **{key.replace("__", ":"): value for key, value in told.items()},
        }
        request = Request(action, resource, context)
        given = grants(self.own, request) and grants(self.boundary, request)
        return given and not denies(guardrails(self.account), request)


def somebody(account: str, name: str = "role/somebody") -> Who:
    """Somebody whom the account itself lets do everything."""
    return Who(account, name, EVERYTHING)


def holder(permission_set: str, account: str) -> Who:
    """Somebody who came by a permission set. Raises KeyError if there is no such set."""
    each = properties("AWS::SSO::PermissionSet")[permission_set]
    own = [one for arn in each.get("ManagedPolicies", ()) for one in managed(arn)]
    own += each.get("InlinePolicy", {}).get("Statement", [])
    role = f"role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{each['Name']}_0123456789abcdef"
    boundary = each.get("PermissionsBoundary", {}).get("ManagedPolicyArn")
    return Who(account, role, own, managed(boundary) if boundary else EVERYTHING)


def pipelines() -> Iterator[tuple[str, str, Json]]:
    """(environment, role, statement) for what infrastructure/delivery.yaml lets its roles do."""
    template = written("infrastructure/delivery.yaml")
    for environment in ("development", "staging", "production"):
        given = {"EnvironmentName": environment, "GitHubRepository": "a/b", "Above": "x"}
        resolver = Resolver(template, {**given, "GitHubProviderArn": ""})
        for name, each in template["Resources"].items():
            found = resolver.resolve(each.get("Properties", {}))
            documents = [one["PolicyDocument"] for one in found.get("Policies", ())]
            documents += [found["PolicyDocument"]] if "PolicyDocument" in found else []
            for document in documents if name != "Boundary" else ():
                yield from ((environment, name, each) for each in document["Statement"])
