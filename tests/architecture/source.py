"""The backend's source as these tests look at it: modules, what they import, what they say."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

BACKEND = Path(__file__).parents[2] / "backend"


@dataclass(frozen=True)
class Module:
    """One file of backend/skafu."""

    name: str
    path: Path

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def domain(self) -> str:
        """`shared`, `metrics`, ...; empty for the package itself."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def is_handler(self) -> bool:
        return ".handlers." in self.name

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    @cached_property
    def imports(self) -> frozenset[str]:
        """Everything imported anywhere in the file, in functions too, by full name."""
        return frozenset(_imported(ast.walk(self.tree)))

    def imports_any(self, *roots: str) -> set[str]:
        """Those imports that are one of the packages or inside it."""
        return {
            name
            for name in self.imports
            for root in roots
            if name == root or name.startswith(f"{root}.")
        }


def _imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports name their module in full"
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if _is_module(inside) else node.module


def _is_module(name: str) -> bool:
    stem = BACKEND.joinpath(*name.split("."))
    return stem.with_suffix(".py").is_file() or stem.joinpath("__init__.py").is_file()


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the backend."""
    found = []
    for path in sorted(BACKEND.glob("skafu/**/*.py")):
        parts = path.relative_to(BACKEND).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path))
    return tuple(found)


def deployed() -> tuple[Module, ...]:
    """Every module that is in some function; skafu.ops is in none."""
    return tuple(module for module in modules() if module.domain != "ops")
