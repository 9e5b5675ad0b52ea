"""What make runs of the console is there, and CI runs it."""

import json
import re

from tests.support.transformed import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
LOOP = re.compile(r"for script in ([\w: -]+); do \$\(NPM\) \$\$script")
SINGLE = re.compile(r"(?:@\$\(NPM\)|npm run --silent) ([\w:-]+)$", re.MULTILINE)


def scripts_of_make() -> set[str]:
    """Scripts of package.json that recipes call."""
    looped = {name for names in LOOP.findall(MAKEFILE) for name in names.split()}
    return looped | set(SINGLE.findall(MAKEFILE))


def test_every_script_that_make_calls_is_there() -> None:
    found = json.loads((ROOT / "frontend" / "package.json").read_text("utf-8"))["scripts"]
    called = scripts_of_make()
    assert called == {
        "lint",
        "typecheck",
        "codegen:check",
        "test:ci",
        "budget",
        "lighthouse",
    }
    assert called <= found.keys()


def test_ci_checks_the_console_and_looks_at_it() -> None:
    [needed] = re.findall(r"^test: ([\w -]+) ##", MAKEFILE, re.MULTILINE)
    order = needed.split()
    [beside] = re.findall(
        r"^check-sources: setup\n\t@.* --output-sync=target ([\w -]+)$", MAKEFILE, re.M
    )
    assert "check-sources" in order and "console-check" in beside.split()
    # What takes longest, and needs what the others have found whole, comes last.
    assert order[-1] == "test-console"
