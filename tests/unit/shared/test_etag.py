import pytest

from skafu.shared.errors import BadRequest, PreconditionRequired
from skafu.shared.etag import etag, if_match
from skafu.shared.identity import NOBODY
from skafu.shared.routes import Request


def request(**headers: str) -> Request:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(identity=NOBODY, id="r", now=0, headers=given)


def test_the_version_that_went_out_comes_back() -> None:
    assert if_match(request(if_match=etag(7))) == 7
    assert if_match(request(if_match=f"  {etag(12)} ")) == 12


def test_without_if_match_a_precondition_is_required() -> None:
    with pytest.raises(PreconditionRequired):
        if_match(request())
    with pytest.raises(PreconditionRequired):
        if_match(request(if_match=" "))


@pytest.mark.parametrize("text", ["7", "*", 'W/"7"', '"7", "8"', '"x"', '"-1"', '""', '"7'])
def test_anything_but_one_strong_version_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        if_match(request(if_match=text))

    assert caught.value.errors[0].field == "If-Match"
