"""Where the console is served from, as AWS would find it in each environment."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.transformed import ACCOUNT, REGION, of_type, outputs, resolved, transformed

ENVIRONMENTS = ("local", "development", "staging", "production")
NODE = Path(sys.executable).with_name("node")
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/${{ConsoleDistribution}}"
NOT_PUBLIC = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}

# Ids that AWS gives its managed policies, the same in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7ef88eb3c1c0"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[each for each in ENVIRONMENTS if each != "local"])
def in_aws(request: pytest.FixtureRequest) -> str:
    """Where CloudFront's logs are delivered, which the embedded AWS does not do."""
    return str(request.param)


def properties(environment: str, name: str, **parameters: str) -> Any:
    return resolved(environment, **parameters)[name]["Properties"]


def distribution(environment: str, **parameters: str) -> Any:
    return properties(environment, "ConsoleDistribution", **parameters)["DistributionConfig"]


def behaviours(config: Any) -> dict[str, Any]:
    """By their patterns, * being the default."""
    found = {each["PathPattern"]: each for each in config["CacheBehaviors"]}
    return found | {"*": config["DefaultCacheBehavior"]}


# --- the buckets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ConsoleBucket", "ConsoleLogs"])
def test_buckets_are_private_encrypted_and_outlive_the_stack(in_aws: str, name: str) -> None:
    resource = resolved(in_aws)[name]
    bucket = resource["Properties"]
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["PublicAccessBlockConfiguration"] == NOT_PUBLIC
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_what_was_replaced_can_be_had_back_for_a_month(environment: str) -> None:
    bucket = properties(environment, "ConsoleBucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert "ExpirationInDays" not in rule


@pytest.mark.parametrize(
    ("policy", "bucket"),
    [("ConsoleBucketPolicy", "ConsoleBucket"), ("ConsoleLogsPolicy", "ConsoleLogs")],
)
def test_nothing_travels_unencrypted(in_aws: str, policy: str, bucket: str) -> None:
    found = properties(in_aws, policy)
    assert found["Bucket"] == {"Ref": bucket}
    [deny] = [each for each in found["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert (deny["Principal"], deny["Action"]) == ("*", "s3:*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(deny["Resource"]) == 2


def test_only_this_distribution_reads_and_only_what_is_served(environment: str) -> None:
    document = properties(environment, "ConsoleBucketPolicy")["PolicyDocument"]
    [allow] = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allow["Action"] == "s3:GetObject"
    assert allow["Resource"] == "${ConsoleBucket.Arn}/site/*"
    assert allow["Condition"] == {"StringEquals": {"AWS:SourceArn": DISTRIBUTION}}


# --- the distribution -----------------------------------------------------------------------------


def test_pages_come_from_the_bucket_by_signed_requests(environment: str) -> None:
    [pages, _] = distribution(environment)["Origins"]
    assert pages["DomainName"] == {"Fn::GetAtt": ["ConsoleBucket", "RegionalDomainName"]}
    assert pages["OriginPath"] == "/site"
    assert pages["OriginAccessControlId"] == {"Fn::GetAtt": ["ConsoleAccess", "Id"]}
    access = properties(environment, "ConsoleAccess")["OriginAccessControlConfig"]
    assert access["OriginAccessControlOriginType"] == "s3"
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")


def test_the_api_is_on_the_same_origin_and_follows_the_gateway(environment: str) -> None:
    config = distribution(environment)
    [_, api] = config["Origins"]
    # The reference stays one: a gateway that is replaced takes the distribution along.
    assert api["DomainName"] == f"${{SkafuApi}}.execute-api.{REGION}.amazonaws.com"
    assert api["OriginPath"] == f"/{environment}"
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
    behaviour = behaviours(config)["/api/*"]
    assert behaviour["TargetOriginId"] == api["Id"]
    assert set(behaviour["AllowedMethods"]) >= {"GET", "POST", "PUT", "DELETE", "OPTIONS"}


def test_no_answer_of_the_api_is_kept_and_all_of_a_request_gets_there(environment: str) -> None:
    config = distribution(environment)
    behaviour = behaviours(config)["/api/*"]
    assert behaviour["CachePolicyId"] == CACHING_DISABLED
    assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST
    assert not behaviour.get("FunctionAssociations")


def test_no_error_is_kept_and_none_is_turned_into_a_page(environment: str) -> None:
    errors = distribution(environment)["CustomErrorResponses"]
    # All that CloudFront can keep.
    codes = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert {each["ErrorCode"] for each in errors} == codes
    assert all(each == {"ErrorCode": each["ErrorCode"], "ErrorCachingMinTTL": 0} for each in errors)


def test_a_token_is_never_sent_twice_for_want_of_encryption(environment: str) -> None:
    found = behaviours(distribution(environment))
    assert found["/api/*"]["ViewerProtocolPolicy"] == "https-only"
    for pattern in ("*", "/assets/*"):
        assert found[pattern]["ViewerProtocolPolicy"] == "redirect-to-https"


@pytest.mark.parametrize("pattern", ["*", "/assets/*"])
def test_files_are_compressed_and_only_read(environment: str, pattern: str) -> None:
    behaviour = behaviours(distribution(environment))[pattern]
    assert behaviour["Compress"] is True
    assert behaviour["CachePolicyId"] == CACHING_OPTIMIZED
    assert behaviour["AllowedMethods"] == ["GET", "HEAD"]
    assert behaviour["TargetOriginId"] == "pages"


def test_pages_alone_are_rewritten(environment: str) -> None:
    found = behaviours(distribution(environment))
    [association] = found["*"]["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
    assert association["FunctionARN"] == {
        "Fn::GetAtt": ["ConsolePages", "FunctionMetadata.FunctionARN"]
    }
    assert [pattern for pattern, each in found.items() if "FunctionAssociations" in each] == ["*"]


@pytest.mark.parametrize(
    ("environment", "price_class"),
    [
        ("local", "PriceClass_100"),
        ("development", "PriceClass_100"),
        ("staging", "PriceClass_100"),
        ("production", "PriceClass_All"),
    ],
)
def test_each_environment_pays_for_its_own_reach(environment: str, price_class: str) -> None:
    assert distribution(environment)["PriceClass"] == price_class


def test_without_a_certificate_the_console_has_cloudfronts_own_name(environment: str) -> None:
    config = distribution(environment)
    assert "Aliases" not in config
    assert config["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert (
        outputs(environment)["ConsoleUrl"]["Value"] == "https://${ConsoleDistribution.DomainName}"
    )


def test_with_a_certificate_it_has_the_consoles_host_and_no_old_tls() -> None:
    config = distribution("staging", ConsoleCertificateArn=CERTIFICATE)
    assert config["Aliases"] == ["staging.skafu.com"]
    assert config["ViewerCertificate"] == {
        "AcmCertificateArn": CERTIFICATE,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    told = outputs("staging", ConsoleCertificateArn=CERTIFICATE)
    assert told["ConsoleUrl"]["Value"] == "https://staging.skafu.com"


def test_the_consoles_host_may_be_another_than_the_environments() -> None:
    host = {"ConsoleHost": "https://metrics.example.com", "ConsoleCertificateArn": CERTIFICATE}
    assert distribution("production", **host)["Aliases"] == ["metrics.example.com"]


def test_the_embedded_aws_serves_it_under_a_name_that_browsers_find() -> None:
    told = outputs("local", ConsoleDomain="cloudfront.localhost:4566")
    assert "cloudfront.localhost:4566" in json.dumps(told["ConsoleUrl"]["Value"])


# --- headers --------------------------------------------------------------------------------------


def headers(environment: str, **parameters: str) -> Any:
    found = properties(environment, "ConsoleHeaders", **parameters)
    return found["ResponseHeadersPolicyConfig"]


def policy(environment: str, **parameters: str) -> dict[str, str]:
    """The content security policy by directives."""
    security = headers(environment, **parameters)["SecurityHeadersConfig"]
    text = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    parts = (each.strip().partition(" ") for each in text.split(";"))
    return {name: sources for name, _, sources in parts}


def test_nothing_runs_or_is_asked_but_what_comes_from_here(environment: str) -> None:
    assert policy(environment) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' https://cognito-idp.{REGION}.amazonaws.com",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_embedded_cognito_may_be_asked_where_there_is_one() -> None:
    found = policy("local", SignInUrl="http://127.0.0.1:4566")
    assert found["connect-src"] == "'self' http://127.0.0.1:4566"


def test_every_answer_has_the_headers(environment: str) -> None:
    found = behaviours(distribution(environment))
    assert {json.dumps(each["ResponseHeadersPolicyId"]) for each in found.values()} == {
        '{"Ref": "ConsoleHeaders"}'
    }


def test_headers_win_over_what_an_origin_says(environment: str) -> None:
    config = headers(environment)
    assert all(each["Override"] for each in config["SecurityHeadersConfig"].values())
    assert all(each["Override"] for each in config["CustomHeadersConfig"]["Items"])
    security = config["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "same-origin"
    assert "ContentTypeOptions" in security


# --- logs -----------------------------------------------------------------------------------------


def test_requests_are_logged_without_what_people_look_for(in_aws: str) -> None:
    resources = resolved(in_aws)
    [delivery] = of_type(resources, "AWS::Logs::Delivery").values()
    fields = set(delivery["RecordFields"])
    assert {"timestamp(ms)", "c-ip", "cs-method", "cs-uri-stem", "sc-status"} <= fields
    assert not fields & {"cs-uri-query", "cs(Referer)", "cs(Cookie)"}
    [source] = of_type(resources, "AWS::Logs::DeliverySource").values()
    assert (source["LogType"], source["ResourceArn"]) == ("ACCESS_LOGS", DISTRIBUTION)
    [destination] = of_type(resources, "AWS::Logs::DeliveryDestination").values()
    assert destination["DestinationResourceArn"] == {"Fn::GetAtt": ["ConsoleLogs", "Arn"]}


def test_logs_live_as_long_as_other_logs(in_aws: str) -> None:
    [rule] = properties(in_aws, "ConsoleLogs")["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == properties(in_aws, "ApiAccessLogs")["RetentionInDays"]


def test_only_the_delivery_of_this_account_writes_logs(in_aws: str) -> None:
    document = properties(in_aws, "ConsoleLogsPolicy")["PolicyDocument"]
    [allow] = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert allow["Action"] == "s3:PutObject"
    assert allow["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT


def test_where_logs_cannot_be_delivered_from_there_are_none() -> None:
    template = transformed("production")
    named = [name for name in template["Resources"] if name.startswith("ConsoleLog")]
    assert len(named) == 5
    for name in named:
        assert template["Resources"][name]["Condition"] == "HasConsoleLogs"
    [in_aws, there] = template["Conditions"]["HasConsoleLogs"]["Fn::And"]
    assert in_aws == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Environment"}, "local"]}]}
    assert there == {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}


# --- pages ----------------------------------------------------------------------------------------

CALL = "process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).map(handler)))"


def rewritten(*addresses: str) -> list[str]:
    """What the function makes of them, in Node: its runtime knows less than Node, not more."""
    function = properties("local", "ConsolePages")
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True
    events = [{"request": {"uri": each, "method": "GET"}} for each in addresses]
    done = subprocess.run(
        [NODE, "--eval", function["FunctionCode"] + CALL, json.dumps(events)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [request["uri"] for request in json.loads(done.stdout)]


def test_pages_are_the_one_page() -> None:
    pages = ["/", "/explore", "/alerts/01H/history", "/alerts/", "/a.b/c", "/%2e%2e/x"]
    assert set(rewritten(*pages)) == {"/index.html"}


def test_files_stay_files() -> None:
    files = ["/index.html", "/config.json", "/robots.txt", "/icon.svg", "/deep/x.js"]
    assert rewritten(*files) == files


def test_the_function_is_as_small_as_cloudfront_takes_it() -> None:
    assert len(properties("local", "ConsolePages")["FunctionCode"]) < 10_240
