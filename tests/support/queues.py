"""A queue that keeps what it was sent."""

from collections.abc import Mapping

from skafu.shared.errors import Unavailable


class MemoryQueue:
    """A Queue; `down` makes it refuse."""

    def __init__(self) -> None:
        self.down = False
        self.sent: list[tuple[dict[str, object], int]] = []

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        if self.down:
            raise Unavailable("the queue is not answering; try again")
        assert 0 <= delay_s <= 900, "SQS delays a message by at most 15 minutes"
        self.sent.append((dict(message), delay_s))

    @property
    def messages(self) -> list[dict[str, object]]:
        return [message for message, _ in self.sent]
