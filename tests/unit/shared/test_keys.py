import inspect
import re

import pytest

from skafu.shared import keys
from skafu.shared.keys import ACCESS_PATTERNS, IndexKey, Key, SegmentName

AT = 1_700_050_499_999  # 2023-11-15T12:14:59.999Z
NAME = SegmentName("layout", "202311151200", AT, "request")


def test_times_are_named_by_their_utc_digits() -> None:
    assert keys.hour_of(AT) == "2023111512"
    assert keys.day_of(AT) == "20231115"
    assert keys.bucket_of(AT) == "202311151200"
    assert keys.bucket_of(AT + 1) == "202311151215"
    assert keys.bucket_start("202311151200") == 1_700_049_600_000
    assert keys.instant(AT) == "1700050499999"
    assert keys.instant(7) == "0000000000007"


@pytest.mark.parametrize("part", ["", "a#b", "#"])
def test_an_unsafe_part_never_gets_into_a_key(part: str) -> None:
    with pytest.raises(ValueError, match="unsafe"):
        keys.join("acme", part)
    with pytest.raises(ValueError):
        keys.alert(part, "a1")


def test_a_segment_and_a_late_item_are_found_by_time_and_layout() -> None:
    assert keys.segment("acme", 0, NAME) == Key(
        "acme#segments#0#2023111512", f"layout#202311151200#{AT}#request"
    )
    assert keys.late("acme", 0, NAME) == Key("acme#late#0#20231115", NAME.sk)
    assert keys.segment_name(NAME.sk) == NAME


def test_every_key_begins_with_the_tenant_but_for_two_by_name() -> None:
    exceptions = {"membership", "registry"}
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        parameters = inspect.signature(function).parameters
        if "tenant" not in parameters or name in exceptions:
            continue
        found = function(*(_sample(name, each) for each in parameters.values()))
        pk = found if isinstance(found, str) else found[0]
        assert pk.startswith("acme#"), name


def _sample(function: str, parameter: inspect.Parameter) -> object:
    if parameter.name == "name" and function in {"segment", "late"}:
        return NAME
    if parameter.annotation is int:
        return 3
    return "acme" if parameter.name == "tenant" else f"a-{parameter.name}"
