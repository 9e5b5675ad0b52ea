import math
from typing import Any

import pytest

from skafu.alerts.code.reading import MAX_BYTES, MAX_DEPTH, MAX_VALUES, plain, read
from skafu.shared.errors import BadRequest, PayloadTooLarge


def refusal(text: str) -> str:
    with pytest.raises(BadRequest) as refused:
        read(text.encode())
    return str(refused.value)


def test_values_come_with_the_lines_on_which_they_stand() -> None:
    found = read(b"alerts:\n  - name: x\n    labels:\n      team: core\n  - name: y\n")

    assert found.value == {"alerts": [{"name": "x", "labels": {"team": "core"}}, {"name": "y"}]}
    assert found.line(("alerts", 0, "labels", "team")) == 4
    assert found.line(("alerts", 1)) == 5
    assert found.line(("alerts", 1, "threshold", "deep")) == 5


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("-1.5e3", -1500.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2023-11-15", "2023-11-15"),
        ("=", "="),
        ("<<", "<<"),
        ("1_000", "1_000"),
        ("9" * 401, "9" * 401),
    ],
)
def test_words_mean_what_yaml_1_2_says(word: str, value: Any) -> None:
    assert plain(word) == value
    assert type(plain(word)) is type(value)
    assert read(f"a: {word}".encode()).value == {"a": value}


@pytest.mark.parametrize("text", ["a: '12'", 'a: "12"', "a: |-\n  12\n", "a: >-\n  12\n"])
def test_quotes_and_blocks_make_texts(text: str) -> None:
    assert read(text.encode()).value == {"a": "12"}


def test_json_is_yaml_too() -> None:
    assert read(b'{"a": [1, 2.5, null, "x"]}').value == {"a": [1, 2.5, None, "x"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "line 1: anchors"),
        ("a: &x [1]\n", "line 1: anchors"),
        ("a: 1\nb: *x\n", "line 2: anchors"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1: tags"),
        ("a: !thing 1\n", "line 1: tags"),
        ("a: 1\nb: 2\na: 3\n", "line 3: a stands here twice"),
        ("? [1, 2]\n: x\n", "line 1: a field's name"),
        ("a: 1\n---\nb: 2\n", "line 2: there is a second document"),
        ("", "the body is empty"),
        ("# nothing\n", "the body is empty"),
        ("a: [1,\n", "the body is not YAML: line"),
        ("a:\n\t- 1\n", "the body is not YAML: line 2"),
        ("a: \x00", "the body is not YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, said: str) -> None:
    assert refusal(text).startswith(said)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadRequest, match="UTF-8"):
        read(b"a: \xff\xfe")


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi")
    )
    assert "anchors and aliases" in refusal(bomb)


@pytest.mark.parametrize("text", ["[" * 100_000, "a: {" * 50_000, "- " * 100_000])
def test_depth_is_bounded(text: str) -> None:
    assert f"deeper than {MAX_DEPTH} levels" in refusal(text) or "not YAML" in refusal(text)


def test_depth_is_counted_from_the_top() -> None:
    read(("[" * MAX_DEPTH + "]" * MAX_DEPTH).encode())
    assert "deeper" in refusal("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2))


def test_the_number_of_values_is_bounded() -> None:
    assert f"more than {MAX_VALUES:,} values" in refusal("[" + "1," * (MAX_VALUES + 1) + "]")


def test_the_size_is_bounded() -> None:
    with pytest.raises(PayloadTooLarge):
        read(b"a" * (MAX_BYTES + 1))
