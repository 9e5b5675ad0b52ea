"""security/checks.yaml: which of checkov's checks templates have to pass, and for whose sake."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

FILE = "security/checks.yaml"

type Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Unreadable(Exception):
    """The list is not what it should be; the text says where."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Requirement(_Part):
    """What some checks are for. `cis`, `soc2` and `gdpr` name recommendations, criteria, articles:
    at least one of them.
    """

    says: Text
    checks: Annotated[list[Text], Field(min_length=1)]
    why: Text
    cis: list[Text] = []
    soc2: list[Text] = []
    gdpr: list[Text] = []


class Checks(_Part):
    """What is required, and why what fails elsewhere is not."""

    required: Annotated[list[Requirement], Field(min_length=1)]
    elsewhere: dict[Text, Text] = {}

    @property
    def ids(self) -> Mapping[str, Requirement]:
        """What is required, by check."""
        return {check: each for each in self.required for check in each.checks}


def read(path: Path) -> Checks:
    """The list. Raises Unreadable, also for a check that is there twice and for a requirement that
    serves no framework.
    """
    try:
        found = Checks.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Unreadable(f"{path.name}: {error}") from error
    counted = Counter(check for each in found.required for check in each.checks)
    counted.update(found.elsewhere.keys())
    if twice := sorted(check for check, count in counted.items() if count > 1):
        raise Unreadable(f"{path.name} names {', '.join(twice)} twice")
    if aimless := [each.says for each in found.required if not [*each.cis, *each.soc2, *each.gdpr]]:
        raise Unreadable(f"{path.name}: nobody asks for this: {aimless[0]}")
    return found
