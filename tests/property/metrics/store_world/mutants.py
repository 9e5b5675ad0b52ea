"""The store's guards, switched off one at a time: each is an edit of the source, made in a copy.

A guard that can be taken away without any answer being wrong is either not needed or not tested.
The names are those of the rules in DESIGN 3. `seeds` are worlds that are known to show it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

BACKEND = Path(__file__).parents[4] / "backend"
METRICS = Path("skafu") / "metrics"


@dataclass(frozen=True)
class Mutant:
    """What is switched off, and the edits that do it: (file of skafu/metrics, text, replacement)."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    seeds: tuple[int, ...] = ()


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "1 a request's name is another one for each try",
        (
            (
                "ingest.py",
                'content=_name(b"content", len(key).to_bytes(4, "big"), key, delivery.body)',
                'content=_name(b"content", delivery.gateway_id.encode())',
            ),
        ),
    ),
    Mutant(
        "1 a request's name is its key alone",
        (
            (
                "ingest.py",
                'content=_name(b"content", len(key).to_bytes(4, "big"), key, delivery.body)',
                'content=_name(b"content", key or delivery.body)',
            ),
        ),
    ),
    Mutant(
        "1 a keyed request may leave out timestamps",
        (("points.py", "        if keyed:\n", "        if keyed and value:\n"),),
    ),
    Mutant(
        "1 untimed points without a key are named by their body",
        (
            (
                "packing.py",
                "request = requests.gateway if i in batch.untimed else requests.content",
                "request = requests.content",
            ),
        ),
    ),
    Mutant(
        "1 the accepted range does not end at buckets' edges",
        (
            (
                "times.py",
                "return Window(oldest * BUCKET_MS, (newest + 1) * BUCKET_MS)",
                "return Window(now - RAW_RETENTION_MS, now + AHEAD_MS)",
            ),
        ),
    ),
)
ECONOMIES: tuple[Mutant, ...] = ()


def edited(mutant: Mutant) -> dict[str, str]:
    """The files that the mutant changes, as they then are. Raises ValueError when a text is not
    there exactly once: then the source has moved on, and the mutant has to follow.
    """
    found: dict[str, str] = {}
    for name, text, replacement in mutant.edits:
        source = found.get(name) or (BACKEND / METRICS / name).read_text(encoding="utf-8")
        if source.count(text) != 1:
            raise ValueError(f"{name} has {source.count(text)} times {text!r}")
        found[name] = source.replace(text, replacement)
    return found


def breed(mutant: Mutant, folder: Path) -> Path:
    """A copy of the backend with the guard switched off."""
    backend = folder / "backend"
    shutil.copytree(BACKEND, backend, ignore=shutil.ignore_patterns("__pycache__"))
    for name, source in edited(mutant).items():
        (backend / METRICS / name).write_text(source, encoding="utf-8")
    return backend
