"""DynamoDB: the settings of a global table.

AWS takes a global table's point-in-time recovery, deletion protection, tags and key from its
replica, and its TTL from the table. MiniStack drops the replicas and with them all of these, and
the TTL too, and says CREATE_COMPLETE. Skafu's one table is a global table: without a TTL nothing
would ever expire here.

A restore is told which key encrypts the new table. MiniStack forgets that too.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_region
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::DynamoDB::GlobalTable"


def _as_table(props: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of the plain table that stands for a global table's replica in this region."""
    replicas = props.get("Replicas") or []
    replica: Mapping[str, Any] = next(
        (each for each in replicas if each.get("Region") == get_region()), {}
    )
    kept = (
        "TableName",
        "KeySchema",
        "AttributeDefinitions",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "StreamSpecification",
        "TimeToLiveSpecification",
    )
    encryption = props.get("SSESpecification") or {}
    return {
        **{name: props[name] for name in kept if name in props},
        "DeletionProtectionEnabled": _truth(replica.get("DeletionProtectionEnabled")),
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": _truth(
                (replica.get("PointInTimeRecoverySpecification") or {}).get(
                    "PointInTimeRecoveryEnabled"
                )
            )
        },
        "SSESpecification": {
            "Enabled": _truth(encryption.get("SSEEnabled")),
            "SSEType": encryption.get("SSEType"),
            "KMSMasterKeyId": (replica.get("SSESpecification") or {}).get("KMSMasterKeyId"),
        },
        "Tags": replica.get("Tags") or [],
    }


def _truth(value: object) -> bool:
    """CloudFormation resolves booleans to text now and then."""
    return str(value).lower() == "true"


def _settle(name: str, table: Mapping[str, Any]) -> None:
    """Set what MiniStack's provisioner of tables leaves out."""
    if lifetime := table.get("TimeToLiveSpecification"):
        enabled = {**lifetime, "Enabled": _truth(lifetime.get("Enabled"))}
        dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": enabled})
    recovery = table["PointInTimeRecoverySpecification"]
    dynamodb._update_continuous_backups(
        {"TableName": name, "PointInTimeRecoverySpecification": recovery}
    )
    description = dynamodb._sse_description_from_spec(table["SSESpecification"])
    dynamodb._tables[name]["SSEDescription"] = description


def _create(logical_id: str, props: Mapping[str, Any], stack: str) -> Any:
    table = _as_table(props)
    name, attributes = provisioners._ddb_create(logical_id, table, stack)
    _settle(name, table)
    return name, attributes


def _update(physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack: str) -> Any:
    table = _as_table(new)
    name, attributes = provisioners._ddb_update(physical_id, _as_table(old), table, stack)
    _settle(name, table)
    return name, attributes


def _restore_with_key() -> None:
    request = dynamodb._restore_create_request

    def with_key(target: str, schema: Any, attributes: Any, mode: Any, *more: Any) -> Any:
        made = request(target, schema, attributes, mode, *more)
        told: Mapping[str, Any] = more[1]  # what RestoreTable... was called with
        if key := told.get("SSESpecificationOverride"):
            made["SSESpecification"] = key
        return made

    dynamodb._restore_create_request = with_key


def apply() -> None:
    """Provision global tables by their replica, and restore tables with their key."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_TYPE] = {**handlers[_TYPE], "create": _create, "update": _update}
    _restore_with_key()
