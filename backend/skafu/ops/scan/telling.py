"""The scanners' answers in one report, for programs and for people."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skafu.ops.scan.said import TOLD, Said

NAME = "security"


def document(answers: Sequence[Said]) -> dict[str, Any]:
    """For programs: by scanner what it looked at, what it found, why it was not asked."""
    return {
        "scanners": [
            {
                "name": each.name,
                "looked_at": each.looked_at,
                "findings": list(each.findings),
                "not_audited": each.not_audited,
                "notes": list(each.notes),
            }
            for each in answers
        ]
    }


def line(said: Said) -> str:
    """A scanner in a line."""
    if said.not_audited is not None:
        found = f", and {len(said.findings)} findings" if said.findings else ""
        return f"{said.name:10} not audited: {said.not_audited}{found}"
    return f"{said.name:10} {len(said.findings) or 'no'} findings: {said.looked_at}"


def page(answers: Sequence[Said]) -> str:
    """For people, as Markdown."""
    rows = ["| scanner | findings | looked at |", "|---|---|---|"]
    for each in answers:
        found = str(len(each.findings))
        if each.not_audited is not None:
            found = "not audited" + (f", {found}" if each.findings else "")
        rows.append(f"| {each.name} | {found} | {_cell(each.not_audited or each.looked_at)} |")
    parts = ["# Security", "\n".join(rows)]
    for each in answers:
        told = [f"- {text}" for text in (*each.findings, *each.notes)]
        if told:
            parts.append(f"## {each.name}")
            parts.append("\n".join(told))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write(answers: Sequence[Said], reports: Path) -> None:
    """Both reports, into a folder."""
    told = json.dumps(document(answers), indent=2) + "\n"
    (reports / f"{NAME}.json").write_text(told, encoding="utf-8")
    (reports / f"{NAME}.md").write_text(page(answers), encoding="utf-8")


def tell(answers: Sequence[Said]) -> str:
    """For a terminal: a line each, and what was found."""
    lines = []
    for each in answers:
        lines.append(line(each))
        lines += [f"  {text}" for text in each.findings[:TOLD]]
        if len(each.findings) > TOLD:
            lines.append(f"  and {len(each.findings) - TOLD} more")
    return "\n".join(lines)
