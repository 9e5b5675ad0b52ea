"""How many calls of the functions may run at once, beside what the environment's file says.

What the scaling function has raised is shown here and nowhere else: CloudFormation's own drift is
about properties that a template names, and says of a raised reservation that it was changed by
hand. --reset puts back what the file says at once, which two quiet hours would do by themselves.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from skafu.ops import deployment
from skafu.ops.environments import Environment, load
from skafu.ops.generated import ROOT
from skafu.shared import aws

RESERVED = "metrics"
READY = ("metrics", "alerts")
"""Ends of the names of the functions that have some."""


def lines(environment: Environment, stack: str, lambdas: Any) -> Iterator[str]:
    """What there is, for people. `lambdas` is a botocore client."""
    account = lambdas.get_account_settings()["AccountLimit"]
    limit, free = account["ConcurrentExecutions"], account["UnreservedConcurrentExecutions"]
    yield f"account      {limit:,} at once, {free:,} of them unreserved"
    yield _reserved_line(environment, stack, lambdas)
    for each in READY if environment.lambda_.provisioned_concurrency else ():
        yield _ready_line(environment, f"{stack}-{each}", lambdas)


def _reserved_line(environment: Environment, stack: str, lambdas: Any) -> str:
    found, said = _reserved(stack, lambdas), environment.lambda_.reserved_concurrency
    note = "" if found == said else f"  DIFFERS: the file says {_told(said)}"
    most = environment.lambda_.reserved_maximum
    at_most = f", at most {most}" if most else ""
    return f"reserved     {stack}-{RESERVED}: {_told(found)}{at_most}{note}"


def _ready_line(environment: Environment, name: str, lambdas: Any) -> str:
    config = lambdas.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    wanted = config["RequestedProvisionedConcurrentExecutions"]
    there = config.get("AvailableProvisionedConcurrentExecutions", 0)
    scaling = environment.lambda_.provisioned_scaling
    between = f" ({scaling.minimum} to {scaling.maximum}, as they are used)" if scaling else ""
    return f"ready        {name}: {there} of {wanted}{between}"


def _reserved(stack: str, lambdas: Any) -> int | None:
    found = lambdas.get_function_concurrency(FunctionName=f"{stack}-{RESERVED}")
    value = found.get("ReservedConcurrentExecutions")
    return None if value is None else int(value)


def _told(value: int | None) -> str:
    return "none" if value is None else str(value)


def reset(environment: Environment, stack: str, lambdas: Any) -> str:
    """Reserve what the file says; what was done, in a sentence."""
    wanted, name = environment.lambda_.reserved_concurrency, f"{stack}-{RESERVED}"
    if _reserved(stack, lambdas) == wanted:
        return f"{name} has what the file says."
    if wanted is None:
        lambdas.delete_function_concurrency(FunctionName=name)
    else:
        lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)
    return f"{name} is reserved {_told(wanted)} again."


def main(arguments: Sequence[str], make: deployment.Make = aws.client) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops concurrency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--reset", action="store_true", help="reserve what the file says")
    options = parser.parse_args(arguments)
    environment = next(x for x in load(ROOT / "environments") if x.name == options.environment)
    stack = options.stack or environment.stack_name
    lambdas = deployment.find(options, make, []).client("lambda")
    if options.reset:
        print(reset(environment, stack, lambdas))
    print("\n".join(lines(environment, stack, lambdas)))
    return 0
