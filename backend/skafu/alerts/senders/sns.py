"""The calls of botocore's SNS client that are used."""

from typing import Any, Protocol


class Sns(Protocol):
    """Each raises BotoCoreError or ClientError."""

    def publish(self, **arguments: Any) -> Any:
        """Hand a message to a topic."""

    def subscribe(self, **arguments: Any) -> Any:
        """Have a topic's messages sent to an address."""

    def unsubscribe(self, **arguments: Any) -> Any:
        """End a subscription."""

    def get_subscription_attributes(self, **arguments: Any) -> Any:
        """How a subscription is: confirmed or not, and what it filters by."""

    def set_subscription_attributes(self, **arguments: Any) -> Any:
        """Change what a subscription filters by."""
