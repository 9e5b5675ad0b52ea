"""What differs, told in sections: to people at a terminal, or as Markdown for a comment on a pull
request. What cannot be undone comes first and is red in both.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

RED, PLAIN = "\033[1;31m", "\033[0m"


@dataclass(frozen=True)
class Section:
    """Some lines under a title; `is_grave` for what cannot be undone."""

    title: str
    lines: Sequence[str]
    is_grave: bool = False


def as_text(sections: Iterable[Section], *, coloured: bool) -> str:
    """For a terminal. Sections without lines are left out."""
    return "\n\n".join("\n".join(_text(each, coloured)) for each in sections if each.lines)


def as_markdown(title: str, sections: Iterable[Section]) -> str:
    """For a comment. GitHub has no colours but those of code: lines of a difference that begin with
    a minus are red.
    """
    parts = [f"### {title}", *("\n".join(_markdown(each)) for each in sections if each.lines)]
    return "\n\n".join(parts)


def _text(section: Section, coloured: bool) -> Iterator[str]:
    begin, end = (RED, PLAIN) if coloured and section.is_grave else ("", "")
    yield f"{begin}{section.title}{end}"
    yield from (f"  {begin}{line}{end}".rstrip() for line in section.lines)


def _markdown(section: Section) -> Iterator[str]:
    if section.is_grave:
        yield f"**{section.title}**"
        yield ""
        yield from ("```diff", *(f"- {line}" for line in section.lines), "```")
    else:
        yield f"<details><summary>{section.title} ({len(section.lines)})</summary>"
        yield ""
        yield from ("```diff", *section.lines, "```", "", "</details>")
