"""What a cold start loads, handler by handler: each import is paid for by the first caller."""

import json
import subprocess
import sys
from collections.abc import Iterable
from functools import cache

import pytest

from tests.architecture.source import BACKEND, deployed

# Lambda's runtime has botocore and what it needs; the layer adds Powertools and orjson.
BOTOCORE = {"botocore", "certifi", "dateutil", "jmespath", "six", "urllib3"}
POWERTOOLS = {"aws_lambda_powertools", "typing_extensions"}
USUAL = BOTOCORE | POWERTOOLS | {"orjson", "skafu"}

THIRD_PARTY = {
    "skafu.alerts.handlers.api": USUAL,
    "skafu.alerts.handlers.evaluate": USUAL,
    "skafu.alerts.handlers.notify": USUAL,
    "skafu.alerts.handlers.sweep": USUAL,
    "skafu.canary.handlers.validate": USUAL,
    "skafu.canary.handlers.watch": USUAL,
    "skafu.probe.handlers.probe": USUAL,
    "skafu.scaling.handlers.adapt": USUAL,
    "skafu.metrics.handlers.api": USUAL,
    "skafu.metrics.handlers.compact": USUAL,
    "skafu.workspace.handlers.api": USUAL,
}
HANDLERS = sorted(
    module.name for module in deployed() if module.is_handler and module.stem != "__init__"
)

# Every variable that any function needs (shared/settings.py); no value is used while loading.
ENVIRONMENT = {
    "PYTHONPATH": str(BACKEND),
    "TABLE_NAME": "skafu-test",
    "ENVIRONMENT": "local",
    "CORS_ORIGIN": "http://localhost:3000",
    "DELIVERIES_QUEUE_URL": "http://localhost/1/deliveries",
    "WAKEUPS_QUEUE_URL": "http://localhost/1/wakeups",
    "PARKED_QUEUE_URL": "http://localhost/1/parked",
    "METRIC_RETENTION_DAYS": "30",
    "ALERTS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:alerts",
    "CHANNELS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:channels",
    "USER_POOL_ID": "us-east-1_Example01",
    "METRICS_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:metrics:1",
    "METRICS_COMPACTOR_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:c:1",
    "ALERTS_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:alerts:1",
    "WORKSPACE_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:workspace:1",
    "ALERT_EVALUATOR_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:e:1",
    "ALERT_SWEEPER_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:s:1",
    "ALERT_NOTIFIER_FUNCTION_VERSION": "arn:aws:lambda:us-east-1:123456789012:function:n:1",
    "TOKEN_URL": "http://localhost/oauth2/token",
    "FLAGS": "app1234/env1234/pro1234",
    "API_URL": "http://localhost/api",
    "CONSOLE_URL": "http://localhost/console",
    "SECRET": "arn:aws:secretsmanager:us-east-1:123456789012:secret:skafu-test-probe-AbCdEf",
    "STACK": "skafu-test",
    "METRICS_FUNCTION": "skafu-test-metrics",
    "FUNCTIONS": "skafu-test-metrics",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
PROGRAM = """
import sys
before = set(sys.modules)
import importlib, json
importlib.import_module(sys.argv[1]).handler
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@cache
def loaded_by(handler: str) -> frozenset[str]:
    """The modules that a fresh interpreter loads to have `handler` ready."""
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, handler],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return frozenset(json.loads(found.stdout))


def tops(modules: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_every_handler_has_an_allowance() -> None:
    assert HANDLERS
    assert set(HANDLERS) <= set(THIRD_PARTY)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_no_package_beyond_its_allowance(handler: str) -> None:
    # Compiled packages register helpers under names of their own with a leading underscore.
    others = tops(loaded_by(handler)) - set(sys.stdlib_module_names)

    assert not {name for name in others - THIRD_PARTY[handler] if not name.startswith("_")}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_loads_its_own_slice_and_no_model_of_requests(handler: str) -> None:
    loaded = {name for name in loaded_by(handler) if name.startswith("skafu.")}
    domain = handler.split(".")[1]
    borrowed = {"alerts": {"metrics"}, "probe": {"canary"}}
    allowed = {"shared", domain} | borrowed.get(domain, set())

    assert {name.split(".")[1] for name in loaded} <= allowed
    assert not {name for name in loaded if name.endswith((".schemas", ".validation"))}
    assert "skafu.shared.local_token" not in loaded


def test_sending_points_does_not_pay_for_what_queries_need() -> None:
    loaded = loaded_by("skafu.metrics.handlers.api")

    assert not {name for name in loaded if name.startswith("skafu.metrics.query")}
    assert "skafu.metrics.reader" not in loaded
    assert "zoneinfo" not in loaded


def test_alerts_do_not_pay_for_channels_that_nobody_asks_for() -> None:
    api = loaded_by("skafu.alerts.handlers.api")
    notifier = loaded_by("skafu.alerts.handlers.notify")

    assert not {
        x for x in api if x.startswith(("skafu.alerts.senders.", "skafu.alerts.templates"))
    } - {"skafu.alerts.senders.sns"}
    assert not {x for x in notifier if x.startswith("skafu.alerts.templates")}
    assert "skafu.alerts.senders.slack" not in notifier


@pytest.mark.parametrize("handler", HANDLERS)
def test_nobody_pays_for_flags_before_the_first_is_asked_for(handler: str) -> None:
    """Powertools' feature flags bring boto3 along."""
    loaded = loaded_by(handler)

    assert "skafu.shared.flags_document" not in loaded
    assert not {x for x in loaded if "feature_flags" in x or x.startswith(("boto3", "s3transfer"))}
