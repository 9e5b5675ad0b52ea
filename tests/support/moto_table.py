"""The one table as template.yaml makes it, for tests that run on moto."""

from typing import Any


def create_table(dynamodb: Any, name: str) -> None:
    """Make the table with keys pk/sk and index GSI1; `dynamodb` is a botocore client."""
    attributes = ("pk", "sk", "gsi1pk", "gsi1sk")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema("pk", "sk"),
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in attributes],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "GSI1",
                "KeySchema": _schema("gsi1pk", "gsi1sk"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]
