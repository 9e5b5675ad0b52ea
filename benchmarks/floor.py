"""The least that a function that stores something can be: a request signed by hand (AWS Signature
Version 4), JSON, no library but orjson. What handlers are compared with.
"""

import base64
import hashlib
import hmac
import http.client
import os
import ssl
import time
from functools import cache

import orjson

SIGNED = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
SCOPE = "eu-west-1/dynamodb/aws4_request"


def _sha(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


@cache
def _key(day: str) -> bytes:
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in (day, *SCOPE.split("/")):
        key = _sha(key, part)
    return key


class SignedClient:
    """One connection to an endpoint; without a port it only gets ready, as a cold start does."""

    def __init__(self, port: int | None = None) -> None:
        self._host = f"127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port) if port else None
        self._tls = None if port else ssl.create_default_context()
        _key(time.strftime("%Y%m%d", time.gmtime()))

    def call(self, target: str, payload: bytes) -> object:
        """Send one request, give its answer."""
        if self._connection is None:
            raise ValueError("there is no port to send to")
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._host,
            "x-amz-date": now,
            "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
            "x-amz-target": f"DynamoDB_20120810.{target}",
        }
        canonical = "".join(f"{name}:{value}\n" for name, value in headers.items())
        digest = hashlib.sha256(payload).hexdigest()
        request = f"POST\n/\n\n{canonical}\n{SIGNED}\n{digest}"
        day = now[:8]
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256",
                now,
                f"{day}/{SCOPE}",
                hashlib.sha256(request.encode()).hexdigest(),
            )
        )
        credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{day}/{SCOPE}"
        signature = _sha(_key(day), text).hex()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, "
            f"SignedHeaders={SIGNED}, Signature={signature}"
        )
        self._connection.request("POST", "/", payload, headers)
        return orjson.loads(self._connection.getresponse().read())

    def put(self, item: dict[str, str], payload: bytes) -> object:
        """Put one item of texts and one binary."""
        attributes: dict[str, object] = {name: {"S": text} for name, text in item.items()}
        attributes["p"] = {"B": base64.b64encode(payload).decode()}
        return self.call("PutItem", orjson.dumps({"TableName": "bench", "Item": attributes}))
