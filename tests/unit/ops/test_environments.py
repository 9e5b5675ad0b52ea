import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from skafu.ops.environments import above, load
from skafu.ops.generated import ROOT

FOLDER = ROOT / "environments"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "environments"))


def _edit(folder: Path, old: str, new: str, name: str = "production") -> None:
    path = folder / f"{name}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_environments_come_in_order_of_promotion() -> None:
    names = [environment.name for environment in load(FOLDER)]
    assert names == ["local", "development", "staging", "production"]


def test_an_api_function_ends_before_the_gateway_and_queues_wait_for_their_readers() -> None:
    production = load(FOLDER)[-1]
    assert production.lambda_.timeout == 300
    assert production.api_timeout == 28
    assert production.visibility_timeout == 1800


def test_a_short_timeout_holds_for_api_functions_too(folder: Path) -> None:
    _edit(folder, "timeout: 300", "timeout: 5")
    assert load(folder)[-1].api_timeout == 5


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("encryption_enabled: true", "encryption_enabled: false", "security.encryption_enabled"),
        ("access_logging: true", "access_logging: false", "security.access_logging"),
        ("xray_tracing: true", "xray_tracing: false", "monitoring.xray_tracing"),
        ("stream_enabled: true", "stream_enabled: false", "dynamodb.stream_enabled"),
        ("python3.12", "python3.11", "lambda.runtime"),
        ("PAY_PER_REQUEST", "PAY_LATER", "dynamodb.billing_mode"),
        ("require_numbers: true", "require_numbers: false", "require_numbers"),
    ],
)
def test_what_holds_everywhere_cannot_be_switched_off(
    folder: Path, old: str, new: str, place: str
) -> None:
    _edit(folder, old, new)
    with pytest.raises(ValidationError, match=place):
        load(folder)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("memory_size: 2048", "memory_size: 64", "lambda.memory_size"),
        ("memory_size: 2048", 'memory_size: "2048"', "lambda.memory_size"),
        ("timeout: 300", "timeout: 901", "lambda.timeout"),
        ("log_retention_days: 365", "log_retention_days: 364", "log_retention_days"),
        ("https://skafu.com", "http://skafu.com", "CORS_ORIGIN"),
        ("https://skafu.com", "https://skafu.com/", "CORS_ORIGIN"),
        ("LOG_LEVEL: INFO", "LOG_LEVEL: CHATTY", "LOG_LEVEL"),
        ("minimum_length: 12", "minimum_length: 7", "minimum_length"),
        ("self_sign_up: false", "self_sign_up: off_", "self_sign_up"),
        ("  timeout: 300", "  timeout: 300\n  time_out: 1", "time_out"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_name(
    folder: Path, old: str, new: str, place: str
) -> None:
    _edit(folder, old, new)
    with pytest.raises(ValidationError, match=place):
        load(folder)


def test_throttling_cannot_be_enabled_without_limits(folder: Path) -> None:
    _edit(folder, "throttling_enabled: false", "throttling_enabled: true", name="local")
    with pytest.raises(ValidationError, match="throttling is enabled but throttle is missing"):
        load(folder)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  domain: api.skafu.com\n", "", "a zone for the API's host None, and only then"),
        ("zone: api.skafu.com", "zone: app.skafu.com", "a zone for the API's host api.skafu.com"),
        ("parent: skafu.com", "parent: example.com", "is not below example.com"),
        ("zone: api.skafu.com", "zone: skafu.com", "is not below skafu.com"),
    ],
)
def test_an_apis_host_is_in_the_environments_zone_and_that_below_its_parent(
    folder: Path, old: str, new: str, complaint: str
) -> None:
    _edit(folder, old, new)
    with pytest.raises(ValidationError, match=complaint):
        load(folder)


def test_a_console_is_in_the_own_zone_or_in_the_companys() -> None:
    found = {each.name: each for each in load(FOLDER)}
    staging, production = found["staging"], found["production"]
    assert (staging.has_console_in_zone, staging.host_in_parent) == (True, None)
    assert (production.has_console_in_zone, production.host_in_parent) == (False, "skafu.com")
    assert found["development"].console_host is found["development"].host_in_parent is None


def test_functions_in_the_network_that_measure_themselves_need_logs_there(folder: Path) -> None:
    _edit(folder, "functions_attached: false", "functions_attached: true")
    load(folder)
    _edit(folder, "  runtime: python3.12", "  runtime: python3.12\n  insights: true")
    with pytest.raises(ValidationError, match="they need logs there"):
        load(folder)
    _edit(folder, "interface_endpoints: []", "interface_endpoints: [logs]")
    load(folder)


def test_a_file_that_describes_another_environment_is_refused(folder: Path) -> None:
    shutil.copy(folder / "staging.yaml", folder / "production.yaml")
    with pytest.raises(ValueError, match="production.yaml describes staging"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("staging", "production is promoted from staging, which is not there"),
        ("local", "no environment called local"),
    ],
)
def test_a_missing_file_that_others_need_is_an_error(folder: Path, name: str, told: str) -> None:
    (folder / f"{name}.yaml").unlink()
    with pytest.raises(ValueError, match=told):
        load(folder)


def test_a_circle_of_promotions_is_an_error(folder: Path) -> None:
    _edit(
        folder,
        "stage: development\n",
        "stage: development\npromoted_from: staging\n",
        "development",
    )
    with pytest.raises(ValueError, match="promoted from itself"):
        load(folder)


@pytest.mark.parametrize(
    ("stage", "after", "order"),
    [
        ("development", "development", ["local", "development", "trial", "staging", "production"]),
        ("development", None, ["local", "development", "trial", "staging", "production"]),
        ("staging", "staging", ["local", "development", "staging", "trial", "production"]),
        ("production", None, ["local", "development", "staging", "trial", "production"]),
    ],
)
def test_a_further_file_is_a_further_environment(
    folder: Path, stage: str, after: str | None, order: list[str]
) -> None:
    text = (folder / "development.yaml").read_text("utf-8")
    text = text.replace("name: development", "name: trial").replace(
        "stage: development", f"stage: {stage}" + (f"\npromoted_from: {after}" if after else "")
    )
    (folder / "trial.yaml").write_text(text, "utf-8")
    found = load(folder)
    assert [each.name for each in found] == order
    assert next(each for each in found if each.name == "trial").stage == stage


def test_the_account_lets_in_the_taker_that_is_nearest_to_production() -> None:
    below = {"trial": "development", "staging": "development", "production": "staging"}
    assert above("development", below) == "staging"
    assert above("staging", below) == "production"
    assert above("production", below) is None


def test_codedeploy_moves_aliases_everywhere_but_on_the_embedded_aws() -> None:
    moved = {each.name for each in load(FOLDER) if each.shifts_by_code_deploy}
    assert moved == {"development", "staging", "production"}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("strategy: canary", "strategy: hope", "deployment.strategy"),
        ("watch_minutes: 10", "watch_minutes: 60", "deployment.watch_minutes"),
        ("watch_minutes: 10", "watch_minutes: 0", "deployment.watch_minutes"),
    ],
)
def test_a_deployment_follows_one_of_the_strategies_and_is_watched_while_a_hook_may_take(
    folder: Path, old: str, new: str, place: str
) -> None:
    _edit(folder, old, new)
    with pytest.raises(ValidationError, match=place):
        load(folder)


def test_a_provisioned_table_says_between_what_it_scales(folder: Path) -> None:
    _edit(folder, "billing_mode: PAY_PER_REQUEST", "billing_mode: PROVISIONED")
    assert load(folder)[-1].dynamodb.capacity is not None
    _edit(folder, "capacity: {", "# capacity: {")
    with pytest.raises(ValidationError, match="capacity is missing"):
        load(folder)
