"""Files of flags: what they may say, and that a wrong one is refused by the names of its fields."""

import json
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import NAMES
from skafu.ops.flags.settings import FLAGS, Setting, Staged, parsed, told
from skafu.ops.generated import ROOT


@pytest.mark.parametrize("environment", NAMES)
def test_every_environment_has_a_file_that_can_be_applied(environment: str) -> None:
    text = (ROOT / "flags" / f"{environment}.json").read_text("utf-8")
    assert set(parsed(text)) == set(FLAGS)


def test_there_are_files_of_no_other_environment() -> None:
    assert {path.name for path in (ROOT / "flags").iterdir()} == {f"{x}.json" for x in NAMES}


def test_what_a_file_says_is_what_is_set() -> None:
    said = {
        "compaction_interval_minutes": 15,
        "alert_backtests": False,
        "alert_drills": {"percent_of_tenants": 20, "always": ["b", "a"], "never": ["c"]},
    }
    assert parsed(json.dumps(said)) == {
        "compaction_interval_minutes": 15,
        "alert_backtests": False,
        "alert_drills": Staged(20, ("a", "b"), ("c",)),
    }
    assert not parsed("{}")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"percent_of_tenants": 100}, True),
        ({"percent_of_tenants": 100, "always": ["a"]}, True),
        ({"percent_of_tenants": 100, "never": ["a"]}, Staged(100, (), ("a",))),
        ({"percent_of_tenants": 0}, False),
        ({}, False),
        ({"always": ["a"]}, Staged(0, ("a",))),
        ({"percent_of_tenants": 0, "never": ["a"]}, False),
    ],
)
def test_all_and_none_are_on_and_off(said: Any, meant: Setting) -> None:
    assert parsed(json.dumps({"alert_drills": said}))["alert_drills"] == meant


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"alert_backtest": False}, "alert_backtest: there is no such flag"),
        ({"compaction_interval_minutes": 4}, "compaction_interval_minutes: is a whole number"),
        ({"compaction_interval_minutes": 7}, "from 5 to 60, in steps of 5"),
        ({"compaction_interval_minutes": True}, "compaction_interval_minutes: "),
        ({"compaction_interval_minutes": 5.0}, "compaction_interval_minutes: "),
        ({"compaction_interval_minutes": {"percent_of_tenants": 5}}, "compaction_interval_minutes"),
        ({"alert_drills": "off"}, "alert_drills: is true, false, or an object"),
        ({"alert_drills": None}, "alert_drills: "),
        ({"alert_drills": 1}, "alert_drills: "),
        ({"alert_drills": {"percent": 5}}, "alert_drills.percent: is unknown"),
        ({"alert_drills": {"percent_of_tenants": 101}}, "alert_drills.percent_of_tenants: "),
        ({"alert_drills": {"percent_of_tenants": -1}}, "from 0 to 100"),
        ({"alert_drills": {"percent_of_tenants": True}}, "alert_drills.percent_of_tenants: "),
        ({"alert_drills": {"percent_of_tenants": 0.5}}, "alert_drills.percent_of_tenants: "),
        ({"alert_drills": {"always": "a"}}, "alert_drills.always: is a list of tenants' ids"),
        ({"alert_drills": {"always": ["a b"]}}, "alert_drills.always: "),
        ({"alert_drills": {"never": [7]}}, "alert_drills.never: "),
        ({"alert_drills": {"never": ["a"] * 101}}, "100 at most"),
        ({"alert_drills": {"always": ["a"], "never": ["a"]}}, "alert_drills.never: names tenants"),
        ([], "A file of flags is an object"),
    ],
)
def test_a_wrong_file_is_refused_by_name(said: Any, named: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(json.dumps(said))
    assert named in str(refused.value)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    said = {"compaction_interval_minutes": 4, "alert_drills": {"percent": 5, "never": [7]}, "x": 1}
    with pytest.raises(Refused) as refused:
        parsed(json.dumps(said))
    assert len(str(refused.value).splitlines()) == 5


@pytest.mark.parametrize(
    "text", ["", "{", "{'alert_drills': true}", '{"alert_drills": true, "alert_drills": false}']
)
def test_what_is_no_json_or_says_a_thing_twice_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parsed(text)


def test_settings_are_told_in_words() -> None:
    assert [told(True), told(False), told(15)] == ["on", "off", "15"]
    assert told(Staged(20, ("a", "b"), ("c",))) == (
        "on for 20 % of tenants, always for a, b, never for c"
    )
