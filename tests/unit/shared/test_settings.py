from dataclasses import FrozenInstanceError

import pytest

from skafu.shared.settings import (
    AlertsApiSettings,
    ApiSettings,
    CompactorSettings,
    EvaluatorSettings,
    Settings,
    SettingsError,
)

BASE = {"TABLE_NAME": "skafu-local", "ENVIRONMENT": "local"}
API = {**BASE, "CORS_ORIGIN": "http://localhost:3000"}


def test_settings_are_the_variables_of_the_same_names() -> None:
    assert Settings.from_env({**BASE, "OTHER": "x"}) == Settings(
        table_name="skafu-local", environment="local"
    )


def test_all_missing_names_are_reported_together() -> None:
    with pytest.raises(SettingsError) as caught:
        EvaluatorSettings.from_env({"ENVIRONMENT": "local", "PARKED_QUEUE_URL": ""})

    for name in ("TABLE_NAME", "DELIVERIES_QUEUE_URL", "WAKEUPS_QUEUE_URL", "PARKED_QUEUE_URL"):
        assert f"{name} is missing" in str(caught.value)
    assert "ENVIRONMENT is missing" not in str(caught.value)


def test_what_has_a_default_may_be_left_out() -> None:
    found = ApiSettings.from_env(API)

    assert found.aws_sam_local is False
    assert found.user_pool_id == ""


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_a_flag_is_true_or_false(text: str, value: bool) -> None:
    arns = {"ALERTS_TOPIC_ARN": "arn", "CHANNELS_TOPIC_ARN": "arn"}
    env = {**API, **arns, "DELIVERIES_QUEUE_URL": "url", "ALLOW_LOOPBACK_WEBHOOKS": text}

    assert AlertsApiSettings.from_env(env).allow_loopback_webhooks is value


def test_a_flag_that_is_neither_is_reported_beside_the_missing_names() -> None:
    with pytest.raises(SettingsError) as caught:
        AlertsApiSettings.from_env({**API, "ALLOW_LOOPBACK_WEBHOOKS": "yes"})

    assert "ALLOW_LOOPBACK_WEBHOOKS is neither true nor false" in str(caught.value)
    assert "ALERTS_TOPIC_ARN is missing" in str(caught.value)


def test_a_number_is_read_as_one() -> None:
    found = CompactorSettings.from_env({**BASE, "METRIC_RETENTION_DAYS": "730"})

    assert found.metric_retention_days == 730


@pytest.mark.parametrize("text", ["a month", "-1", "1.5"])
def test_what_is_no_number_is_reported(text: str) -> None:
    with pytest.raises(SettingsError, match="METRIC_RETENTION_DAYS is no number"):
        CompactorSettings.from_env({**BASE, "METRIC_RETENTION_DAYS": text})


def test_settings_never_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_env(BASE).environment = "prod"  # type: ignore[misc]  # frozen: that is the point
