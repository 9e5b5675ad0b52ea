"""What an account remembers of artefacts: which one is deployed, which ones were tested.

Objects in the account's artefact bucket: `deployed/<environment>.json` and
`tested/<environment>/<identity>.json`.
"""

from typing import Annotated, Any, Self

from pydantic import Field

from skafu.ops.artefact.manifest import Manifest, Sha256, Strict


class Mark(Strict):
    """An artefact, and when something was remembered of it (epoch ms)."""

    identity: Sha256
    content: Sha256
    commit: str
    dirty: bool
    at: Annotated[int, Field(gt=0)]

    @classmethod
    def of(cls, manifest: Manifest, at: int) -> Self:
        """Of an artefact, now."""
        return cls(
            identity=manifest.identity,
            content=manifest.content,
            commit=manifest.commit,
            dirty=manifest.dirty,
            at=at,
        )

    def is_of(self, manifest: Manifest) -> bool:
        """Whether it is this artefact, part by part, that it tells of."""
        return (self.identity, self.content) == (manifest.identity, manifest.content)


class Records:
    """Those of one account; `client` is a botocore client of s3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def deployed(self, environment: str) -> Mark | None:
        """What was deployed last; None for nothing."""
        return self._read(f"deployed/{environment}.json")

    def tested(self, environment: str, identity: str) -> Mark | None:
        """That an artefact was tested in an environment; None when it was not."""
        return self._read(f"tested/{environment}/{identity}.json")

    def keep_deployed(self, environment: str, mark: Mark) -> None:
        """Remember what is deployed."""
        self._write(f"deployed/{environment}.json", mark)

    def keep_tested(self, environment: str, mark: Mark) -> None:
        """Remember what was tested."""
        self._write(f"tested/{environment}/{mark.identity}.json", mark)

    def _read(self, key: str) -> Mark | None:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        return Mark.model_validate_json(found["Body"].read())

    def _write(self, key: str, mark: Mark) -> None:
        body = mark.model_dump_json().encode()
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
        )
