"""What AppConfig hands out: made from settings, read back, and accepted by its own schema."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped] # it has no types of its own
import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.flags.catalogue import table
from skafu.ops.flags.document import compiled, schema, settings_of
from skafu.ops.flags.settings import FLAGS, Settings, Staged
from skafu.shared.flag_catalogue import KNOWN, Number

SETTINGS: list[Settings] = [
    {},
    {"compaction_interval_minutes": 60},
    {"alert_backtests": True, "alert_drills": False},
    {"alert_drills": Staged(1)},
    {"alert_drills": Staged(99, ("a",), ("b", "c"))},
    {"alert_drills": Staged(0, ("a",))},
    {"alert_drills": Staged(100, (), ("a",))},
    {flag.name: flag.default for flag in KNOWN},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_document_tells_the_settings_that_it_was_made_from(settings: Settings) -> None:
    assert settings_of(compiled(settings)) == settings


@pytest.mark.parametrize("settings", SETTINGS)
def test_appconfig_accepts_every_document_that_is_made_here(settings: Settings) -> None:
    jsonschema.Draft4Validator(schema()).validate(json.loads(compiled(settings)))


def test_the_schema_is_one() -> None:
    jsonschema.Draft4Validator.check_schema(schema())
    assert set(schema()["properties"]) == set(FLAGS)


WRONG: list[Any] = [
    [],
    {"alert_backtest": {"default": True}},
    {"alert_backtests": True},
    {"alert_backtests": {"default": 1}},
    {"alert_backtests": {"default": True, "rules": {}}},
    {"alert_backtests": {"default": True, "rules": {"mine": {"when_match": True}}}},
    {"compaction_interval_minutes": {"default": 15}},
    {"compaction_interval_minutes": {"default": 4, "boolean_type": False}},
    {"compaction_interval_minutes": {"default": 7, "boolean_type": False}},
    {"compaction_interval_minutes": {"default": True, "boolean_type": True}},
]


@pytest.mark.parametrize("document", WRONG)
def test_appconfig_refuses_what_functions_would_not_understand(document: Any) -> None:
    assert not jsonschema.Draft4Validator(schema()).is_valid(document)
    with pytest.raises(Refused):
        settings_of(json.dumps(document))


@pytest.mark.parametrize("end", [-1, 100])
def test_appconfig_refuses_a_share_that_there_is_not(end: int) -> None:
    document = json.loads(compiled({"alert_drills": Staged(5)}))
    value = document["alert_drills"]["rules"]["share"]["conditions"][0]["value"]
    assert jsonschema.Draft4Validator(schema()).is_valid(document)
    value["END"] = end
    assert not jsonschema.Draft4Validator(schema()).is_valid(document)


@pytest.mark.parametrize("text", ["", "{", '{"alert_drills": {"default": false, "more": 1}}'])
def test_what_somebody_else_wrote_is_not_taken_for_settings(text: str) -> None:
    with pytest.raises(Refused):
        settings_of(text)


def test_the_page_lists_every_flag_with_its_bounds() -> None:
    rows = [line for line in table().splitlines() if line.startswith("| `")]
    assert len(rows) == len(KNOWN)
    for flag, row in zip(KNOWN, rows, strict=True):
        assert flag.name in row and flag.description in row
        if isinstance(flag, Number):
            assert f"{flag.least} to {flag.most}" in row
