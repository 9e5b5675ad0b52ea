"""Putting a built console where a stack serves it from, safe to run again.

Files that are named by their content come first, the page that asks for them next to last, and
what older pages may still ask for stays: whoever comes or is there meanwhile gets one release,
never a mixture.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from skafu.ops.console import site
from skafu.ops.console.site import CONFIG, INDEX, File, Releases
from skafu.shared.clock import Clock

SITE, RECORD = "site/", "releases.json"
"""What is served, and beside it what only operators read."""
AT_ONCE = 1_000  # keys that S3 deletes in one request


class Place(Protocol):
    """Where a site's files are."""

    def names(self) -> Collection[str]:
        """Of all files that are served."""

    def put(self, file: File) -> None:
        """Store a file."""

    def remove(self, names: Sequence[str]) -> None:
        """Delete files."""

    def releases(self) -> Releases:
        """What was remembered; nothing at first."""

    def remember(self, releases: Releases) -> None:
        """Keep what was published."""


class Edge(Protocol):
    """What stands between the place and people, and keeps copies."""

    def forget(self, paths: Sequence[str], reference: str) -> None:
        """Ask the place again for these. The same reference a second time is the same request."""


@dataclass(frozen=True)
class Published:
    """What was done: the release, and how many files were put and removed."""

    version: str
    put: int
    removed: int

    def __str__(self) -> str:
        return f"console {self.version}: {self.put} files put, {self.removed} old ones removed"


def publish(
    built: Mapping[str, bytes],
    environment: str,
    outputs: Mapping[str, str],
    place: Place,
    edge: Edge,
    clock: Clock,
) -> Published:
    """Publish a built console to the stack with these outputs.

    Raises Refused, before anything is put, for a file of an unknown kind.
    """
    version = site.version_of(built)
    wanted = site.files(built, site.config(environment, outputs, version))
    there = place.names()
    put = [file for file in wanted if not (site.is_asset(file.name) and file.name in there)]
    for file in put:
        place.put(file)
    now = clock()
    edge.forget([f"/{INDEX}", f"/{CONFIG}"], f"{version}-{now}")
    releases = place.releases().with_(version, built, now)
    place.remember(releases)
    surplus = releases.surplus(there)
    place.remove(surplus)
    return Published(version, len(put), len(surplus))


class Bucket:
    """A bucket as the place; `client` is a botocore client of s3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def names(self) -> Collection[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=SITE
        )
        found = (each["Key"] for page in pages for each in page.get("Contents", ()))
        return {key.removeprefix(SITE) for key in found}

    def put(self, file: File) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=SITE + file.name,
            Body=file.content,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
        )

    def remove(self, names: Sequence[str]) -> None:
        for first in range(0, len(names), AT_ONCE):
            keys = [{"Key": SITE + name} for name in names[first : first + AT_ONCE]]
            self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": keys})

    def releases(self) -> Releases:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=RECORD)
        except self._client.exceptions.NoSuchKey:
            return Releases()
        return Releases.model_validate_json(found["Body"].read())

    def remember(self, releases: Releases) -> None:
        body = releases.model_dump_json(indent=2).encode()
        self._client.put_object(Bucket=self._bucket, Key=RECORD, Body=body)


class Distribution:
    """CloudFront as the edge; `client` is a botocore client of it."""

    def __init__(self, client: Any, distribution: str) -> None:
        self._client = client
        self._distribution = distribution

    def forget(self, paths: Sequence[str], reference: str) -> None:
        batch = {
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": reference,
        }
        self._client.create_invalidation(DistributionId=self._distribution, InvalidationBatch=batch)
