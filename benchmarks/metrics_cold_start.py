"""CPU of a cold start of the metrics function, and of a typical one, as ratios to the least there
is: interpreters that start anew, in turns, import and answer one request, bytecode at hand,
everything else as in Lambda. What the bare interpreter needs is taken off all.
"""

import os
import statistics
import subprocess  # nosec B404 # interpreters are started to be measured
from collections.abc import Iterator

from benchmarks.artifacts import INTERPRETER, ROOT, build
from benchmarks.rows import Row

ROUNDS = 15
BARE = "pass"
FLOOR = """
import zlib, struct, array
from benchmarks.floor import SignedClient
SignedClient()
"""
TYPICAL = """
from benchmarks.typical import handler
answer = handler({
    "resource": "/api/metrics", "path": "/api/metrics", "httpMethod": "GET",
    "headers": {}, "multiValueHeaders": {}, "queryStringParameters": {"metric": "cpu.load"},
    "multiValueQueryStringParameters": {"metric": ["cpu.load"]}, "pathParameters": None,
    "stageVariables": None, "body": None, "isBase64Encoded": False,
    "requestContext": {"requestId": "bench", "path": "/live/api/metrics", "httpMethod": "GET"},
}, None)
assert answer["statusCode"] == 200, answer
"""
# The first request belongs to a cold start: a router may do on it what it left undone before.
HANDLER = """
from skafu.metrics.handlers.api import handler
class Context:
    function_name, memory_limit_in_mb = "bench", 512
    invoked_function_arn, aws_request_id = "arn:aws:lambda:eu-west-1:1:function:bench", "bench"
answer = handler({
    "resource": "/api/metrics", "path": "/api/metrics", "httpMethod": "POST",
    "headers": {}, "multiValueHeaders": {}, "queryStringParameters": None,
    "multiValueQueryStringParameters": None, "pathParameters": None, "stageVariables": None,
    "requestContext": {"requestId": "bench", "path": "/live/api/metrics", "httpMethod": "POST"},
    "body": "{}", "isBase64Encoded": False,
}, Context())
assert answer["statusCode"] == 401, answer
"""


def cpu_ms(program: str, environment: dict[str, str]) -> float:
    """User and system time of one fresh interpreter. Raises RuntimeError where it fails."""
    with subprocess.Popen(  # nosec B603: this Python
        [INTERPRETER, "-c", program],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.stderr.read() if process.stderr else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(said)
    return (used.ru_utime + used.ru_stime) * 1000


def rows() -> Iterator[Row]:
    """The ratios, and the milliseconds of this machine."""
    environment = build().environment(ROOT)
    programs = {"bare": BARE, "floor": FLOOR, "handler": HANDLER, "typical": TYPICAL}
    for program in programs.values():
        cpu_ms(program, environment)  # fills the page cache and writes bytecode that is missing
    found: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS):  # in turns, so that a machine that drifts does so for all alike
        for name, program in programs.items():
            found[name].append(cpu_ms(program, environment))
    medians = {name: statistics.median(times) for name, times in found.items()}
    beyond = {name: median - medians["bare"] for name, median in medians.items()}
    floor = beyond["floor"]
    note = "{:.0f} ms over {:.0f} ms here, beyond the bare interpreter's"
    yield Row(
        "cold start CPU of the metrics API",
        beyond["handler"] / floor,
        "x of the bare handler floor",
        4,
        1,
        note.format(beyond["handler"], floor),
    )
    yield Row(
        "cold start CPU of a typical metrics API",
        beyond["typical"] / floor,
        "x of the bare handler floor",
        note="validating resolver, pydantic, boto3's resource, no tracer; "
        + note.format(beyond["typical"], floor),
    )
