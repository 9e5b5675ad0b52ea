"""`python -m benchmarks` is `python -m benchmarks.report`."""

import sys

from benchmarks.report import main

main(sys.argv[1:])
