"""What the probe signs in with, as `python -m skafu.ops probe install` leaves it: the document of
a secret.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

NOT_INSTALLED = "nobody has installed the probe: python -m skafu.ops probe install"


class Misconfigured(RuntimeError):
    """The probe itself is at fault, and can say nothing of what it looks at."""


@dataclass(frozen=True)
class Credentials:
    """A machine client's. Until `awake_until` (epoch milliseconds) the probe works whatever hour it
    is. The empty client id is that of a probe that nobody has installed. `api_key` is of a usage
    plan, where machines need one besides the token; empty: there is none.
    """

    client_id: str = ""
    client_secret: str = ""
    awake_until: int = 0
    api_key: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the document. Raises Misconfigured for anything else."""
        try:
            found: Mapping[str, Any] = json.loads(text)
            return cls(
                str(found["client_id"]),
                str(found["client_secret"]),
                int(found["awake_until"]),
                str(found.get("api_key", "")),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Misconfigured("the probe's secret is none: install it again") from error

    def document(self) -> str:
        """What `parse` reads."""
        keyed = {"api_key": self.api_key} if self.api_key else {}
        return json.dumps(
            {
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "awake_until": self.awake_until,
                **keyed,
            }
        )

    @property
    def installed(self) -> bool:
        """Whether there is a client to sign in as."""
        return bool(self.client_id)

    def __repr__(self) -> str:
        """Without the secret: values get into logs."""
        return f"Credentials(client_id={self.client_id!r}, client_secret=...)"


type Read = Callable[[], Credentials]
"""Reads them anew: who installs the probe again changes them."""


def stored_in(client: Any, secret: str) -> Read:
    """Those of a secret; `client` is a botocore client of secretsmanager.

    What it returns raises Misconfigured, and botocore's errors.
    """

    def read() -> Credentials:
        return Credentials.parse(client.get_secret_value(SecretId=secret)["SecretString"])

    return read
