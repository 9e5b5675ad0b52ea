"""Put a load on a deployed environment through its public API, and read back all that it has
acknowledged. The report is what the gate `load` takes.

Rate, duration and limits are those of delivery/load.yaml unless told otherwise. It works in Skafu's
own tenant, as a machine client of that tenant, which is made where it is missing (with the
operator's AWS credentials); nobody is paged, and the points are gone after a week. The exit code is
1 when a limit was exceeded or a point is missing.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from skafu.canary import reserved
from skafu.canary.checks import Failed
from skafu.ops import deployment, environments
from skafu.ops.artefact.sources import Refused
from skafu.ops.bootstrap import CognitoDirectory
from skafu.ops.generated import ROOT
from skafu.ops.promotion.loading import (
    MOST_SERIES,
    MOST_WORKERS,
    NoAnswer,
    Plan,
    Post,
    Time,
    drive,
    latencies,
    read_back,
)
from skafu.ops.promotion.rules.load import FILE, Limits, Load, exceeded, read, told
from skafu.ops.smoke.reaching import API_KEY, Token, fetch, token_url
from skafu.ops.smoke.running import current_release
from skafu.shared import aws
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import NewId, random_id

NEEDED = ("ApiEndpoint", "TableName", "UserPoolId", "UserPoolClientId", "UserPoolDomain")
TIMEOUT_S = 30  # the gateway answers within 29 s


@dataclass(frozen=True)
class Means:
    """Time, chance and the network; a test has others."""

    clock: Clock = system_clock
    time: Time = Time(time.monotonic, time.sleep)
    new_id: NewId = random_id
    connect: Callable[[str, Callable[[], str], int], Post] | None = None


USUAL = Means()


def poster(
    base: str, token: Callable[[], str], connections: int, api_key: str | None = None
) -> Post:
    """POSTs to the API at `base`, over connections that are kept open; with a key of a usage plan,
    if machines need one.
    """
    parts = urlsplit(base)
    headers: dict[str, str] = {"Content-Type": "application/json"}
    if api_key:
        headers["x-api-key"] = api_key
    if (parts.hostname or "").endswith(".localhost"):
        # Browsers find <name>.localhost on their own machine, resolvers need not.
        headers["Host"] = parts.netloc
        base = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
    pool = urllib3.PoolManager(maxsize=connections, block=False, timeout=TIMEOUT_S, retries=False)

    def post(path: str, body: object, key: str | None) -> tuple[int, Any]:
        asked = headers | {"Authorization": f"Bearer {token()}"}
        if key is not None:
            asked["Idempotency-Key"] = key
        content = json.dumps(body).encode()
        try:
            answer = pool.request("POST", base.rstrip("/") + path, body=content, headers=asked)
        except urllib3.exceptions.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        try:
            return answer.status, json.loads(answer.data) if answer.data else None
        except ValueError:
            return answer.status, answer.data.decode(errors="replace")

    return post


def put(plan: Plan, environment: str, release: str | None, post: Post, means: Means) -> Load:
    """Drive what is planned, and read it back. Raises NoAnswer when that cannot be done."""
    workers = min(MOST_WORKERS, plan.requests, max(8, math.ceil(plan.rate * 2)))
    began = means.clock()
    outcome = drive(plan, post, means.time, workers)
    there = read_back(plan, outcome.acknowledged, post)
    acknowledged = len(outcome.acknowledged) * plan.points
    sending = max(outcome.last_sent + 1 / plan.rate, 1 / plan.rate)
    return Load(
        environment=environment,
        release=release,
        at=began,
        seconds=plan.seconds,
        rate=plan.rate,
        sent_rate=plan.requests / sending,
        points=plan.points,
        requests=plan.requests,
        errors=outcome.failures.total(),
        failures=dict(outcome.failures),
        acknowledged=acknowledged,
        read_back=there,
        lost=acknowledged - there,
        latency_ms=latencies(outcome.latencies),
    )


def check(limits: Limits) -> None:
    """Pass, or raise Refused: what cannot be done in one tenant, or read back at once."""
    minute = limits.rate * limits.points * 60
    if minute > reserved.POINTS_A_MINUTE:
        raise Refused(
            f"{minute:,.0f} points a minute are more than Skafu's own tenant may send "
            f"({reserved.POINTS_A_MINUTE:,})."
        )
    if math.ceil(limits.rate) > MOST_SERIES:
        raise Refused(f"At most {MOST_SERIES} requests a second can be read back.")
    if math.ceil(limits.rate) * limits.points > reserved.ACTIVE_SERIES:
        raise Refused(f"Skafu's own tenant has at most {reserved.ACTIVE_SERIES:,} series.")


def main(arguments: Sequence[str], make: deployment.Make = aws.client, means: Means = USUAL) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    try:
        limits = _limits(options)
        check(limits)
        load = _put(options, limits, make, means)
    except (Refused, Failed, NoAnswer) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (KeyError, ClientError, BotoCoreError) as error:
        print(f"The deployment cannot be reached: {error}", file=sys.stderr)
        return 1
    if options.report is not None:
        options.report.write_text(load.model_dump_json(indent=2) + "\n", encoding="utf-8")
    failures = exceeded(load, limits)
    print("\n".join(failures) if failures else told(load))
    return 1 if failures else 0


def _limits(options: argparse.Namespace) -> Limits:
    """Those of the environment, with what the arguments ask for."""
    known = read(options.limits)
    if options.environment not in known:
        raise Refused(f"{options.limits.name} tells no load for {options.environment}.")
    asked = {"seconds": options.seconds, "rate": options.rate, "points": options.points}
    wanted = {name: value for name, value in asked.items() if value is not None}
    return Limits.model_validate(known[options.environment].model_dump() | wanted)


def _put(options: argparse.Namespace, limits: Limits, make: deployment.Make, means: Means) -> Load:
    found = deployment.find(options, make, NEEDED)
    cognito = found.client("cognito-idp")
    token = Token(
        CognitoDirectory(cognito, found.outputs["UserPoolId"]),
        DynamoTable(found.client("dynamodb"), found.outputs["TableName"]),
        token_url(found.outputs, cognito.meta.endpoint_url, cognito.meta.region_name),
        means.clock,
        fetch,
    )
    token()  # before the first request is due
    connect = means.connect or partial(poster, api_key=os.environ.get(API_KEY))
    post = connect(options.api_endpoint or found.outputs["ApiEndpoint"], token, MOST_WORKERS)
    plan = Plan(
        run=f"load-{means.new_id()}",
        start=means.clock() // 1000 * 1000,
        seconds=limits.seconds,
        rate=limits.rate,
        points=limits.points,
    )
    release = current_release(found.client("ssm"), _stack(options))
    return put(plan, options.environment, release, post, means)


def _stack(options: argparse.Namespace) -> str:
    known = {each.name: each.stack_name for each in environments.load(ROOT / "environments")}
    return str(options.stack or known[options.environment])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--seconds", type=float, metavar="N")
    parser.add_argument("--rate", type=float, metavar="N", help="requests a second")
    parser.add_argument("--points", type=int, metavar="N", help="of each request")
    parser.add_argument("--limits", type=Path, default=FILE, metavar="FILE", help="(%(default)s)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to write JSON")
    parser.add_argument("--api-endpoint", metavar="URL", help="instead of the stack's output")
    return parser
