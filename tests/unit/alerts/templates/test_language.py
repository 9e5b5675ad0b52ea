import time

import pytest

from skafu.alerts.templates.language import MAX_SOURCE, problems
from skafu.alerts.templates.shapes import ITEM, LOOP, PAGE, PAIR, Fields, Keyed, Many, Shape

GOOD = [
    "",
    "plain text, 100 % of it",
    "{{ title }} is {{ status | upper }}",
    "{{ labels.team | default('nobody') }} {{ labels['a-b'] }}",
    "{% if severity == 'critical' and not drill %}Now!{% elif total > 3 %}3{% else %}-{% endif %}",
    "{{ 'up' if firing else 'down' }}: {{ items | length }}",
    "{% for item in items %}{{ loop.index }}. {{ item.name }}{% if not loop.last %}, {% endif %}"
    "{% endfor %}",
    "{% for item in items if item.severity == 'critical' %}{{ item.tags.host }}{% else %}none"
    "{% endfor %}",
    "{% for item in items %}{% for label in item.label_list %}{{ label.name }}={{ label.value }}"
    "{% endfor %}{% endfor %}",
    "{{ first.value | round(2) }} {{ first.description | truncate(80) | lower }}",
    "{{ status ~ ': ' ~ title }}",
    "{% if labels.team is defined %}{{ labels.team }}{% endif %}",
    "{# a comment #}{% raw %}{{ this is text }}{% endraw %}",
    "{% for pair in first.tag_list %}{{ pair.name }}{% endfor %}",
]


@pytest.mark.parametrize("source", GOOD)
def test_what_makes_sense_may_be_kept(source: str) -> None:
    assert not problems(source)


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("{{ alrt }}", 1, "there is no alrt; there are title, text"),
        ("one\n{{ first.nme }}", 2, "there is no nme here; there are name, status"),
        ("{% if drill %}{{ titel }}{% endif %}", 1, "there is no titel"),
        ("{{ items }}", 1, "is a list; loop over it: {% for item in items %}"),
        ("{{ labels }}", 1, "has parts; name one: {{ labels.team }}"),
        ("{{ first }}", 1, "has parts; name one of name, status"),
        ("{{ items.name }}", 1, "name is not a part of a list"),
        ("{{ items[0].name }}", 1, "0 is not a part of a list"),
        ("{{ labels[0] }}", 1, "labels and tags have names"),
        ("{{ title.upper }}", 1, "upper is not a part of a text"),
        ("{{ title.__class__ }}", 1, "__class__ is not a part of a text"),
        ("{{ labels.items() }}", 1, "nothing can be called"),
        ("{{ range(10) }}", 1, "nothing can be called"),
        ("{{ cycler }}", 1, "there is no cycler"),
        ("{{ 2 ** 99999 }}", 1, "there is no arithmetic"),
        ("{{ 'x' * 99999 }}", 1, "there is no arithmetic; texts are joined by ~"),
        ("{{ title + text }}", 1, "there is no arithmetic"),
        ("{{ -1 }}", 1, "there is no arithmetic"),
        ("{{ title[1:2] }}", 1, "this cannot be used here: {{ title }}"),
        ("{{ [1, 2] }}", 1, "this cannot be used here: {{ title }}"),
        ("{{ {'a': 1} }}", 1, "this cannot be used here"),
        ("{{ title | replace('a', 'aaaa') }}", 1, "there is no filter replace; there are upper"),
        ("{{ title | upper(1) }}", 1, "write it like this: {{ first.name | upper }}"),
        ("{{ title | truncate(total) }}", 1, "takes a plain text or number"),
        ("{{ labels | upper }}", 1, "is for texts and numbers"),
        ("{{ title is divisibleby(3) }}", 1, "this cannot be used here"),
        ("{% set x = 1 %}", 1, "nothing can be set"),
        ("{% set x %}y{% endset %}", 1, "nothing can be set"),
        ("{% macro m() %}{% endmacro %}", 1, "only values, if and for"),
        ("{% include 'a' %}", 1, "only values, if and for"),
        ("{% extends 'a' %}", 1, "only values, if and for"),
        ("{% import 'a' as b %}", 1, "only values, if and for"),
        ("{% filter upper %}x{% endfilter %}", 1, "only values, if and for"),
        ("{% block a %}{% endblock %}", 1, "only values, if and for"),
        ("{% with %}{% endwith %}", 1, "only values, if and for"),
        ("{% for x in title %}{% endfor %}", 1, "loops go over items"),
        ("{% for x in labels %}{% endfor %}", 1, "loops go over items"),
        ("{% for a, b in items %}{% endfor %}", 1, "loops go over items"),
        ("{% for x in items if x.nme %}{% endfor %}", 1, "there is no nme here"),
        ("{% if titel %}{% endif %}", 1, "there is no titel"),
        ("{% for x in items recursive %}{% endfor %}", 1, "cannot be recursive"),
        (
            "{% for a in items %}{% for b in items %}\n{% for c in items %}{% endfor %}"
            "{% endfor %}{% endfor %}",
            2,
            "loops stand at most 2 deep",
        ),
        ("{% for x in items %}{% endfor %}{{ x.name }}", 1, "there is no x"),
        ("{% for x in items %}{{ x }}{% endfor %}", 1, "has parts"),
        ("{{ loop.index }}", 1, "there is no loop"),
        ("a\nb {{ title", 2, "an example: {{ title }}"),
        ("{% if title %}", 1, "an example: {{ title }}"),
        ("{{ title | }}", 1, "an example: {{ title }}"),
        ("x" * (MAX_SOURCE + 1), 1, "at most 4000 characters"),
        ("{{ " + "(" * 1500 + "title" + ")" * 1500 + " }}", 1, "nested too deeply"),
        ("{{ " + "not " * 900 + "title }}", 1, "nested too deeply"),
        ("{% if title %}" * 100 + "{% endif %}" * 100, 1, "nested too deeply"),
    ],
)
def test_what_does_not_is_told_by_line_with_what_is_right(
    source: str, line: int, said: str
) -> None:
    found = problems(source)

    assert found, "it was let through"
    assert found[0].line == line
    assert said in found[0].sentence


def test_names_in_branches_that_no_sample_takes_are_looked_at() -> None:
    source = "{% if status == 'never' %}{{ wrong }}{% else %}{{ also_wrong }}{% endif %}"

    assert len(problems(source)) == 2


@pytest.mark.parametrize(
    "source", ["{{" * 2000, "{% if a %}" * 400, "{{ " + "a." * 1900, "[" * 4000, "{#" * 2000]
)
def test_no_template_takes_long_to_be_refused(source: str) -> None:
    begin = time.perf_counter()

    problems(source)

    assert time.perf_counter() - begin < 2


def _shapes(shape: Shape) -> list[Shape]:
    match shape:
        case Fields(parts):
            return [shape, *(each for part in parts.values() for each in _shapes(part))]
        case Many(of):
            return [shape, *_shapes(of)]
        case _:
            return [shape]


def test_every_shape_is_one_that_the_checker_knows() -> None:
    assert {type(each) for each in _shapes(PAGE)} >= {Fields, Keyed, Many}
    assert {*PAIR.parts, *LOOP.parts, *ITEM.parts, *PAGE.parts}
