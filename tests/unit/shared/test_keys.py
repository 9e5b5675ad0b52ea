import inspect
import re

import pytest

from skafu.shared import keys
from skafu.shared.access_patterns import ACCESS_PATTERNS
from skafu.shared.keys import IndexKey, Key, SegmentName

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
    assert keys.late("acme", 0, NAME) == Key(
        "acme#late#0", f"202311151200#layout#{keys.instant(AT)}#request"
    )
    assert keys.late_name(keys.late("acme", 0, NAME).sk) == NAME
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
    if parameter.name == "name" and function in {"segment", "late", "folded"}:
        return NAME
    if parameter.annotation is int:
        return 3
    return "acme" if parameter.name == "tenant" else f"a-{parameter.name}"


def test_decisions_and_versions_are_in_order_of_time() -> None:
    ends = [keys.decision("t", "a", "i", end, revision).sk for end, revision in ((9, 2), (10, 0))]
    assert ends == sorted(ends)
    versions = [keys.alert_version("t", "a", version).sk for version in (9, 10, 100)]
    assert versions == sorted(versions)


def test_an_item_of_two_indexes_has_keys_of_both_shapes() -> None:
    assert keys.member_index("acme", "ann") == IndexKey("acme#members", "ann")
    assert keys.state_index("acme", "ALARM", 5, "a1", "i1") == IndexKey(
        "acme#state#ALARM", "0000000000005#a1#i1"
    )


def test_every_access_pattern_names_an_index_that_exists_and_its_partition_key() -> None:
    for pattern in ACCESS_PATTERNS:
        assert pattern.index in {"table", "GSI1"}
        wanted = "pk = " if pattern.index == "table" else "gsi1pk = "
        assert pattern.condition.startswith(wanted)
        assert re.match(
            rf"{wanted}(<tenant>#|member#<subject>|registry$|region, sk = active$)",
            pattern.condition,
        )


def test_a_partition_tells_what_it_holds() -> None:
    assert keys.kind_of(keys.segments("acme", 3, "2023111512")) == "segments"
    assert keys.kind_of(keys.merged("acme", 0, keys.ROLLUPS, "group", 1)) == "rollups"
    assert keys.kind_of(keys.membership("segments").pk) == "member"
    assert keys.kind_of(keys.TENANTS) == "registry"
