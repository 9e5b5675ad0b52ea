"""Whatever people name their things: every service is sent what it takes, and no template hurts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.alerts.channels import Channel, ChannelType, Template
from skafu.alerts.model import Severity
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.alerts.senders import pagerduty, slack, teams, topic, webhook
from skafu.alerts.senders.words import STANDARD, Words
from skafu.alerts.templates.environment import FILTERS
from skafu.alerts.templates.language import problems
from skafu.alerts.templates.rendering import MAX_TEXT, MAX_TITLE, said
from skafu.alerts.templates.shapes import ITEM, PAGE
from tests.support import alertmanager
from tests.support import pagerduty as pagerduty_format
from tests.support import slack as slack_format
from tests.support import teams as teams_format
from tests.support.pages import BUSY, item, page

HOOK = Channel("one", 1, "On call", ChannelType.WEBHOOK, "https://x.example", "", 0, 0)
SERVICES: dict[ChannelType, tuple[Callable[[Page, Words], bytes], Callable[[bytes], Any]]] = {
    ChannelType.WEBHOOK: (lambda page, words: webhook.body(HOOK, page, words), alertmanager.check),
    ChannelType.SLACK: (
        lambda page, words: orjson.dumps(slack.message(page, words)),
        slack_format.check,
    ),
    ChannelType.TEAMS: (
        lambda page, words: orjson.dumps(teams.message(page, words)),
        teams_format.check,
    ),
    ChannelType.PAGERDUTY: (
        lambda page, words: orjson.dumps(pagerduty.message(pagerduty_format.KEY, page, words)),
        pagerduty_format.check,
    ),
}

VISIBLE = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
NASTY = st.sampled_from(
    ["<!channel>", "](x)", "&amp;", "&", "<@U1>", "*", "`", "{{ x }}", "\u202e"]
)
NAMES = st.lists(st.one_of(st.text(VISIBLE, max_size=40), NASTY), max_size=6).map("".join)
TAGS = st.dictionaries(
    st.text(VISIBLE, min_size=1, max_size=20), NAMES.map(lambda x: x[:256]), max_size=5
).map(lambda named: tuple(sorted(named.items())))


@st.composite
def items(draw: st.DrawFn) -> PageItem:
    alert = replace(
        BUSY,
        id=draw(st.sampled_from(["alert-1", "alert-2", "alert-3"])),
        name=(draw(NAMES).strip() or "named")[:255],
        severity=draw(st.sampled_from(Severity)),
        description=draw(NAMES) * draw(st.sampled_from([1, 1, 1, 400])),
        labels=dict(draw(TAGS)),
        runbook_url=draw(st.sampled_from([None, "https://wiki.example/a", "https://b.example/"])),
        drill_of=draw(st.sampled_from([None, None, "other"])),
    )
    alert = replace(alert, description=alert.description[:4096])
    value = draw(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)))
    told = draw(st.sampled_from(Told))
    made = item(told, alert, draw(TAGS), value=value, reason=draw(NAMES))
    return replace(made, news=draw(st.booleans()))


@st.composite
def pages(draw: st.DrawFn) -> Page:
    some = draw(st.lists(items(), min_size=1, max_size=6))
    many = some * draw(st.sampled_from([1, 1, 1, 40]))
    return page(
        many,
        cause=draw(st.sampled_from(PageCause)),
        step=draw(st.integers(0, 3)),
        route=draw(NAMES),
        note=draw(NAMES),
        group="g" * draw(st.sampled_from([1, 255, 256, 900])),
        omitted=draw(st.dictionaries(st.sampled_from(Told), st.integers(1, 9_999), max_size=3)),
    )


@given(pages(), st.sampled_from(sorted(SERVICES)))
@settings(max_examples=60)
def test_every_service_is_sent_what_it_takes(sent: Page, kind: ChannelType) -> None:
    body, check = SERVICES[kind]
    silent = {*(x.told for x in sent.items), *sent.omitted} == {Told.UNKNOWN}
    if kind is ChannelType.WEBHOOK and (silent or sent.omitted):
        return  # what is omitted counts for the status, and the check cannot see it

    check(body(sent, STANDARD))


@given(pages())
@settings(max_examples=40)
def test_people_are_sent_what_their_devices_take(sent: Page) -> None:
    subject, text = topic.subject(sent, STANDARD), topic.short(sent, STANDARD)

    assert 0 < len(subject) < 100 and subject.isascii() and subject.isprintable()
    assert 0 < len(text) <= (140 if text.isascii() else 70)
    assert len(topic.mail(sent, STANDARD).encode()) < 250_000
    assert sent.drill == text.startswith("[DRILL] ") == subject.startswith("[DRILL] ")


PIECES = st.one_of(
    st.sampled_from(
        [*PAGE.parts, *ITEM.parts, *FILTERS, "loop", "x", "self", "range", "__class__"]
    ),
    st.sampled_from(
        "{{ }} {% %} {# #} if else elif endif for in endfor set not and or is defined | . [ ] ( ) "
        "'a' 1 2.5 ~ + * ** - == < , : \n".split(" ")
    ),
    st.sampled_from(
        [
            "{{ title }}",
            "{% for x in items %}",
            "{% endfor %}",
            "{% if drill %}",
            "{% endif %}",
            "{{ labels.a }}",
            "{{ x.name }}",
        ]
    ),
)
SOURCES = st.lists(PIECES, max_size=25).map(" ".join)


@given(SOURCES, pages(), st.sampled_from(ChannelType))
@settings(max_examples=150)
def test_no_template_hurts(source: str, sent: Page, kind: ChannelType) -> None:
    words, note = said(kind, Template(source, source), sent)

    assert len(words.title) <= MAX_TITLE and len(words.text) <= MAX_TEXT
    if problems(source):
        assert words == STANDARD
        assert source.strip() == "" or note is not None


@given(pages(), st.sampled_from(sorted(SERVICES)))
@settings(max_examples=40)
def test_own_words_fit_as_well(sent: Page, kind: ChannelType) -> None:
    if {*(x.told for x in sent.items), *sent.omitted} & {Told.UNKNOWN} or sent.omitted:
        return
    body, check = SERVICES[kind]
    source = "{{ first.name }} {{ first.description }} {{ first.tag_list | length }}"

    words, note = said(kind, Template(source, source * 3), sent)

    assert note is None
    check(body(sent, words))
