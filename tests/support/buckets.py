"""A bucket that lives in memory, with as much of botocore's client of s3 as Skafu uses."""

import base64
import hashlib
import io
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError


class NoSuchKey(ClientError):
    """There is no object of this name."""


class Exceptions:
    """What a client raises, by name."""

    ClientError = ClientError
    NoSuchKey = NoSuchKey


class Bucket:
    """Objects by key; `written` are the keys in the order in which they were put, `headers` what
    they are served with.
    """

    exceptions = Exceptions

    class meta:  # pylint: disable=invalid-name  # botocore calls it so
        """Of the client."""

        endpoint_url = "https://s3.eu-west-1.amazonaws.com"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.headers: dict[str, tuple[str | None, str | None]] = {}
        self.written: list[str] = []
        self.failure: int | None = None

    def put_object(self, **asked: Any) -> None:
        """Store an object whose content is what the checksum says."""
        if "ChecksumSHA256" in asked:
            found = base64.b64encode(hashlib.sha256(asked["Body"]).digest()).decode()
            assert asked["ChecksumSHA256"] == found
        self.objects[asked["Key"]] = asked["Body"]
        self.headers[asked["Key"]] = (asked.get("ContentType"), asked.get("CacheControl"))
        self.written.append(asked["Key"])

    def get_object(self, **asked: Any) -> dict[str, Any]:
        """An object."""
        if asked["Key"] not in self.objects:
            raise NoSuchKey({"Error": {"Code": "NoSuchKey", "Message": "not there"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[asked["Key"]])}

    def head_object(self, **asked: Any) -> dict[str, Any]:
        """An object's size."""
        status = self.failure or (200 if asked["Key"] in self.objects else 404)
        if status != 200:
            answer: Any = {"ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(answer, "HeadObject")
        return {"ContentLength": len(self.objects[asked["Key"]])}

    def get_paginator(self, operation: str) -> "Bucket":
        """Pages of a list."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """Two keys a page, and a page more, as S3 makes when it has counted wrong."""
        keys = sorted(key for key in self.objects if key.startswith(asked["Prefix"]))
        for first in range(0, len(keys), 2):
            yield {"Contents": [{"Key": key} for key in keys[first : first + 2]]}
        yield {}

    def delete_objects(self, **asked: Any) -> None:
        """Delete at most a thousand objects, also such that are not there, as S3 does."""
        keys = [each["Key"] for each in asked["Delete"]["Objects"]]
        assert 0 < len(keys) <= 1_000
        for key in keys:
            self.objects.pop(key, None)
