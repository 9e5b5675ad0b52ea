"""What the commands about gates have in common."""

import argparse
from collections.abc import Iterable
from pathlib import Path


def parser_of(
    command: str, description: str, environments: Iterable[str]
) -> argparse.ArgumentParser:
    """Reads which artefact, in which of these environments, a command is about."""
    parser = bare_parser_of(command, description, environments)
    parser.add_argument(
        "--artefact", required=True, type=Path, metavar="PATH", help="its folder or its .zip"
    )
    return parser


def bare_parser_of(
    command: str, description: str, environments: Iterable[str]
) -> argparse.ArgumentParser:
    """Reads which of these environments a command is about."""
    parser = argparse.ArgumentParser(
        prog=f"python -m skafu.ops {command}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", required=True, choices=tuple(environments))
    return parser
