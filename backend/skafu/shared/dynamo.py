"""The table in DynamoDB: the port of table.py over a botocore client."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import Any

from botocore.exceptions import ClientError, ConnectionError as Unreachable, HTTPClientError

from skafu.shared.errors import BadRequest, FieldError, Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import (
    Check,
    ConditionFailed,
    Delete,
    Page,
    Put,
    Query,
    TransactionConflict,
    Update,
    Value,
    Write,
    key_of,
    paged,
)
from skafu.shared.wire import Expressions, deserialize, serialize

__all__ = ["DynamoTable", "deserialize"]

BATCH_GET_KEYS = 100  # BatchGetItem's limit
BATCH_GET_ROUNDS = 6  # 100 ms doubling: 3.1 s of waiting at most
TRANSACTION_WRITES = 100  # TransactWriteItems' limit
THREADS = 16
RETRY_AFTER_S = 1

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "Throttling",
        "LimitExceededException",
    }
)
BROKEN = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "TransactionInProgressException",
    }
)
STATUS_BROKEN = 500


def unavailable() -> Unavailable:
    """What callers hear when the table is throttled, down or out of reach."""
    return Unavailable("the table is not answering; try again", RETRY_AFTER_S)


def translate(error: ClientError) -> Exception:
    """What a refusal by DynamoDB means to the domains; what means nothing to them comes back as it
    is.
    """
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        return ConditionFailed()
    if code == "TransactionConflictException":
        return TransactionConflict()
    if code == "TransactionCanceledException":
        return _cancelled(error)
    if code in THROTTLED or code in BROKEN or status >= STATUS_BROKEN:
        return unavailable()
    return error


def _cancelled(error: ClientError) -> Exception:
    """Of several reasons the one that no retry can cure counts first, then the conflict, then the
    throttling.
    """
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    codes = [reason.get("Code", "None") for reason in reasons]
    if failed := tuple(i for i, code in enumerate(codes) if code == "ConditionalCheckFailed"):
        return ConditionFailed(failed)
    others = set(codes) - {"None"}
    if others - {"TransactionConflict"} - THROTTLED - BROKEN:
        return error
    if "TransactionConflict" in others:
        return TransactionConflict()
    return unavailable() if others else error


def _key(key: Key) -> dict[str, dict[str, Any]]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


class DynamoTable:
    """`client` is a botocore client (aws.client("dynamodb")). `sleep` and `jitter` pace the rounds
    of get_many.

    One table object serves one invocation at a time; write_many uses threads inside, and leaves
    none behind.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep
        self._jitter = jitter

    # --- reads ---

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        answer = self._call(
            self._client.get_item,
            TableName=self._name,
            Key=_key(key),
            ConsistentRead=consistent,
        )
        return deserialize(answer["Item"]) if "Item" in answer else None

    def get_many(
        self, keys: Iterable[Key], *, consistent: bool = False
    ) -> dict[Key, dict[str, Value]]:
        found: dict[Key, dict[str, Value]] = {}
        for some in batched(dict.fromkeys(keys), BATCH_GET_KEYS):
            for item in self._batch(some, consistent):
                found[Key(str(item["pk"]), str(item["sk"]))] = item
        return found

    def query(self, query: Query) -> Page:
        try:
            answer = self._call(self._client.query, **self._question(query))
        except ClientError as error:
            # Only a cursor that was tampered with names a place outside of the query.
            if query.after and "starting key" in str(error).lower():
                field = FieldError("cursor", "does not belong to this query")
                raise BadRequest("the cursor does not belong to this query", [field]) from error
            raise
        last = answer.get("LastEvaluatedKey")
        after = {name: str(value) for name, value in deserialize(last).items()} if last else None
        return Page([deserialize(item) for item in answer["Items"]], after)

    def query_all(self, query: Query) -> Iterator[dict[str, Value]]:
        return paged(self.query, query)

    # --- writes ---

    def write(self, write: Write) -> None:
        action, request = self._request(write)
        self._call(getattr(self._client, action), **request)

    def write_many(self, writes: Sequence[Write]) -> list[ConditionFailed | None]:
        if not writes:
            return []
        # Leaving the pool's block joins every write, also when one of them raises.
        with ThreadPoolExecutor(min(THREADS, len(writes))) as pool:
            futures = [pool.submit(self._attempt, write) for write in writes]
        return [future.result() for future in futures]

    def transact(self, writes: Sequence[Write | Check]) -> None:
        distinct = {key_of(write) for write in writes}
        if not 1 <= len(writes) <= TRANSACTION_WRITES or len(distinct) < len(writes):
            raise ValueError("a transaction has 1 to 100 writes, each to an item of its own")
        names = {"put_item": "Put", "update_item": "Update", "delete_item": "Delete"}
        items = []
        for write in writes:
            if isinstance(write, Check):
                items.append({"ConditionCheck": self._check(write)})
            else:
                action, request = self._request(write)
                items.append({names[action]: request})
        # botocore adds a ClientRequestToken, so a retry of its own after a lost answer is no second
        # transaction.
        self._call(self._client.transact_write_items, TransactItems=items)

    # --- inside ---

    @staticmethod
    def _call(action: Callable[..., Any], **request: Any) -> Any:
        try:
            return action(**request)
        except ClientError as error:
            meaning = translate(error)
            if meaning is error:
                raise
            raise meaning from error
        except (Unreachable, HTTPClientError) as error:
            raise unavailable() from error

    def _batch(self, keys: Sequence[Key], consistent: bool) -> Iterator[dict[str, Value]]:
        wanted: dict[str, Any] = {
            self._name: {"Keys": [_key(key) for key in keys], "ConsistentRead": consistent}
        }
        for turn in range(BATCH_GET_ROUNDS):
            if turn:
                self._sleep(0.1 * 2 ** (turn - 1) * self._jitter())
            answer = self._call(self._client.batch_get_item, RequestItems=wanted)
            for item in answer["Responses"].get(self._name, ()):
                yield deserialize(item)
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return
        raise unavailable()

    def _question(self, query: Query) -> dict[str, Any]:
        pk, sk = ("pk", "sk") if query.index is None else ("gsi1pk", "gsi1sk")
        say = Expressions()
        condition = f"{say.name(pk)} = {say.value(query.pk)}"
        if query.begins:
            condition += f" AND begins_with({say.name(sk)}, {say.value(query.begins)})"
        if query.between is not None:
            low, high = (say.value(end) for end in query.between)
            condition += f" AND {say.name(sk)} BETWEEN {low} AND {high}"
        optional = {
            "IndexName": query.index,
            "Limit": query.limit,
            "ExclusiveStartKey": serialize(query.after) if query.after else None,
        }
        return {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": query.ascending,
            "ConsistentRead": query.consistent,
            **{name: value for name, value in optional.items() if value is not None},
            **say.parameters(),
        }

    def _request(self, write: Write) -> tuple[str, dict[str, Any]]:
        say = Expressions()
        request: dict[str, Any] = {"TableName": self._name}
        match write:
            case Put(item):
                action, request["Item"] = "put_item", serialize(item)
            case Update(key):
                action, request["Key"] = "update_item", _key(key)
                request["UpdateExpression"] = say.update(write)
            case Delete(key):
                action, request["Key"] = "delete_item", _key(key)
        if write.when is not None:
            request["ConditionExpression"] = say.condition(write.when)
        return action, request | say.parameters()

    def _check(self, check: Check) -> dict[str, Any]:
        say = Expressions()
        return {
            "TableName": self._name,
            "Key": _key(check.key),
            "ConditionExpression": say.condition(check.when),
            **say.parameters(),
        }

    def _attempt(self, write: Write) -> ConditionFailed | None:
        try:
            self.write(write)
        except ConditionFailed as failure:
            return failure
        return None
