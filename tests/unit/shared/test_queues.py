import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from skafu.shared.errors import Unavailable
from skafu.shared.queues import SqsQueue

URL = "http://localhost/1/wakeups"


class FakeSqs:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.calls: list[dict[str, Any]] = []

    def send_message(self, **call: Any) -> None:
        if self.error:
            raise self.error
        self.calls.append(call)


def test_a_message_is_sent_as_json_with_its_delay() -> None:
    sqs = FakeSqs()

    SqsQueue(sqs, URL).send({"tenant": "acme", "due": 7}, delay_s=30)

    call = sqs.calls[0]
    assert (call["QueueUrl"], call["DelaySeconds"]) == (URL, 30)
    assert json.loads(call["MessageBody"]) == {"tenant": "acme", "due": 7}


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "RequestThrottled"}}, "SendMessage"),
        EndpointConnectionError(endpoint_url=URL),
    ],
)
def test_a_queue_that_does_not_answer_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable):
        SqsQueue(FakeSqs(error), URL).send({})
