import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from jinja2 import UndefinedError

from skafu.alerts.channels import ChannelType, Template
from skafu.alerts.paging.model import PageCause, Told
from skafu.alerts.senders.words import Words
from skafu.alerts.templates.context import MAX_ITEMS, context
from skafu.alerts.templates.environment import MAX_PIECE, environment
from skafu.alerts.templates.rendering import MAX_TEXT, MAX_TITLE, rendered, said
from skafu.alerts.templates.saving import template_problems
from skafu.alerts.templates.shapes import PAGE, Fields, Keyed, Many, Scalar, Shape
from tests.support.pages import BUSY, drill, hosts, item, page

EMAIL = ChannelType.EMAIL


def text(source: str, kind: ChannelType = EMAIL, **changes: Any) -> str:
    words, note = said(kind, Template(text=source), page(**changes))
    assert note is None
    return words.text


def test_a_page_is_said_in_own_words() -> None:
    own = Template(
        "{{ severity | upper }} {{ first.name }} for {{ labels.team }}",
        "{% for item in items %}{{ item.tags.host }}: {{ item.value | round(0) }}\n{% endfor %}",
    )

    words, note = said(EMAIL, own, page(hosts(2)))

    assert words == Words("CRITICAL CPU is busy for core", "web-1: 12\nweb-2: 12")
    assert note is None


def test_what_is_empty_is_left_to_the_standard() -> None:
    assert said(EMAIL, Template("", " \n"), page()) == (Words("", ""), None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ status }} {{ firing }}/{{ total }}", "firing 3/4"),
        ("{{ resolved }} {{ unknown }}", "1 0"),
        ("{{ drill }} {{ step }} {{ route }}", "no 2 core"),
        ("{{ why | truncate(17) }}", "Escalation ste..."),
        ("{{ group.alertname }}", "CPU is busy"),
        ("{{ first.condition }}", "avg of cpu.load over 60 s > 10"),
        ("{{ first.began }} {{ lasting }}", "2023-11-15 12:02:00 UTC 4 min"),
        ("{{ first.value }} {{ first.ended | default('-') }}", "12.5 -"),
        ("{% if first.value > 12 %}high{% endif %}", "high"),
        ("{{ labels.nobody | default('somebody') }}", "somebody"),
        ("{% if labels.host is defined %}one{% else %}several{% endif %}", "several"),
        ("{% for i in items %}{{ loop.index }}{{ '' if loop.last else ',' }}{% endfor %}",
         "1,2,3,4"),
        ("{{ link }}", "https://skafu.example/alerts/alert-1"),
        ("{{ title }}", "ALARM, escalation 2: 3 instances of CPU is busy, 1 OK again: "
         "host=web-1; host=web-2; host=web-3"),
    ],
)  # fmt: skip
def test_everything_that_can_be_named_says_what_it_is(source: str, said: str) -> None:
    ended = item(Told.RESOLVED, tags=(("host", "web-9"),))
    items = tuple([*hosts(3), ended])

    assert text(source, items=items, cause=PageCause.ESCALATION, step=2) == said


def test_what_is_missing_says_what_there_is() -> None:
    words, note = said(EMAIL, Template("{{ title }}", "a\n{{ labels.missing }}"), page())

    assert words == Words("ALARM: CPU is busy (host=web-1)", "")
    assert note == (
        "the standard text was sent: the template's line 2: there is no missing here; "
        "there are alertname, host, severity, team; with a default: | default('none')"
    )


def test_what_does_not_fit_together_only_costs_the_template() -> None:
    words, note = said(
        EMAIL, Template("{{ 'x' if first.value > 3 else 'y' }}"), page(item(value=None))
    )

    assert words == Words()
    assert "not supported between" in str(note)


@pytest.mark.parametrize("own", [Template("Mine", "My text"), Template("[DRILL]", "x")])
def test_no_template_can_hide_that_it_is_a_drill(own: Template) -> None:
    words, _ = said(EMAIL, own, drill())

    assert words.title == f"[DRILL] {own.title}"
    assert words.text == f"[DRILL] {own.text}"


def test_tags_cannot_call_people_or_hide_links() -> None:
    evil = item(tags=(("host", "<!channel> & [here](https://evil.example)"),))

    assert text("*{{ first.tags.host }}*", ChannelType.SLACK, items=(evil,)) == (
        "*&lt;!channel&gt; &amp; [here](https://evil.example)*"
    )
    assert "](" not in text("{{ first.tags.host }}", ChannelType.TEAMS, items=(evil,))
    assert text("{{ first.tags.host }}", items=(evil,)).startswith("<!channel> &")


def test_what_stands_in_a_template_is_the_admins_own_markup() -> None:
    linked = "<{{ link }}|Open> & [Teams](https://x.example)"

    assert text(linked, ChannelType.SLACK) == (
        "<https://skafu.example/alerts/alert-1|Open> & [Teams](https://x.example)"
    )


def test_what_becomes_long_is_cut_off() -> None:
    long = replace(BUSY, description="x" * 4_096)
    every = "{% for item in items %}{{ item.description }}{% endfor %}"

    words, _ = said(EMAIL, Template(every, every), page(hosts(50, of=long)))

    assert (len(words.title), len(words.text)) == (MAX_TITLE, MAX_TEXT)


def test_nothing_is_written_that_nobody_reads() -> None:
    long = replace(BUSY, description="x" * 4_096)
    every = "{% for a in items %}{% for b in items %}{{ b.description }}{% endfor %}{% endfor %}"

    written = rendered(EMAIL, "text", every, context(page(hosts(50, of=long))))

    assert len(written) <= MAX_TEXT + MAX_PIECE


@pytest.mark.parametrize(
    "source",
    ["{{ range(3) }}", "{{ lipsum }}", "{% for x in items %}{{ loop.changed }}{% endfor %}"],
)
def test_jinjas_own_names_are_not_even_there(source: str) -> None:
    with pytest.raises(UndefinedError):
        environment().from_string(source).render(context(page()))


def test_the_dearest_template_takes_no_time_to_speak_of() -> None:
    inner = "{% if b.name ~ a.name == status %}x{% endif %}" * 80
    dear = "{% for a in items %}{% for b in items %}" + inner + "{% endfor %}{% endfor %}"
    begin = time.perf_counter()

    words, note = said(EMAIL, Template(text=dear), page(hosts(500)))

    assert (words, note) == (Words(), None)
    assert time.perf_counter() - begin < 3


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ first.__init__.__globals__ }}",
        "{{ self }}",
        "{{ lipsum }}",
        "{{ config }}",
        "{% for x in items %}{{ loop.__class__ }}{% endfor %}",
        "{{ first['__class__'] }}",
    ],
)
def test_nothing_of_python_can_be_reached(source: str) -> None:
    assert template_problems(EMAIL, Template(text=source))
    words, note = said(EMAIL, Template(text=source), page())
    assert words == Words() and note is not None


@pytest.mark.parametrize(
    ("own", "field", "said"),
    [
        (Template("{{ titel }}"), "template.title", "line 1: there is no titel"),
        (Template(text="ok\n{{ title > 3 }}"), "template.text", "line 2: '>' not supported"),
        (Template(text="{{ title | round(1) }}"), "template.text", "line 1: could not convert"),
    ],
)
def test_a_template_is_tried_before_it_is_kept(own: Template, field: str, said: str) -> None:
    [problem] = template_problems(EMAIL, own)

    assert problem.field == field
    assert problem.reason.startswith(said)


def test_a_template_is_not_refused_for_labels_that_only_some_alerts_have() -> None:
    own = Template("{{ labels.squad }}", "{{ first.tags.rack }} {{ group.zone }}")

    assert not template_problems(EMAIL, own)


def _fits(value: Any, shape: Shape) -> bool:
    match shape:
        case Scalar():
            return value is None or isinstance(value, str | int | float)
        case Keyed():
            return isinstance(value, Mapping) and all(isinstance(x, str) for x in value.values())
        case Many(of):
            return isinstance(value, list) and all(_fits(each, of) for each in value)
        case Fields(parts):
            return set(value) == set(parts) and all(_fits(value[x], parts[x]) for x in parts)


def test_a_page_has_the_shape_that_templates_are_held_to() -> None:
    for each in (page(), page(hosts(60)), drill(), page(item(Told.UNKNOWN, value=None))):
        assert _fits(context(each), PAGE)
    assert len(context(page(hosts(60)))["items"]) == MAX_ITEMS
    assert context(page(hosts(60)))["total"] == 60
