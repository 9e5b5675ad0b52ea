"""Pages through a channel's template. A page is never lost to a template: where one fails, the
standard text goes out, and the attempt says why.
"""

from functools import lru_cache

from jinja2 import Template as Compiled

from skafu.alerts.channels import ChannelType, Template
from skafu.alerts.paging.model import Page
from skafu.alerts.senders import slack, teams, wording
from skafu.alerts.senders.figures import clip, one_line
from skafu.alerts.senders.words import Words
from skafu.alerts.templates.context import Context, context
from skafu.alerts.templates.environment import Escape, environment, plain
from skafu.alerts.templates.language import Problem, problems

MAX_TITLE = 1024
MAX_TEXT = 8000
FILE = "<template>"
# A title of Slack's is plain text already.
ESCAPES: dict[tuple[ChannelType, str], Escape] = {
    (ChannelType.SLACK, "text"): slack.escaped,
    (ChannelType.TEAMS, "title"): teams.escaped,
    (ChannelType.TEAMS, "text"): teams.escaped,
}


class TemplateFails(Exception):
    """A template cannot be used for a page; `str(error)` is a sentence that says why."""


def said(kind: ChannelType, template: Template, page: Page) -> tuple[Words, str | None]:
    """What a template makes of a page, and a sentence about what of it failed."""
    given = context(page)
    failed = []
    texts = {"title": "", "text": ""}
    for name, source in (("title", template.title), ("text", template.text)):
        try:
            texts[name] = rendered(kind, name, source, given)
        except TemplateFails as failure:
            failed.append(f"the standard {name} was sent: the template's {failure}")
    title, text = one_line(texts["title"]), texts["text"].strip()
    mark = wording.mark(page)
    words = Words(
        title=clip(mark + title, MAX_TITLE) if title else "",
        text=clip(mark + text, MAX_TEXT) if text else "",
    )
    return words, "; ".join(failed) or None


def rendered(kind: ChannelType, name: str, source: str, given: Context) -> str:
    """A title or a text, cut off where it becomes too long. Raises TemplateFails."""
    pieces, length = [], 0
    try:
        for piece in _compiled(ESCAPES.get((kind, name), plain), source).generate(given):
            pieces.append(piece)
            length += len(piece)
            if length > MAX_TEXT:
                break
    except Exception as error:  # pylint: disable=broad-exception-caught # whatever a template does
        raise TemplateFails(f"line {_line(error)}: {error}") from error
    return "".join(pieces)


def wrong(kind: ChannelType, name: str, source: str, samples: list[Context]) -> list[Problem]:
    """What is wrong with a template that is to be kept: in what it names, or, where all names are
    right, in what it does with them.
    """
    found = problems(source)
    if not found:
        for given in samples:
            try:
                rendered(kind, name, source, given)
            except TemplateFails as failure:
                cause = failure.__cause__
                return [Problem(_line(cause), str(cause))] if cause is not None else []
    return found


@lru_cache(maxsize=256)
def _compiled(escape: Escape, source: str) -> Compiled:
    found = problems(source)
    if found:
        # It was refused when it was saved; only what got into the table otherwise comes here.
        raise ValueError(found[0].sentence)
    return environment(escape).from_string(source)


def _line(error: BaseException) -> int:
    """The template's line that an error comes from."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
