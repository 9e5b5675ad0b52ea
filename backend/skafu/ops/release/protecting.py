"""A stack's policy: no update of it may replace or delete what holds data.

CloudFormation asks it before it touches a resource, whoever started the update. It stays until
somebody sets another one; each deployment sets it again, and each release is kept with the one that
it was deployed under. To do all the same what it denies, an administrator sets another policy by
hand, and the next deployment puts this one back (docs/recovery.md).
"""

import json

from skafu.ops.artefact.accounts import Account
from skafu.ops.release.journal import Journal
from skafu.ops.release.record import Release

HOLDING = (
    "AWS::AppConfig::Application",
    "AWS::AppConfig::ConfigurationProfile",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
)
"""Types of what holds data, or opens it."""
POLICY = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"ResourceType": list(HOLDING)}},
        },
    ]
}


def protect(account: Account, journal: Journal, release: Release) -> None:
    """Set the policy of a release's stack, and keep it with the release."""
    text = json.dumps(POLICY, indent=2)
    client = account.client("cloudformation")
    client.set_stack_policy(StackName=release.stack, StackPolicyBody=text)
    journal.keep_policy(release, text)
