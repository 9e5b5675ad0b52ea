import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from skafu.alerts import signature

BODY = '{"version":"4","tags":"ü"}'.encode()


def test_the_reference_library_accepts_what_is_signed() -> None:
    secret = signature.new_secret()
    now = int(datetime.now(UTC).timestamp())

    headers = signature.headers([secret], "delivery-1", now, BODY)

    assert Webhook(secret).verify(BODY, headers) == {"version": "4", "tags": "ü"}


def test_the_reference_library_refuses_another_body() -> None:
    secret = signature.new_secret()
    now = int(datetime.now(UTC).timestamp())
    headers = signature.headers([secret], "delivery-1", now, BODY)

    with pytest.raises(Exception, match="No matching signature"):
        Webhook(secret).verify(BODY + b" ", headers)


def test_the_signature_of_the_specification_is_reproduced() -> None:
    """The example of the specification's own libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    headers = signature.headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secrets_are_made_of_24_random_bytes() -> None:
    one, other = signature.new_secret(), signature.new_secret()

    assert one != other
    assert one.startswith("whsec_")
    assert len(signature.key_of(one)) == 24


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_not base64!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_äöü",
    ],
)
def test_other_secrets_are_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="must"):
        signature.key_of(secret)
