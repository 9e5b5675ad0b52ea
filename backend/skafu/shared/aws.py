"""Clients of AWS services. boto3 is left out: importing it costs a cold start more than all of
botocore (docs/adr).
"""

from typing import Any

import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

# One call that hangs costs at most 3 x (1 + 3) s and 3 s of backoff: 15 s. The first call that
# fails ends a request, so a request answers 503 before the functions' own limit of 28 s.
CONNECT_TIMEOUT_S = 1
READ_TIMEOUT_S = 3
ATTEMPTS = 3
CONNECTIONS = 32
# Reads the services' descriptions, and what all have in common, once for all clients: a further one
# takes 12 ms of CPU instead of 83 ms.
_LOADER = create_loader()


def client(
    service: str,
    *,
    read_timeout_s: int = READ_TIMEOUT_S,
    attempts: int = ATTEMPTS,
    **overrides: Any,
) -> Any:
    """A botocore client; region, credentials and endpoint come from the environment as everywhere
    in AWS.

    `overrides` are arguments of `create_client` (tests name a region and an endpoint with them).
    Parameters are not validated by the client: the service validates them, and validation costs
    more CPU than signing.
    """
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        parameter_validation=False,
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
    )
    session = botocore.session.get_session()
    session.register_component("data_loader", _LOADER)
    return session.create_client(service, config=config, **overrides)
