"""DynamoDB streams, and Lambda's event source mapping that reads them.

Mapping
    AWS reports, per record, where a batch failed and resumes there; splits a failing batch in two;
    gives up after the mapping's retries or age and tells its failure destination. MiniStack skips
    the records that a function reported as failed (they are lost), redelivers a failing batch whole
    and for ever, and never counts retries. Skafu's alerts hang on this one consumer, so the poller
    of streams is replaced.
Restart
    AWS keeps a stream's records for a day. MiniStack forgets them when it stops, but remembers how
    far a mapping has read: after a restart the consumer would be deaf until as many records have
    come again.

What it leaves out: shards other than the first, the parallelization factor, the batching window (a
batch goes at once).
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import copy
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import dynamodb, lambda_svc

_PAUSE_SECONDS = 1.0  # between tries of a failing batch


@dataclass
class _Progress:
    """Where a mapping stands with the records that fail: tries so far, and how many records it
    dares at once.
    """

    tries: int = 0
    largest: int | None = None


_progress: dict[str, _Progress] = {}
_get_state = dynamodb.get_state
_load_persisted_state = dynamodb.load_persisted_state


def _poll() -> bool:
    """Start a batch for every mapping that has records and none under way; True when one was
    started.
    """
    started = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        source = mapping.get("EventSourceArn", "")
        if ":dynamodb:" not in source or not mapping.get("Enabled", True):
            continue
        with request_scope(account, region):
            started = _start(mapping, source) or started
    return started


def _start(mapping: dict[str, Any], source: str) -> bool:
    uuid = mapping["UUID"]
    if (
        lambda_svc._esm_inflight.get(uuid)
        or lambda_svc._esm_backoff_until.get(uuid, 0) > time.time()
    ):
        return False
    table = lambda_svc._dynamodb_stream_table_from_arn_spec(parse_arn(source))[0]
    if (dynamodb._tables.get(table) or {}).get("LatestStreamArn") != source:
        return False
    function, _ = lambda_svc._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    position = _position(mapping, table)
    if function is None or position >= dynamodb.stream_end_position(table):
        return False
    lambda_svc._dispatch_esm_batch(uuid, _run, mapping, function, table, position)
    return True


def _position(mapping: Mapping[str, Any], table: str) -> int:
    """Where to read on; what has expired meanwhile is gone."""
    horizon = int(dynamodb.stream_start_position(table))
    end = int(dynamodb.stream_end_position(table))
    with lambda_svc._dynamodb_stream_positions_lock:
        stored = lambda_svc._dynamodb_stream_positions.get(mapping["UUID"])
        if stored is None:
            stored = horizon if mapping.get("StartingPosition") == "TRIM_HORIZON" else end
        position = min(max(int(stored), horizon), end)
        lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = position
    return position


def _run(mapping: dict[str, Any], function: Any, table: str, position: int) -> None:
    """Hand one batch to the function and move on as far as it got."""
    progress = _progress.setdefault(mapping["UUID"], _Progress())
    records = dynamodb.stream_records_since(table, position, int(mapping.get("BatchSize", 100)))
    wanted = [
        (index, record)
        for index, record in enumerate(records)
        if lambda_svc._apply_filter_criteria([record], mapping)
    ]
    batch = wanted[: progress.largest]
    end = len(records) if len(batch) == len(wanted) else batch[-1][0] + 1
    if not batch:
        return _advance(mapping, position + end)
    result = lambda_svc._execute_function(function, {"Records": [record for _, record in batch]})
    failed = _first_failure(mapping, batch, result)
    if failed is None:
        mapping["LastProcessingResult"] = f"OK - {len(batch)} records"
        return _advance(mapping, position + end)
    mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
    lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + _PAUSE_SECONDS
    if failed > 0:  # what came before it is done
        return _advance(mapping, position + batch[failed][0])
    if not result.get("throttle"):
        _count_failure(mapping, function, [record for _, record in batch], position + end, result)
    return None


def _advance(mapping: Mapping[str, Any], position: int) -> None:
    with lambda_svc._dynamodb_stream_positions_lock:
        lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = position
    _progress.pop(mapping["UUID"], None)


def _first_failure(
    mapping: Mapping[str, Any], batch: Sequence[tuple[int, Any]], result: Mapping[str, Any]
) -> int | None:
    """The place in the batch of the first record that failed, or None."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    body = result.get("body")
    answer = json.loads(body) if isinstance(body, str) and body else body or {}
    reported = {each.get("itemIdentifier") for each in answer.get("batchItemFailures") or []}
    if not reported:
        return None
    numbers = [record["dynamodb"]["SequenceNumber"] for _, record in batch]
    # AWS treats an identifier that it does not know as the failure of the whole batch.
    return min((numbers.index(each) if each in numbers else 0) for each in reported)


def _count_failure(
    mapping: dict[str, Any], function: Any, batch: list[Any], end: int, result: Any
) -> None:
    """Try again, with half of the batch or the same, or give up and say so."""
    progress = _progress[mapping["UUID"]]
    oldest = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in batch)
    age = int(mapping.get("MaximumRecordAgeInSeconds") or -1)
    retries = int(mapping.get("MaximumRetryAttempts", -1))
    condition = None
    if 0 < age < time.time() - oldest:
        condition = "MaxRecordAgeExceeded"
    elif mapping.get("BisectBatchOnFunctionError") and len(batch) > 1:
        progress.largest = len(batch) // 2  # splitting does not count as a retry
    elif 0 <= retries <= progress.tries:
        condition = "RetryAttemptsExhausted"
    else:
        progress.tries += 1
    if condition:
        source = mapping["EventSourceArn"]
        lambda_svc._send_ddb_stream_failure_record(
            mapping, function, batch, source, result, condition
        )
        _advance(mapping, end)


def _state() -> dict[str, Any]:
    """What DynamoDB saves when it stops, its streams included."""
    streams = {
        "stream_records": copy.deepcopy(dynamodb._stream_records),
        "stream_trimmed": copy.deepcopy(dynamodb._stream_trimmed),
    }
    return {**_get_state(), **streams}


def _load(state: Mapping[str, Any]) -> None:
    """The other way round."""
    _load_persisted_state(state)
    dynamodb._stream_records.update(state.get("stream_records") or {})
    dynamodb._stream_trimmed.update(state.get("stream_trimmed") or {})


def apply() -> None:
    """Replace the poller of streams, and keep streams over a restart."""
    lambda_svc._poll_dynamodb_streams = _poll
    dynamodb.get_state = _state
    dynamodb.load_persisted_state = _load
