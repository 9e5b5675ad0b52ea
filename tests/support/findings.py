"""Events of AWS's security services, as EventBridge hands them to rules: shapes of the services'
own user guides, cut to what matters.
"""

from typing import Any

type Event = dict[str, Any]

ACCOUNT, SECURITY = "666666666666", "222222222222"
REGION = "us-east-1"
BREAK_GLASS = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/"
    "AWSReservedSSO_SkafuBreakGlass_1"
)


def event(source: str, kind: str, detail: Event, account: str = ACCOUNT) -> Event:
    """The envelope."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": kind,
        "source": source,
        "account": account,
        "time": "2023-11-15T12:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def guardduty(severity: float, account: str = ACCOUNT, **changes: Any) -> Event:
    """A finding of GuardDuty; the administrator's account hears of members' too."""
    detail = {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": "finding-1",
        "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "severity": severity,
        "title": 'Credentials of a role named "deploy" were used from outside',
        "description": 'somebody\'s words\\with "quotes"\nand lines',
        "service": {"serviceName": "guardduty", "count": 1, "archived": False},
    }
    return event("aws.guardduty", "GuardDuty Finding", detail | changes, account)


def hub(label: str = "HIGH", product: str | None = "Security Hub", **changes: Any) -> Event:
    """A finding that Security Hub has taken in."""
    finding: Event = {
        "SchemaVersion": "2018-10-08",
        "Id": "arn:aws:securityhub:us-east-1:666666666666:security-control/S3.8/finding/1",
        "AwsAccountId": ACCOUNT,
        "Region": REGION,
        "Title": 'S3 general purpose buckets should "block" public access',
        "Severity": {"Label": label, "Normalized": 70},
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.8"},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
    finding |= {} if product is None else {"ProductName": product}
    detail = {"findings": [finding | changes]}
    return event("aws.securityhub", "Security Hub Findings - Imported", detail)


def analyzer(public: bool | None, status: str = "ACTIVE") -> Event:
    """A finding of Access Analyzer; of some resources it does not say whether they are public."""
    detail: Event = {
        "version": "1.0",
        "id": "22222222-dcba-4444-dcba-333333333333",
        "status": status,
        "resourceType": "AWS::S3::Bucket",
        "resource": "arn:aws:s3:::amzn-s3-demo-bucket",
        "isDeleted": False,
    }
    detail |= {} if public is None else {"isPublic": public}
    return event("aws.access-analyzer", "Access Analyzer Finding", detail)


def config(compliance: str) -> Event:
    """What a rule of Config thinks of something now."""
    detail = {
        "messageType": "ComplianceChangeNotification",
        "configRuleName": "encrypted_volumes",
        "resourceType": "AWS::EC2::Volume",
        "newEvaluationResult": {"complianceType": compliance},
        "oldEvaluationResult": {"complianceType": "COMPLIANT"},
    }
    return event("aws.config", "Config Rules Compliance Change", detail)


def root(kind: str = "AWS API Call via CloudTrail", **identity: Any) -> Event:
    """The root user does something."""
    who = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    detail = {"eventName": "ConsoleLogin", "userIdentity": who | identity}
    return event("aws.signin", kind, detail)


def entered(role: str = BREAK_GLASS) -> Event:
    """Somebody comes in by a permission set, which is a role of Identity Center's."""
    detail = {
        "eventName": "AssumeRoleWithSAML",
        "eventSource": "sts.amazonaws.com",
        "readOnly": True,
        "userIdentity": {"type": "SAMLUser"},
        "requestParameters": {"roleArn": role, "durationSeconds": 3600},
    }
    return event("aws.sts", "AWS API Call via CloudTrail", detail)


EVENTS: dict[str, Event] = {
    "guardduty critical": guardduty(9.2),
    "guardduty high": guardduty(8),
    "guardduty medium": guardduty(5.5),
    "guardduty low": guardduty(2),
    "hub critical": hub("CRITICAL"),
    "hub inspector": hub("MEDIUM", "Inspector"),
    "hub another": hub("HIGH", 'Some "scanner"'),
    "hub nameless": hub("LOW", None),
    "analyzer public": analyzer(True),
    "analyzer shared": analyzer(False),
    "analyzer silent": analyzer(None),
    "config": config("NON_COMPLIANT"),
    "root": root(),
    "root signs in": root("AWS Console Sign In via CloudTrail"),
    "break glass": entered(),
}
"""Everything that is told of, by a name of its own."""
