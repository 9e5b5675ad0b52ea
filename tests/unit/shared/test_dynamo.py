"""What DynamoDB's refusals and silences become; that the table works is for tests/contract."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from skafu.shared.aws import client
from skafu.shared.dynamo import BATCH_GET_ROUNDS, DynamoTable
from skafu.shared.errors import BadRequest, Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import (
    Absent,
    Check,
    ConditionFailed,
    Delete,
    Put,
    Query,
    TransactionConflict,
    Update,
)

KEY = Key("acme#things", "a")
NAMES = {"pk": {"S": "acme#things"}, "sk": {"S": "a"}}


def make_client() -> Any:
    return client(
        "dynamodb",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


class Fixture:
    """A table on a client that answers what was queued, and the pauses it made."""

    def __init__(self) -> None:
        botocore_client = make_client()
        self.stub = Stubber(botocore_client)
        self.pauses: list[float] = []
        self.table = DynamoTable(botocore_client, "t", sleep=self.pauses.append, jitter=lambda: 1.0)

    def fails(self, method: str, code: str, status: int = 400, **extra: Any) -> None:
        self.stub.add_client_error(
            method, code, f"{code} happened", http_status_code=status, modeled_fields=extra
        )


@pytest.fixture(name="on")
def fixture_on() -> Iterator[Fixture]:
    fixture = Fixture()
    with fixture.stub:
        yield fixture
    fixture.stub.assert_no_pending_responses()


class BrokenClient:
    """Its every call raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, _: str) -> Any:
        def call(**_: Any) -> None:
            raise self.error

        return call


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ProvisionedThroughputExceededException", 400),
        ("ThrottlingException", 400),
        ("RequestLimitExceeded", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
        ("SomethingNew", 502),
    ],
)
def test_a_throttled_or_broken_table_is_unavailable_and_says_when_to_try_again(
    on: Fixture, code: str, status: int
) -> None:
    on.fails("get_item", code, status)

    with pytest.raises(Unavailable) as caught:
        on.table.get(KEY)

    assert int(caught.value.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://localhost"),
        ConnectTimeoutError(endpoint_url="http://localhost"),
        ReadTimeoutError(endpoint_url="http://localhost"),
        ConnectionClosedError(endpoint_url="http://localhost"),
    ],
)
def test_a_table_out_of_reach_is_unavailable(error: Exception) -> None:
    table = DynamoTable(BrokenClient(error), "t")

    with pytest.raises(Unavailable):
        table.query(Query("p"))
    with pytest.raises(Unavailable):
        table.transact([Delete(KEY)])
    with pytest.raises(Unavailable):
        table.write_many([Delete(KEY), Delete(Key("p", "b"))])


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_a_mistake_of_ours_stays_what_it_is(on: Fixture, code: str) -> None:
    on.fails("put_item", code)

    with pytest.raises(ClientError, match=code):
        on.table.write(Put({"pk": "p", "sk": "s"}))


def test_missing_credentials_stay_what_they_are() -> None:
    with pytest.raises(NoCredentialsError):
        DynamoTable(BrokenClient(NoCredentialsError()), "t").get(KEY)


def test_a_failed_condition_has_a_name(on: Fixture) -> None:
    on.fails("put_item", "ConditionalCheckFailedException")

    with pytest.raises(ConditionFailed) as caught:
        on.table.write(Put({"pk": "p", "sk": "s"}, Absent()))

    assert caught.value.failed == (0,)


def test_a_write_into_a_running_transaction_is_a_conflict(on: Fixture) -> None:
    on.fails("update_item", "TransactionConflictException")

    with pytest.raises(TransactionConflict):
        on.table.write(Update(KEY, set={"a": 1}))


def cancelled(on: Fixture, *codes: str) -> None:
    reasons = [{"Code": code} for code in codes]
    on.fails("transact_write_items", "TransactionCanceledException", CancellationReasons=reasons)


CHECKS = [Check(Key("p", name), Absent()) for name in "abc"]


@pytest.mark.parametrize(
    ("codes", "failed"),
    [
        (("None", "ConditionalCheckFailed", "None"), (1,)),
        (("ConditionalCheckFailed", "None", "ConditionalCheckFailed"), (0, 2)),
        (("TransactionConflict", "None", "ConditionalCheckFailed"), (2,)),
        (("ThrottlingError", "ConditionalCheckFailed", "None"), (1,)),
    ],
)
def test_a_cancelled_transaction_tells_which_conditions_failed(
    on: Fixture, codes: tuple[str, ...], failed: tuple[int, ...]
) -> None:
    cancelled(on, *codes)

    with pytest.raises(ConditionFailed) as caught:
        on.table.transact(CHECKS)

    assert caught.value.failed == failed


def test_a_transaction_in_the_way_of_another_is_a_conflict(on: Fixture) -> None:
    cancelled(on, "None", "TransactionConflict", "ThrottlingError")

    with pytest.raises(TransactionConflict):
        on.table.transact(CHECKS)


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_unavailable(on: Fixture, code: str) -> None:
    cancelled(on, "None", code, "None")

    with pytest.raises(Unavailable):
        on.table.transact(CHECKS)


@pytest.mark.parametrize("codes", [("ValidationError", "TransactionConflict"), ("None", "None")])
def test_a_transaction_cancelled_for_a_mistake_of_ours_stays_what_it_is(
    on: Fixture, codes: tuple[str, ...]
) -> None:
    cancelled(on, *codes)

    with pytest.raises(ClientError):
        on.table.transact(CHECKS)


def test_a_transaction_carries_a_token_so_that_its_retry_is_recognised(on: Fixture) -> None:
    sent: list[dict[str, Any]] = []
    on.stub.client.meta.events.register_last(
        "before-parameter-build.dynamodb.TransactWriteItems",
        lambda params, **_: sent.append(params),
    )
    on.stub.add_response("transact_write_items", {})

    on.table.transact(CHECKS)

    assert sent[0]["ClientRequestToken"]


def test_keys_that_a_batch_left_over_are_asked_for_again(on: Fixture) -> None:
    other = {"pk": {"S": "acme#things"}, "sk": {"S": "b"}}
    left = {"t": {"Keys": [other], "ConsistentRead": False}}
    on.stub.add_response("batch_get_item", {"Responses": {"t": [NAMES]}, "UnprocessedKeys": left})
    on.stub.add_response("batch_get_item", {"Responses": {"t": [other]}}, {"RequestItems": left})

    found = on.table.get_many([KEY, Key("acme#things", "b")])

    assert sorted(key.sk for key in found) == ["a", "b"]
    assert on.pauses == [0.1]


def test_a_batch_that_never_comes_to_its_end_is_unavailable(on: Fixture) -> None:
    left = {"t": {"Keys": [NAMES], "ConsistentRead": False}}
    for _ in range(BATCH_GET_ROUNDS):
        on.stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})

    with pytest.raises(Unavailable):
        on.table.get_many([KEY])

    assert sum(on.pauses) == pytest.approx(3.1)


def test_a_cursor_from_elsewhere_is_the_callers_mistake(on: Fixture) -> None:
    on.stub.add_client_error(
        "query",
        "ValidationException",
        "The provided starting key is outside query boundaries based on provided conditions",
    )

    with pytest.raises(BadRequest) as caught:
        on.table.query(Query("p", after={"pk": "q", "sk": "s"}))

    assert [each.field for each in caught.value.errors] == ["cursor"]


def test_any_other_refused_query_is_ours(on: Fixture) -> None:
    on.fails("query", "ValidationException")

    with pytest.raises(ClientError):
        on.table.query(Query("p", after={"pk": "p", "sk": "s"}))


def test_all_of_many_writes_are_finished_before_one_error_is_told() -> None:
    done: list[str] = []

    class OneThrottled:
        def put_item(self, **request: Any) -> None:
            sk = request["Item"]["sk"]["S"]
            if sk == "00":
                raise ReadTimeoutError(endpoint_url="http://localhost")
            done.append(sk)

    writes = [Put({"pk": "p", "sk": f"{i:02d}"}) for i in range(40)]

    with pytest.raises(Unavailable):
        DynamoTable(OneThrottled(), "t").write_many(writes)

    assert len(done) == 39


def test_a_client_gives_up_in_time() -> None:
    config = make_client().meta.config

    worst = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    backoff = 1 + 2  # standard mode: up to 2^(n-1) s before the n-th retry
    assert worst + backoff < 28
