import pytest

from skafu.alerts.code.names import NoSuchName, ids_of, names
from skafu.shared.errors import FieldError

CHANNELS = names("channel", [("c1", "ops"), ("c2", "twin"), ("c3", "twin"), ("c4", "c1")])


@pytest.mark.parametrize(
    ("thing", "written"),
    [("c1", "ops"), ("c2", "c2"), ("c3", "c3"), ("c4", "c4"), ("gone", "gone")],
)
def test_a_name_is_written_only_if_it_can_mean_nothing_else(thing: str, written: str) -> None:
    assert CHANNELS.name_of(thing) == written


@pytest.mark.parametrize("thing", ["c1", "c2", "c3", "c4"])
def test_what_is_written_is_found_again(thing: str) -> None:
    assert CHANNELS.id_of(CHANNELS.name_of(thing)) == thing


@pytest.mark.parametrize(
    ("text", "said"),
    [("twin", r"2 channels have this name: use an id \(c2, c3\)"), ("x", "there is no channel")],
)
def test_what_means_nothing_or_too_much_is_refused(text: str, said: str) -> None:
    with pytest.raises(NoSuchName, match=said):
        CHANNELS.id_of(text)


def test_what_is_no_text_is_left_for_others_to_refuse() -> None:
    errors: list[FieldError] = []

    assert ids_of("channels", ["ops", 5, "x"], CHANNELS, errors) == ["c1", 5, "unknown-2"]
    assert [each.field for each in errors] == ["channels.2"]
