"""SNS as far as it is used: what was published, and who is subscribed under which filter."""

import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str, message: str, operation: str = "Subscribe") -> ClientError:
    """What botocore raises when SNS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@dataclass
class FakeSns:
    """SNS that remembers, or refuses. As the real one it knows one subscription for each address
    of a topic, takes no other attributes for it, and has addresses of mail confirm first.
    """

    published: list[dict[str, Any]] = field(default_factory=list)
    refusal: Exception | None = None
    subscriptions: dict[str, dict[str, str]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def publish(self, **arguments: Any) -> dict[str, str]:
        if self.refusal is not None:
            raise self.refusal
        self.published.append(arguments)
        return {"MessageId": f"message-{len(self.published)}"}

    def subscribe(self, **arguments: Any) -> dict[str, str]:
        if self.refusal is not None:
            raise self.refusal
        protocol, endpoint = arguments["Protocol"], arguments["Endpoint"]
        wanted = arguments.get("Attributes", {})
        if protocol == "email" and "@" not in endpoint:
            raise refused("InvalidParameter", "Invalid parameter: Email address")
        for arn, known in self.subscriptions.items():
            if (known["Protocol"], known["Endpoint"]) == (protocol, endpoint):
                if any(known.get(name) != value for name, value in wanted.items()):
                    raise refused(
                        "InvalidParameter",
                        "Invalid parameter: Attributes Reason: Subscription already exists with "
                        "different attributes",
                    )
                return {"SubscriptionArn": arn}
        assert arguments["ReturnSubscriptionArn"] is True
        arn = f"{arguments['TopicArn']}:{len(self.subscriptions) + len(self.ended)}"
        pending = "true" if protocol == "email" else "false"
        self.subscriptions[arn] = {
            "Protocol": protocol,
            "Endpoint": endpoint,
            "PendingConfirmation": pending,
            **wanted,
        }
        return {"SubscriptionArn": arn}

    def unsubscribe(self, **arguments: Any) -> None:
        self._known(arguments["SubscriptionArn"])
        del self.subscriptions[arguments["SubscriptionArn"]]
        self.ended.append(arguments["SubscriptionArn"])

    def get_subscription_attributes(self, **arguments: Any) -> dict[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        return {"Attributes": dict(self._known(arguments["SubscriptionArn"]))}

    def set_subscription_attributes(self, **arguments: Any) -> None:
        known = self._known(arguments["SubscriptionArn"])
        known[arguments["AttributeName"]] = arguments["AttributeValue"]

    def confirm(self) -> None:
        """Everybody has followed the link in the mail."""
        for known in self.subscriptions.values():
            known["PendingConfirmation"] = "false"

    def heard_by(self, endpoint: str) -> list[dict[str, Any]]:
        """What was published that the filter of an address lets through."""
        found = [x for x in self.subscriptions.values() if x["Endpoint"] == endpoint]
        policies = [json.loads(x.get("FilterPolicy", "{}")) for x in found]
        return [
            message
            for message in self.published
            if any(_passes(policy, message["MessageAttributes"]) for policy in policies)
        ]

    def _known(self, arn: str) -> dict[str, str]:
        if arn not in self.subscriptions:
            raise refused("NotFound", "Subscription does not exist", "GetSubscriptionAttributes")
        return self.subscriptions[arn]


def _passes(policy: dict[str, list[str]], attributes: dict[str, dict[str, str]]) -> bool:
    return all(
        name in attributes and attributes[name]["StringValue"] in allowed
        for name, allowed in policy.items()
    )
