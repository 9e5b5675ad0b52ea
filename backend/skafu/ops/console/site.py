"""A built console as a site: which file is served how, what config.json says, what may go.

Names of files are relative to the folder that `npm run build` makes.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from skafu.ops.artefact.manifest import Strict
from skafu.ops.artefact.sources import Refused

INDEX, CONFIG = "index.html", "config.json"
ENTRANCES = (INDEX, CONFIG)
"""What leads to everything else: put last, and asked for again at each visit."""
NEEDED = ("UserPoolId", "UserPoolClientId", "SelfSignUp", "PasswordLength", "PasswordSymbols")
"""The stack's outputs that config.json is made of; SignInUrl is there in the embedded AWS alone."""
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# A page that is open asks for parts of its own release when it comes to them.
KEPT_RELEASES = 5
KEPT_MS = 24 * 3600 * 1000
_ASSET = re.compile(rb'"/(assets/[^"]+)"')


@dataclass(frozen=True)
class File:
    """An object of the site and the headers that it is served with."""

    name: str
    content: bytes
    content_type: str
    cache_control: str


class Release(Strict):
    """A console that was published: when (epoch ms), and which files it consists of."""

    version: str
    at: int
    files: tuple[str, ...]


class Releases(Strict):
    """What is remembered in the bucket, newest first."""

    releases: tuple[Release, ...] = ()

    def with_(self, version: str, files: Iterable[str], at: int) -> "Releases":
        """A release more, and without those that nobody looks at any more: all but the newest
        KEPT_RELEASES and those that were replaced less than KEPT_MS ago.
        """
        others = [each for each in self.releases if each.version != version]
        newest = Release(version=version, at=at, files=tuple(sorted(files)))
        found = [newest, *others]
        kept = [
            release
            for place, release in enumerate(found)
            if place < KEPT_RELEASES or at - found[place - 1].at < KEPT_MS
        ]
        return Releases(releases=tuple(kept))

    def surplus(self, there: Collection[str]) -> list[str]:
        """Which of the files that are there belong to none of them."""
        needed = {name for release in self.releases for name in release.files} | set(ENTRANCES)
        return sorted(set(there) - needed)


def read(folder: Path) -> dict[str, bytes]:
    """A built console's files by name. Raises Refused when it is not whole."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    built = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    if INDEX not in built:
        raise Refused(f"{folder} is not a built console: it has no {INDEX}. Run `make build`.")
    missing = [name for name in _assets_of(built[INDEX]) if name not in built]
    if missing:
        raise Refused(f"{folder} is not whole: {INDEX} asks for {', '.join(missing)}.")
    return built


def version_of(built: Mapping[str, bytes]) -> str:
    """By which a release is known: changes with any file's name or content."""
    digest = hashlib.sha256()
    for name in sorted(built):
        digest.update(f"{name} {hashlib.sha256(built[name]).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def config(environment: str, outputs: Mapping[str, str], version: str) -> bytes:
    """config.json: the same build serves each environment, this is what differs."""
    found: dict[str, object] = {
        "environment": environment,
        # Ids of pools begin with their region.
        "region": outputs["UserPoolId"].partition("_")[0],
        "user_pool_id": outputs["UserPoolId"],
        "user_pool_client_id": outputs["UserPoolClientId"],
        "self_sign_up": outputs["SelfSignUp"] == "on",
        "password": {
            "length": int(outputs["PasswordLength"]),
            "symbols": outputs["PasswordSymbols"] == "on",
        },
        "version": version,
    }
    if "SignInUrl" in outputs:
        found["cognito_endpoint"] = outputs["SignInUrl"]
    return json.dumps(found, indent=2).encode() + b"\n"


def files(built: Mapping[str, bytes], configuration: bytes) -> Sequence[File]:
    """All that is served, in the order in which it has to be put: what is named by its content,
    the rest, then what leads to them. Raises Refused for a file of an unknown kind.
    """
    everything = {**built, CONFIG: configuration}
    return [_file(name, everything[name]) for name in sorted(everything, key=_turn)]


def is_asset(name: str) -> bool:
    """Whether a file's name changes with its content."""
    return name.startswith("assets/")


def _turn(name: str) -> tuple[int, str]:
    if name in ENTRANCES:
        return 2 + ENTRANCES.index(name), name
    return (0 if is_asset(name) else 1), name


def _file(name: str, content: bytes) -> File:
    kind = TYPES.get(PurePosixPath(name).suffix)
    if kind is None:
        raise Refused(f"{name} is of a kind that the console is not known to have.")
    if is_asset(name):
        return File(name, content, kind, "public, max-age=31536000, immutable")
    if name == CONFIG:
        return File(name, content, kind, "no-store")
    return File(name, content, kind, "no-cache" if name == INDEX else "public, max-age=3600")


def _assets_of(index: bytes) -> list[str]:
    return [name.decode() for name in _ASSET.findall(index)]
