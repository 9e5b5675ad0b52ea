"""Weaknesses of Python code, by bandit. Its own report is kept for the gate `security`."""

import json
import sys
from pathlib import Path

from skafu.ops.promotion.assessing import SCANNED, run
from skafu.ops.scan.said import Failed, Said

REPORT = "bandit.json"


def scan(root: Path, reports: Path) -> Said:
    """What bandit says. Raises Failed."""
    kept = reports / REPORT
    options = ["--quiet", "--recursive", "--configfile", "pyproject.toml", "--format", "json"]
    program = str(Path(sys.executable).parent / "bandit")
    ended = run([program, *options, "--output", str(kept), *SCANNED], root)
    try:
        said = json.loads(kept.read_text(encoding="utf-8"))
        found = [f"{x['test_id']} {x['filename']}:{x['line_number']}" for x in said["results"]]
        unread = [f"not read: {each['filename']}" for each in said["errors"]]
        total = said["metrics"]["_totals"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed(f"bandit ended with {ended.code}: {error}") from error
    if not total["loc"]:
        raise Failed("bandit has looked at no line")
    about = f"{total['loc']:,} lines, {total['skipped_tests']} places with a reason why not"
    return Said("bandit", about, tuple(found + unread))
