"""A web ACL of AWS WAF as WAF reads it, as far as the templates here use it: priorities, block and
count, labels, rate, And, Or, Not, label and regular expression statements.

What AWS's managed rules look for is AWS's; `MANAGED` is what their documentation says, as simple as
a test needs it. Anything else raises ValueError, so that nothing passes by not being looked at.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

type Json = Mapping[str, Any]

INSPECTED = 16 * 1024
"""Bytes of a body that WAF gets to see of what goes to CloudFront or API Gateway."""
CORE = "awswaf:managed:aws:core-rule-set:"
KNOWN_BAD = "awswaf:managed:aws:known-bad-inputs:"


@dataclass(frozen=True)
class Call:
    """A request. `rate` is how many its address has sent within the window of the rate rule."""

    method: str = "GET"
    path: str = "/api/health"
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"user-agent": "test"})
    rate: int = 1
    bad_address: bool = False

    @property
    def seen(self) -> str:
        """The beginning of the body, which is all that rules about content look at."""
        return self.body[:INSPECTED].decode("latin-1")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a request: the name of the rule that blocks it, or None, and its labels."""

    blocked_by: str | None
    labels: frozenset[str]
    answer: Json = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        """Whether it gets through."""
        return self.blocked_by is None


type Matches = Callable[[Call], bool]

MANAGED: Mapping[str, Mapping[str, tuple[str, Matches]]] = {
    "AWSManagedRulesCommonRuleSet": {
        "NoUserAgent_HEADER": (
            f"{CORE}NoUserAgent_Header",
            lambda call: "user-agent" not in call.headers,
        ),
        "SizeRestrictions_QUERYSTRING": (
            f"{CORE}SizeRestrictions_QueryString",
            lambda call: len(call.query) > 2048,
        ),
        "SizeRestrictions_BODY": (
            f"{CORE}SizeRestrictions_Body",
            # WAF counts what it gets, which is more than this rule's limit in any case.
            lambda call: len(call.body[:INSPECTED]) > 8192,
        ),
        "CrossSiteScripting_BODY": (
            f"{CORE}CrossSiteScripting_Body",
            lambda call: "<script" in call.seen,
        ),
        "CrossSiteScripting_QUERYARGUMENTS": (
            f"{CORE}CrossSiteScripting_QueryArguments",
            lambda call: "<script" in call.query,
        ),
        "GenericLFI_BODY": (f"{CORE}GenericLFI_Body", lambda call: "../" in call.seen),
        "GenericLFI_URIPATH": (f"{CORE}GenericLFI_URIPath", lambda call: "../" in call.path),
        "GenericRFI_BODY": (
            f"{CORE}GenericRFI_Body",
            lambda call: re.search(r"https?://\d+\.\d+\.\d+\.\d+", call.seen) is not None,
        ),
        "GenericRFI_QUERYARGUMENTS": (
            f"{CORE}GenericRFI_QueryArguments",
            lambda call: re.search(r"https?://\d+\.\d+\.\d+\.\d+", call.query) is not None,
        ),
        "EC2MetaDataSSRF_BODY": (
            f"{CORE}EC2MetaDataSSRF_Body",
            lambda call: "169.254.169.254" in call.seen,
        ),
        "RestrictedExtensions_URIPATH": (
            f"{CORE}RestrictedExtensions_URIPath",
            lambda call: call.path.endswith((".log", ".ini", ".conf")),
        ),
        "RestrictedExtensions_QUERYARGUMENTS": (
            f"{CORE}RestrictedExtensions_QueryArguments",
            lambda call: call.query.endswith((".log", ".ini", ".conf")),
        ),
    },
    "AWSManagedRulesKnownBadInputsRuleSet": {
        "Log4JRCE_BODY": (f"{KNOWN_BAD}Log4JRCE_Body", lambda call: "${jndi:" in call.seen),
        "Log4JRCE_HEADER": (
            f"{KNOWN_BAD}Log4JRCE_Header",
            lambda call: any("${jndi:" in each for each in call.headers.values()),
        ),
    },
    "AWSManagedRulesAmazonIpReputationList": {
        "AWSManagedIPReputationList": (
            "awswaf:managed:aws:amazon-ip-list:AWSManagedIPReputationList",
            lambda call: call.bad_address,
        ),
    },
}
"""Managed group -> rule -> (the label that it adds, what it looks for)."""


def judge(acl: Json, call: Call) -> Verdict:
    """What the web ACL does with a request."""
    labels: set[str] = set()
    for rule in sorted(acl["Rules"], key=lambda each: int(each["Priority"])):
        statement = rule["Statement"]
        if "ManagedRuleGroupStatement" in statement:
            if rule["OverrideAction"] != {"None": {}}:
                raise ValueError(f"not understood: {rule}")
            blocks = _managed(statement["ManagedRuleGroupStatement"], call, labels)
        else:
            blocks = _holds(statement, call, labels) and "Block" in rule["Action"]
        if blocks:
            answer = rule.get("Action", {}).get("Block", {})
            return Verdict(rule["Name"], frozenset(labels), answer)
    if acl["DefaultAction"] != {"Allow": {}}:
        raise ValueError(f"not understood: {acl['DefaultAction']}")
    return Verdict(None, frozenset(labels))


def _managed(group: Json, call: Call, labels: set[str]) -> bool:
    """Whether a group blocks; the labels of its rules that match are added in any case."""
    if "ScopeDownStatement" in group and not _holds(group["ScopeDownStatement"], call, labels):
        return False
    rules = MANAGED[group["Name"]]
    counted = {each["Name"] for each in group.get("RuleActionOverrides", ())}
    if any(each["ActionToUse"] != {"Count": {}} for each in group.get("RuleActionOverrides", ())):
        raise ValueError(f"not understood: {group}")
    if unknown := counted - set(rules):
        raise ValueError(f"not understood: {unknown}")
    matching = {name for name, (_, matches) in rules.items() if matches(call)}
    labels.update(rules[name][0] for name in matching)
    return bool(matching - counted)


def _holds(statement: Json, call: Call, labels: Iterable[str]) -> bool:
    [(kind, argument)] = statement.items()
    match kind:
        case "AndStatement":
            return all(_holds(each, call, labels) for each in argument["Statements"])
        case "OrStatement":
            return any(_holds(each, call, labels) for each in argument["Statements"])
        case "NotStatement":
            return not _holds(argument["Statement"], call, labels)
        case "LabelMatchStatement" if argument["Scope"] == "LABEL":
            return argument["Key"] in labels
        case "RegexMatchStatement":
            return re.search(argument["RegexString"], _part(argument, call)) is not None
        case "ByteMatchStatement" if argument["PositionalConstraint"] == "STARTS_WITH":
            return _part(argument, call).startswith(argument["SearchString"])
        case "RateBasedStatement" if argument["AggregateKeyType"] == "IP":
            return call.rate > int(argument["Limit"])
    raise ValueError(f"not understood: {statement}")


def _part(argument: Json, call: Call) -> str:
    if any(each["Type"] != "NONE" for each in argument["TextTransformations"]):
        raise ValueError(f"not understood: {argument}")
    match list(argument["FieldToMatch"]):
        case ["Method"]:
            return call.method
        case ["UriPath"]:
            return call.path
    raise ValueError(f"not understood: {argument['FieldToMatch']}")
