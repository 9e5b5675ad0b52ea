"""Somebody outside is told only where the template is given an address or a topic."""

import pytest

from tests.support.transformed import Json, resolved

URL = "https://watch.example/ping"
TOPIC = "arn:aws:sns:eu-west-1:210987654321:skafu-alive"


def variables(resources: dict[str, Json], function: str) -> dict[str, str]:
    return dict(resources[function]["Properties"]["Environment"]["Variables"])


def published_to(resources: dict[str, Json]) -> list[Json]:
    (policy,) = resources["AlertNotifierRole"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    return [each["Resource"] for each in statements if each["Action"] == "sns:Publish"]


def test_without_either_nothing_is_sent_anywhere() -> None:
    found = resolved("production")

    assert variables(found, "AlertSweeperFunction")["DEAD_MAN"] == "false"
    assert not {"DEAD_MAN_URL", "DEAD_MAN_TOPIC_ARN"} & set(
        variables(found, "AlertNotifierFunction")
    )
    assert len(published_to(found)) == 1


@pytest.mark.parametrize(
    ("parameter", "value", "variable"),
    [("DeadManUrl", URL, "DEAD_MAN_URL"), ("DeadManTopicArn", TOPIC, "DEAD_MAN_TOPIC_ARN")],
)
def test_either_makes_the_sweeper_beat(parameter: str, value: str, variable: str) -> None:
    found = resolved("production", **{parameter: value})

    assert variables(found, "AlertSweeperFunction")["DEAD_MAN"] == "true"
    assert variables(found, "AlertNotifierFunction")[variable] == value


def test_the_notifier_may_publish_to_that_topic_and_no_other_outside() -> None:
    found = resolved("production", DeadManTopicArn=TOPIC)

    assert TOPIC in published_to(found)
