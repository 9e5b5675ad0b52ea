"""AlarmRule, the expression of CloudWatch's composite alarms, as a condition of a composite."""

import re
from collections.abc import Iterator

from skafu.ops.alerts_foreign import Entry, Unfit, alert, all_of, any_of, none_of

TOKEN = re.compile(r"""\s*(?:("[^"]*"|'[^']*')|([()])|([^\s()"']+))""")
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
ARN = re.compile(r"arn:aws[a-z-]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)")


def condition_of(rule: str) -> Entry:
    """`ALARM(a) AND NOT (OK("b") OR ALARM(c))`, by the names of alarms. Raises Unfit."""
    reading = _Reading(list(_tokens(rule)))
    found = reading.any()
    if reading.next is not None:
        raise Unfit(f"the AlarmRule cannot be read from {reading.next} on")
    return found


def _tokens(rule: str) -> Iterator[str]:
    position = 0
    rule = rule.strip()
    while position < len(rule):
        found = TOKEN.match(rule, position)
        if found is None:
            raise Unfit(f"the AlarmRule cannot be read: {rule[position:position + 20]}")
        quoted, bracket, word = found.groups()
        # What is in quotes is a name, whatever it says: the mark in front tells.
        yield f'"{quoted[1:-1]}' if quoted else bracket or word
        position = found.end()


class _Reading:
    """OR binds less than AND, AND less than NOT."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> str | None:
        """The token that comes; None at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def any(self) -> Entry:
        """Parts with OR between them."""
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else any_of(parts)

    def _all(self) -> Entry:
        parts = [self._one()]
        while self._takes("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else all_of(parts)

    def _one(self) -> Entry:
        if self._takes("NOT"):
            return none_of(self._one())
        if self._takes("("):
            inner = self.any()
            self._needs(")")
            return inner
        return self._state()

    def _state(self) -> Entry:
        word = self.next
        if word in ("TRUE", "FALSE"):
            raise Unfit(f"{word} in an AlarmRule has no counterpart")
        if word not in STATES:
            raise Unfit(f"{word or 'its end'} in an AlarmRule has no counterpart")
        self._at += 1
        self._needs("(")
        name = self.next
        if name is None or name in ("(", ")"):
            raise Unfit("an alarm's name is missing in the AlarmRule")
        self._at += 1
        self._needs(")")
        if word == "INSUFFICIENT_DATA":
            raise Unfit("INSUFFICIENT_DATA(...) has no counterpart: use a heartbeat")
        named = alert(_name(name.removeprefix('"')))
        return named if word == "ALARM" else none_of(named)

    def _takes(self, token: str) -> bool:
        if self.next != token:
            return False
        self._at += 1
        return True

    def _needs(self, token: str) -> None:
        if not self._takes(token):
            raise Unfit(f"the AlarmRule lacks a {token}")


def _name(text: str) -> str:
    found = ARN.fullmatch(text)
    return found[1] if found else text
