"""Start a stack with its console, run a program of frontend/ against it, stop the stack.

The program is `npm run test:browser` (Lighthouse, then the journeys), or what is given, as in
`python -m tests.console npm run lighthouse`. It finds CONSOLE_URL, API_URL, STACK_FILE (logins),
CHROMIUM and SCREENSHOTS (a folder) in its environment; what it says last is said last.
"""

import os
import shutil
import sys
from collections.abc import Sequence

from tests.console import chromium, stage

JOURNEYS = ("npm", "run", "--silent", "test:browser")


def main(arguments: Sequence[str]) -> int:
    """The exit code is the program's."""
    try:
        browser = chromium.provide(os.environ, is_root=os.geteuid() == 0)
    except chromium.NoBrowser as missing:
        print(missing, file=sys.stderr)
        return 1
    shutil.rmtree(stage.SCREENSHOTS, ignore_errors=True)
    stage.SCREENSHOTS.mkdir(parents=True)
    home = stage.free_home()
    try:
        with stage.running(home) as stack:
            variables = stage.variables_of(home, stack, browser)
            return stage.perform(arguments or JOURNEYS, variables, stage.LONGEST_S)
    except stage.NotStarted as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
