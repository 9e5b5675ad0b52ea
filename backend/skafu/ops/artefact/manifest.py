"""manifest.json: what an artefact is, and by which it is known to be whole."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.artefact.sources import Refused

NAME = "manifest.json"
FORMAT: Literal[2] = 2
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    """Unknown names and values of another type are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Part(Strict):
    """A file of the artefact; `size` in bytes."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]

    @classmethod
    def of(cls, path: Path) -> Self:
        """Of a file that is there."""
        content = path.read_bytes()
        return cls(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


class DataFormat(Strict):
    """What an artefact stores and what it understands (backend/skafu/data_format.json).

    Data do not roll back: ops/release/data_format.py says which release may take over from which.
    """

    writes: Annotated[int, Field(gt=0)]
    reads: tuple[int, ...]

    @classmethod
    def at(cls, path: Path) -> Self:
        """What a file says. Raises Refused when it cannot be read, and for one that does not
        understand what it writes itself.
        """
        try:
            found = cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError) as error:
            raise Refused(f"{path} cannot be read: {error}") from error
        if found.writes not in found.reads:
            raise Refused(f"{path} says that {found.writes} is written and not read.")
        return found


class Manifest(Strict):
    """An artefact. `identity` is that of its sources (sources.py), `tools` are the versions of what
    built it, `data_format` is what its functions store.
    """

    format: Literal[2]
    identity: Sha256
    architecture: Literal["arm64", "x86_64"]
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40,64}$")]
    dirty: bool
    tools: Mapping[str, str]
    data_format: DataFormat
    parts: Mapping[str, Part]

    @property
    def content(self) -> str:
        """SHA-256 of all parts. Other than `identity` it also changes with the tools."""
        lines = (f"{name} {part.sha256}\n" for name, part in sorted(self.parts.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def name(self) -> str:
        """Of the artefact's folder."""
        return f"{self.identity}-dirty" if self.dirty else self.identity

    def write(self, folder: Path) -> None:
        """Put it beside the parts."""
        text = self.model_dump_json(indent=2) + "\n"
        (folder / NAME).write_text(text, encoding="utf-8")


def parts_of(folder: Path) -> dict[str, Part]:
    """Every file below a folder, by its name there, in order; a manifest is no part."""
    return {name: Part.of(folder / name) for name in sorted(_files(folder)) if name != NAME}


def read(folder: Path) -> Manifest:
    """The manifest of an artefact that is whole.

    Raises Refused when it cannot be read, and when a part is missing, has another content or is
    not in it.
    """
    try:
        found = Manifest.model_validate_json((folder / NAME).read_bytes())
    except FileNotFoundError as error:
        raise Refused(f"{folder} is not an artefact: it has no {NAME}.") from error
    except ValidationError as error:
        raise Refused(f"{folder / NAME} cannot be read: {error}") from error
    damages = sorted(_damages(found.parts, parts_of(folder)))
    if damages:
        raise Refused(f"The artefact {folder} is damaged: {'; '.join(damages)}.")
    return found


def _damages(told: Mapping[str, Part], there: Mapping[str, Part]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in told.keys() - there.keys())
    yield from (f"{name} does not belong to it" for name in there.keys() - told.keys())
    for name in told.keys() & there.keys():
        if told[name] != there[name]:
            yield f"{name} has another content"


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()
