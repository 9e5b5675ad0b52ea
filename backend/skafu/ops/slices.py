"""Cuts a function's slice: the modules that its handler can reach, as bytecode.

`python -m skafu.ops.slices <repository root> <handler module> <target folder>` is what
backend/Makefile calls, inside `sam build`; standard library only, because it runs with whatever
python3.12 there is.

* What a slice holds is read from the imports, those inside functions too: nothing is listed twice,
  an edit in one domain leaves the other domain's artefacts as they were, byte for byte.
* Bytecode is shipped because /var/task is read-only: without it every cold start compiles
  everything again. It is unchecked (a file's time does not survive packaging) and names files as
  Lambda would see them, so that two builds are the same bytes. To be small it comes without
  docstrings, without the source beside it and, by the Makefile's `-X no_debug_ranges`, without
  columns: half the size. Tracebacks keep file and line.
"""

import ast
import py_compile
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from skafu.ops.build_record import is_stale

TASK_ROOT = "/var/task"
# The modules are found here: in sam's copy of backend/ when it builds, in backend/ itself
# otherwise.
SOURCES = Path(__file__).resolve().parents[2]
RECORD = Path("skafu/build.json")


def _path_of(module: str, sources: Path) -> Path | None:
    """The file of a module of ours, relative to `sources`; None for everybody else's."""
    stem = Path(*module.split("."))
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if (sources / candidate).is_file():
            return candidate
    return None


def _is_for_type_checkers(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _imported(node: ast.AST) -> Iterator[str]:
    """Every name that the code imports, as if it were a module; relative imports are not ours."""
    if _is_for_type_checkers(node):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module is not None:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


@cache
def _imports(source: bytes) -> tuple[str, ...]:
    return tuple(_imported(ast.parse(source)))


def reachable(handler: str, sources: Path) -> tuple[Path, ...]:
    """The files, relative to `sources`, that importing `handler` can come to need, itself and its
    packages included.

    Raises ModuleNotFoundError when there is no such handler.
    """
    if _path_of(handler, sources) is None:
        raise ModuleNotFoundError(f"there is no module {handler} under {sources}")
    found: dict[str, Path] = {}
    waiting = [handler]
    while waiting:
        name = waiting.pop()
        path = _path_of(name, sources)
        if path is None or name in found:
            continue
        found[name] = path
        parts = name.split(".")
        waiting += [".".join(parts[:count]) for count in range(1, len(parts))]
        waiting += _imports((sources / path).read_bytes())
    return tuple(sorted(found.values()))


def cut(handler: str, sources: Path, target: Path) -> None:
    """Write the slice of a handler. Raises py_compile.PyCompileError when a module does not
    compile.
    """
    for path in reachable(handler, sources):
        py_compile.compile(
            str(sources / path),
            cfile=str(target / path.with_suffix(".pyc")),
            dfile=f"{TASK_ROOT}/{path.as_posix()}",
            doraise=True,
            optimize=2,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    shutil.copyfile(sources / RECORD, target / RECORD)


def main(arguments: list[str]) -> str | None:
    """The command. What it returns is why it refused, for sys.exit."""
    root, handler, target = arguments
    if sys.version_info[:2] != (3, 12):
        return "bytecode has to be compiled by the runtime's own version: python3.12"
    if is_stale(Path(root)):
        return "backend/skafu/build.json is stale: run python -m skafu.ops environments"
    cut(handler, SOURCES, Path(target))
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
