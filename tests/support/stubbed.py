"""A botocore client that answers in the order that a test expects."""

from typing import Any

from botocore.config import Config
from botocore.session import get_session
from botocore.stub import Stubber


class Stubbed:
    """`stub` is a context: inside of it the client answers what was expected, and nothing else."""

    def __init__(self, service: str) -> None:
        self.client = get_session().create_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.stub = Stubber(self.client)

    def expect(self, method: str, answer: dict[str, Any], **arguments: Any) -> None:
        """The next call, and what it is answered."""
        self.stub.add_response(method, answer, arguments)
