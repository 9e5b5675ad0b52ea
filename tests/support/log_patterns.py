"""What CloudWatch Logs makes of a line: metric filters' patterns, and fields of Logs Insights.

After "Filter pattern syntax for metric filters": terms in quotation marks with a question mark
before each, of which one has to be there, letter by letter; and selectors of a line of JSON, joined
by || or &&, whose text may begin or end with a star. Of queries: what is a field, and what is not.
"""

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

type Json = Any

SELECTOR = re.compile(r'\(?\s*\$\.(\w+)\s*=\s*"([^"]*)"\s*\)?')
TERMS = re.compile(r'(\?"[^"]+"\s*)+')
DISCOVERED = set(
    "@timestamp @message @logStream @log @type @requestId @duration @billedDuration @initDuration "
    "@maxMemoryUsed @memorySize".split()
)
"""What Logs Insights finds in every line, or in the lines of Lambda itself."""
WORDS = set(
    "fields filter stats sort limit by as asc desc and or not in like ispresent count max avg pct "
    "sum min".split()
)


def matches(pattern: str, line: str) -> bool:
    """Whether a metric filter counts the line. ValueError for a pattern that is not understood."""
    if pattern.startswith("{") and pattern.endswith("}"):
        return _selects(pattern[1:-1].strip(), line)
    if TERMS.fullmatch(pattern):
        return any(term in line for term in re.findall(r'\?"([^"]+)"', pattern))
    raise ValueError(f"not understood: {pattern}")


def _selects(condition: str, line: str) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    alternatives = condition.split("||")
    if "&&" in condition and len(alternatives) > 1:
        raise ValueError(f"not understood: {condition}")
    return any(all(_holds(x, found) for x in each.split("&&")) for each in alternatives)


def _holds(selector: str, found: Mapping[str, Json]) -> bool:
    match = SELECTOR.fullmatch(selector.strip())
    if match is None:
        raise ValueError(f"not understood: {selector}")
    name, wanted = match.groups()
    inside = wanted.strip("*")
    if any(each in inside for each in "*?["):
        raise ValueError(f"a star may only begin or end: {wanted}")
    return name in found and fnmatchcase(str(found[name]), wanted)


def selected(pattern: str) -> set[str]:
    """The fields of a line of JSON that a pattern looks at."""
    return set(re.findall(r"\$\.(\w+)", pattern))


def fields_of(query: str) -> set[str]:
    """The fields that a query of Logs Insights reads."""
    text = re.sub(r'"[^"]*"|/[^/]*/', " ", query)
    named = set(re.findall(r"\bas (\w+)", text))
    words = set(re.findall(r"(?<![\w@.])@?[A-Za-z_]\w*", text))
    return words - named - WORDS


def texts_of(query: str, field: str) -> set[str]:
    """The texts that a query compares a field with."""
    found = set(re.findall(rf'\b{field} = "([^"]*)"', query))
    for several in re.findall(rf"\b{field} in \[([^]]*)]", query):
        found |= set(re.findall(r'"([^"]*)"', several))
    return found


def access_line(form: str, **told: str) -> str:
    """A line of the gateway's access log: its format with `told` put in by the field's name, "-"
    where the gateway has nothing to say.
    """
    for name, value in told.items():
        put_in = re.compile(rf'("{name}": "?)\$context\.[\w.]+')
        assert put_in.search(form), f"the format has no {name}"
        form = put_in.sub(rf"\g<1>{value}", form)
    return re.sub(r"\$context\.[\w.]+", "-", form.replace("$context.requestTimeEpoch", "0"))
