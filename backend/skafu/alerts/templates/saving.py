"""Whether a template may be kept: tried on pages of every kind before it is."""

from dataclasses import replace

from skafu.alerts.channels import ChannelType, Template
from skafu.alerts.paging.model import Page, PageItem, Told
from skafu.alerts.templates import rendering
from skafu.alerts.templates.context import Context, context, with_any_label
from skafu.alerts.templates.samples import sample
from skafu.shared.errors import FieldError

MAX_NAMED = 5


def template_problems(kind: ChannelType, template: Template) -> list[FieldError]:
    """What is wrong with a template, by field and line, with an example of what is right."""
    samples = _samples()
    return [
        FieldError(f"template.{name}", str(problem))
        for name, source in (("title", template.title), ("text", template.text))
        for problem in rendering.wrong(kind, name, source, samples)[:MAX_NAMED]
    ]


def _samples() -> list[Context]:
    one = sample()
    (item,) = one.items
    other = replace(item, notification=replace(item.notification, value=None))
    pages = [one, _told(one, item, Told.RESOLVED), replace(one, items=(item, other))]
    return [with_any_label(context(page)) for page in pages]


def _told(page: Page, item: PageItem, told: Told) -> Page:
    return replace(page, items=(replace(item, told=told, ended=page.sent_at),))
