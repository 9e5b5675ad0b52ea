"""Zip files that are the same bytes whenever, wherever and by whomever they are packed."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

# The earliest time that the format knows. Lambda does not look at it.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
READABLE, EXECUTABLE = 0o100644, 0o100755
UNIX = 3


def pack(folder: Path, target: Path) -> None:
    """A folder's files, compressed, in order of their names. What remains of a file's mode is
    whether it can be executed; everybody may read it, because Lambda runs functions as somebody
    else. Raises ValueError for a link: a zip would hold what it points to, or worse.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    _write(target, folder, found, zipfile.ZIP_DEFLATED)


def bundle(folder: Path, names: Iterable[str], target: Path) -> None:
    """The named files of a folder as they are, in order of their names: most are compressed."""
    _write(target, folder, [folder / name for name in sorted(names)], zipfile.ZIP_STORED)


def _write(target: Path, folder: Path, paths: Iterable[Path], method: int) -> None:
    with zipfile.ZipFile(target, "w", strict_timestamps=True) as archive:
        for path in paths:
            if path.is_symlink():
                raise ValueError(f"{path.relative_to(folder)} is a link")
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            executable = path.stat().st_mode & 0o100
            entry.external_attr = (EXECUTABLE if executable else READABLE) << 16
            entry.create_system = UNIX
            archive.writestr(entry, path.read_bytes(), method, compresslevel=9)
