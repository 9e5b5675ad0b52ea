"""Print where an environment is reached, as variables for programs that look at it from outside:

env $(python -m skafu.ops addresses --environment staging) npm --prefix frontend run test:smoke
"""

import argparse
import sys
from collections.abc import Mapping, Sequence

from skafu.ops import deployment
from skafu.shared import aws

OUTPUTS = {"API_ENDPOINT": "ApiEndpoint", "CONSOLE_URL": "ConsoleUrl"}
"""Variables, and the stack's outputs that they are."""


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = parser().parse_args(arguments)
    try:
        found = deployment.find(options, make, list(OUTPUTS.values()))
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 1
    for name, value in variables(options.environment, found.outputs).items():
        print(f"{name}={value}")
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops addresses",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(found)
    return found


def variables(environment: str, outputs: Mapping[str, str]) -> dict[str, str]:
    """What is printed, by name."""
    named = {name: outputs[output] for name, output in OUTPUTS.items()}
    return {"ENVIRONMENT": environment} | named
