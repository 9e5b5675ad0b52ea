"""Where an environment is reached."""

from typing import Any

import pytest

from skafu.ops.pipeline import addresses

STACK = {
    "ApiEndpoint": "https://abc.execute-api.us-east-1.amazonaws.com/staging",
    "ConsoleUrl": "https://d1.cloudfront.net",
    "UserPoolId": "us-east-1_a",
}


class CloudFormation:
    """A stack with these outputs."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self.outputs = outputs
        self.asked: list[str] = []

    def describe_stacks(self, StackName: str) -> Any:  # pylint: disable=invalid-name  # boto's own
        self.asked.append(StackName)
        told = [{"OutputKey": name, "OutputValue": value} for name, value in self.outputs.items()]
        return {"Stacks": [{"Outputs": told}]}


def test_the_stacks_own_addresses_are_printed_as_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    there = CloudFormation(STACK)
    assert addresses.main(["--environment", "staging"], lambda *_, **__: there) == 0
    assert there.asked == ["skafu-staging"]
    assert capsys.readouterr().out.splitlines() == [
        "ENVIRONMENT=staging",
        f"API_ENDPOINT={STACK['ApiEndpoint']}",
        f"CONSOLE_URL={STACK['ConsoleUrl']}",
    ]


def test_a_stack_without_a_console_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    there = CloudFormation({"ApiEndpoint": "https://x"})
    assert addresses.main(["--environment", "staging"], lambda *_, **__: there) == 1
    said = capsys.readouterr()
    assert said.out == "" and "ConsoleUrl" in said.err
