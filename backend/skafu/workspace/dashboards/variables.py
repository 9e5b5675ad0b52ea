"""Variables in the values of filters: `$host` stands for the values of the variable `host`."""

import re

VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]{0,63})")


def variable_in(value: str) -> str | None:
    """The variable that a filter's value names; None for a value that is meant as it is. Only a
    whole value is a variable: `$host`, not `web-$host` or `$5`.
    """
    found = VARIABLE.fullmatch(value)
    return found and found[1]
