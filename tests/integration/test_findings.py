"""Rules of infrastructure/guard.yaml at an EventBridge that others have written, the embedded
AWS's: it matches, transforms, gets a token and posts. It knows no connections in
templates, so rule, target and connection are made by its API. Events in the name
of AWS's services are refused as on AWS, hence another name in their stead.
"""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest

from local import cloud
from local.home import REGION, Home
from tests.functional.security.test_findings import UNTOLD
from tests.support.event_bridge import matches, transformed
from tests.support.findings import EVENTS, Event, guardduty
from tests.support.guard import GIVEN, at_home, elsewhere, rules, targets
from tests.support.receiver import Receiver, receiving
from tests.support.waiting import wait_until

TEMPLATE = Path(__file__).parents[2] / "infrastructure/guard.yaml"
ACCOUNTS = ("222222222222", "666666666666")
REGIONS = (REGION, "us-west-2")
KNOWN = {
    "AccountName": "production",
    "SecurityBusArn": GIVEN["SecurityBusArn"],
    "Email": GIVEN["Email"],
    # It has no resource types of Config, Access Analyzer, connections.
    "Recording": "off",
    "Analyzing": "off",
}
SCOPE = "skafu/metrics.write"


class Aws:
    """The embedded AWS, seen from accounts and regions."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def client(self, service: str, account: str = ACCOUNTS[1], region: str = REGION) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload] # the name comes as an argument
            endpoint_url=self.home.endpoint,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="none",
        )


@pytest.fixture(scope="module", name="aws")
def fixture_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    home = Home(tmp_path_factory.mktemp("aws"), port)
    cloud.start(home)
    yield Aws(home)
    cloud.stop(home)


@pytest.fixture(scope="module", name="receiver")
def fixture_receiver() -> Iterator[Receiver]:
    """What stands where Skafu's gateway would."""
    with receiving() as receiver:
        yield receiver


def test_it_is_deployed_in_two_accounts_and_two_regions(aws: Aws) -> None:
    stacks = [aws.client("cloudformation", a, r) for a in ACCOUNTS for r in REGIONS]
    for stack in stacks:
        stack.create_stack(
            StackName="skafu-guard",
            TemplateBody=TEMPLATE.read_text("utf-8"),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in KNOWN.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
    for stack in stacks:
        made = stack.get_waiter("stack_create_complete")
        made.wait(StackName="skafu-guard", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    for account in ACCOUNTS:
        for region, stack_of in ((REGION, at_home()), ("us-west-2", elsewhere())):
            found = aws.client("events", account, region).list_rules(NamePrefix="skafu-guard-")
            names = {each["Name"] for each in found["Rules"]}
            wanted = {
                each["Name"].replace("skafu-test", "skafu-guard")
                for each in rules(stack_of).values()
                # Those that tell Skafu alone have no target without a client.
                if set(targets(each)) != {"skafu"}
            }
            assert names == wanted, (account, region)


def test_another_eventbridge_reads_patterns_as_ours_does(aws: Aws) -> None:
    events = aws.client("events")
    differing = set()
    for name, rule in rules(at_home()).items():
        for about, event in {**EVENTS, **UNTOLD}.items():
            if event["source"] not in rule["EventPattern"].get("source", [event["source"]]):
                continue
            asked = {
                "EventPattern": json.dumps(rule["EventPattern"]),
                "Event": json.dumps(event),
            }
            if events.test_event_pattern(**asked)["Result"] is not matches(
                rule["EventPattern"], event
            ):
                differing.add((name, about))
    assert differing == set()


def renamed(value: Any) -> Any:
    """Of another service than AWS's."""
    return json.loads(json.dumps(value).replace('"aws.', '"sample.'))


def machine(aws: Aws) -> tuple[str, str]:
    """A machine client of a pool: id and secret."""
    pools = aws.client("cognito-idp")
    pool = pools.create_user_pool(PoolName="skafu")["UserPool"]["Id"]
    pools.create_resource_server(
        UserPoolId=pool,
        Identifier="skafu",
        Name="skafu",
        Scopes=[{"ScopeName": "metrics.write", "ScopeDescription": "send"}],
    )
    pools.create_user_pool_domain(UserPoolId=pool, Domain="skafu-guard")
    made = pools.create_user_pool_client(
        UserPoolId=pool,
        ClientName="guard",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[SCOPE],
        AllowedOAuthFlowsUserPoolClient=True,
    )["UserPoolClient"]
    return made["ClientId"], made["ClientSecret"]


def connect(aws: Aws, receiver: Receiver) -> str:
    """The template's connection and destination, made by the API; the destination's ARN."""
    events = aws.client("events")
    asked = json.loads(json.dumps(at_home()["Connection"]["Properties"]))
    oauth = asked["AuthParameters"]["OAuthParameters"]
    client, secret = machine(aws)
    oauth["ClientParameters"] = {"ClientID": client, "ClientSecret": secret}
    oauth["AuthorizationEndpoint"] = f"{aws.home.endpoint}/oauth2/token"
    connection = events.create_connection(Name="skafu", **asked)["ConnectionArn"]
    return str(
        events.create_api_destination(
            Name="skafu",
            ConnectionArn=connection,
            InvocationEndpoint=receiver.url("/api/metrics"),
            HttpMethod="POST",
        )["ApiDestinationArn"]
    )


def test_it_gets_a_token_and_posts_what_ours_makes(aws: Aws, receiver: Receiver) -> None:
    destination, events = connect(aws, receiver), aws.client("events")
    rule = rules(at_home())["GuardDutyCritical"]
    target = dict(targets(rule)["skafu"])
    target |= {"Arn": destination, "RoleArn": "arn:aws:iam::666666666666:role/x"}
    target.pop("DeadLetterConfig")
    events.put_rule(Name="critical", EventPattern=json.dumps(renamed(rule["EventPattern"])))
    events.put_targets(Rule="critical", Targets=[target])

    # Its transformer takes whose finding it is out of the detail.
    found: Event = renamed(guardduty(9.2))
    entry = {"Source": found["source"], "DetailType": found["detail-type"]}
    put = events.put_events(Entries=[{**entry, "Detail": json.dumps(found["detail"])}])
    assert put["FailedEntryCount"] == 0

    wait_until(lambda: receiver.received, "a post")
    [posted] = receiver.received
    assert posted.path == "/api/metrics"
    assert json.loads(posted.body) == json.loads(transformed(target, found))
    kind, _, token = posted.headers["authorization"].partition(" ")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (kind, claims["scope"], claims["token_use"]) == ("Bearer", SCOPE, "access")
