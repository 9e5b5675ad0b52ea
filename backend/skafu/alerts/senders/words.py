"""What a channel's own template says of a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Title and text, each empty where the standard one is to be used."""

    title: str = ""
    text: str = ""


STANDARD = Words()
