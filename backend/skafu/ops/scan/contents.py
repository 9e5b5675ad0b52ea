"""The files of a part of an artefact, be it a folder or a zip, and what no part may hold."""

import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ELF = b"\x7fELF"
MACHINES = {b"\x3e\x00": "x86_64", b"\xb7\x00": "arm64"}
"""e_machine, little endian, at offset 18 (System V ABI, and the processors' supplements)."""
NATIVE = (ELF, b"MZ", b"\xcf\xfa\xed\xfe", b"#!")
"""How programs begin: Linux, Windows, macOS, scripts."""
SECRETS = {
    "an access key of AWS": re.compile(rb"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}"),
    "a token of GitHub": re.compile(rb"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}"),
    "a token of Slack": re.compile(rb"xox[abposr]-[0-9]{8,}-[A-Za-z0-9-]{16,}"),
    "an address with a password": re.compile(rb"https?://[\w.~-]+:[^\s/@\"'{}$%<>]{8,}@[\w.-]+"),
}
"""Shapes that nothing else has. What only looks random is looked for in the sources."""


@dataclass(frozen=True)
class Entry:
    """A file: its path in the part, its bytes, whether it may be executed, whether it is a link."""

    path: str
    content: bytes
    executable: bool = False
    link: bool = False

    @property
    def machine(self) -> str | None:
        """Whose machine code it is; None for what is none."""
        if not self.content.startswith(ELF):
            return None
        return MACHINES.get(self.content[18:20], "an unknown machine")


def entries(part: Path) -> Iterator[Entry]:
    """The files of a folder or of a zip, by their names. Raises BadZipFile."""
    if part.is_dir():
        for path in sorted(each for each in part.rglob("*") if each.is_symlink() or each.is_file()):
            name = path.relative_to(part).as_posix()
            if path.is_symlink():
                yield Entry(name, b"", link=True)
            else:
                yield Entry(name, path.read_bytes(), bool(path.stat().st_mode & 0o111))
        return
    with zipfile.ZipFile(part) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            if not info.is_dir():
                found, link = archive.read(info), stat.S_ISLNK(mode)
                yield Entry(info.filename, found, bool(mode & 0o111) and not link, link)


def odd(entry: Entry) -> Iterator[str]:
    """What no file of any part may be. Machine code is judged by who knows what may be there: some
    builders mark it executable, some do not.
    """
    if entry.link:
        yield f"{entry.path} is a link"
    if entry.executable and entry.machine is None:
        yield f"{entry.path} may be executed"
    if entry.path.startswith("/") or ".." in entry.path.split("/"):
        yield f"{entry.path} leaves its part"


def secrets(entry: Entry) -> Iterator[str]:
    """What no file of ours may hold."""
    for name, shape in SECRETS.items():
        if shape.search(entry.content):
            yield f"{entry.path} holds {name}"
