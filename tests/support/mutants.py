"""A program's guards, switched off one at a time: each is an edit of the source, made in a copy.

A guard that can be taken away without any simulated world noticing is either not needed or not
tested.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).parents[2]
BACKEND = ROOT / "backend"


@dataclass(frozen=True)
class Mutant:
    """What is switched off, and the edits that do it: (file of `domain`, text, replacement).

    `seeds` are worlds that are known to show it. Every change of the program changes what happens
    in a world, so they go stale.
    """

    domain: ClassVar[Path]
    """The package whose files the edits name, below the backend."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    seeds: tuple[int, ...] = ()


def edited(mutant: Mutant) -> dict[Path, str]:
    """The files that the mutant changes, as they then are, below the backend. Raises ValueError
    when a text is not there exactly once: then the source has moved on, and the mutant has to
    follow.
    """
    found: dict[Path, str] = {}
    for name, text, replacement in mutant.edits:
        path = mutant.domain / name
        source = found.get(path) or (BACKEND / path).read_text(encoding="utf-8")
        if source.count(text) != 1:
            raise ValueError(f"{name} has {source.count(text)} times {text!r}")
        found[path] = source.replace(text, replacement)
    return found


def breed(mutant: Mutant, folder: Path) -> Path:
    """A copy of the backend with the guard switched off. Bytecode comes along: Python takes it only
    for sources that are as old and as long as those it was made of.
    """
    backend = folder / "backend"
    shutil.copytree(BACKEND, backend)
    for path, source in edited(mutant).items():
        (backend / path).write_text(source, encoding="utf-8")
    return backend


def tried(
    mutant: Mutant, program: str, arguments: Iterable[str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """What a module of the tests says of the mutant, run as a program of its own."""
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=ROOT,
        # The same world each time, whatever is iterated over.
        env={"PYTHONPATH": f"{breed(mutant, folder)}{os.pathsep}{ROOT}", "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
