"""The releases of one stack, where its account keeps them.

Each is an object of the artefact bucket, `releases/<stack>/<id>.json`, beside the template that it
was deployed with, `releases/<stack>/<id>.yaml`. Which one is current, and whether the stack is
held, are parameters of SSM, `/skafu/<stack>/release` and `/skafu/<stack>/held`: small, and readable
by people at a glance.
"""

from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.ops.release.record import Hold, Release


class Journal:
    """`s3` and `ssm` are botocore clients."""

    def __init__(self, s3: Any, ssm: Any, bucket: str, stack: str) -> None:
        self._s3 = s3
        self._ssm = ssm
        self._bucket = bucket
        self.stack = stack

    def keep(self, release: Release, template: str) -> None:
        """Remember a release as the current one; `template` is the text that was deployed, to be
        found under `release.template`.
        """
        self._put(release.template, template.encode(), "application/yaml")
        self._put(self._key(release.id), release.model_dump_json().encode(), "application/json")
        self._set("release", release.id)

    def keep_policy(self, release: Release, policy: str) -> None:
        """Remember the stack policy that a release was deployed under, beside its template."""
        key = f"{release.template.removesuffix('.yaml')}.policy"
        self._put(key, policy.encode(), "application/json")

    def ids(self) -> list[str]:
        """All that were ever kept, newest first."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"releases/{self.stack}/"
        )
        keys = (each["Key"] for page in pages for each in page.get("Contents", ()))
        names = (key.rpartition("/")[2] for key in keys)
        return sorted((name[:-5] for name in names if name.endswith(".json")), reverse=True)

    def read(self, id_: str) -> Release:
        """One of them. Raises Refused when there is none of this id."""
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=self._key(id_))
        except self._s3.exceptions.NoSuchKey as error:
            raise Refused(f"{self.stack} has no release {id_}: see `releases`.") from error
        return Release.model_validate_json(found["Body"].read())

    def template(self, release: Release) -> str:
        """What a release was deployed with."""
        found = self._s3.get_object(Bucket=self._bucket, Key=release.template)
        return str(found["Body"].read().decode())

    def template_key(self, id_: str) -> str:
        """Where a release's template goes."""
        return f"releases/{self.stack}/{id_}.yaml"

    def current(self) -> Release | None:
        """What runs, as far as deployments and rollbacks know; None before the first."""
        found = self.current_id()
        return None if found is None else self.read(found)

    def current_id(self) -> str | None:
        """Of the current release; None before the first."""
        return self._get("release")

    def held(self) -> Hold | None:
        """Why nothing may be deployed; None when it may."""
        found = self._get("held")
        return None if found is None else Hold.model_validate_json(found)

    def hold(self, hold: Hold) -> None:
        """Let nothing be deployed."""
        self._set("held", hold.model_dump_json())

    def lift(self) -> None:
        """Let deployments through again; nothing when they may."""
        try:
            self._ssm.delete_parameter(Name=self._name("held"))
        except self._ssm.exceptions.ParameterNotFound:
            pass  # it is what was wanted

    def _key(self, id_: str) -> str:
        return f"releases/{self.stack}/{id_}.json"

    def _name(self, what: str) -> str:
        return f"/skafu/{self.stack}/{what}"

    def _put(self, key: str, body: bytes, kind: str) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=kind)

    def _set(self, what: str, text: str) -> None:
        self._ssm.put_parameter(Name=self._name(what), Value=text, Type="String", Overwrite=True)

    def _get(self, what: str) -> str | None:
        try:
            found = self._ssm.get_parameter(Name=self._name(what))
        except self._ssm.exceptions.ParameterNotFound:
            return None
        return str(found["Parameter"]["Value"])
