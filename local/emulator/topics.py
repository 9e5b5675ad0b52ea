"""SNS: who may publish to a topic that a template made.

AWS gives a new topic a policy for its owner alone. MiniStack does so through its API, but lets
everybody in when the topic comes from a template: a role without the permission could publish, and
least privilege would be proved by nothing.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import sns
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::SNS::Topic"


def _create(logical_id: str, props: Mapping[str, Any], stack: str) -> Any:
    arn, attributes = provisioners._sns_create(logical_id, props, stack)
    topic = sns._topics[arn]["attributes"]
    policy = json.loads(topic["Policy"])
    for statement in policy["Statement"]:
        statement["Condition"] = {"StringEquals": {"AWS:SourceOwner": get_account_id()}}
    topic["Policy"] = json.dumps(policy)
    return arn, attributes


def apply() -> None:
    """Give topics of templates the policy that topics of the API have."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_TYPE] = {**handlers[_TYPE], "create": _create}
