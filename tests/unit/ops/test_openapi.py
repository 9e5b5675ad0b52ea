import copy
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from skafu.ops import openapi
from skafu.ops.openapi import domains
from skafu.ops.openapi_changes import breaking_changes
from skafu.ops.openapi_document import Domain, document
from skafu.shared.identity import Role
from skafu.shared.routes import Parameter, Route, Scope

type Json = dict[str, Any]


class Part(BaseModel):
    size: int


class ThingIn(BaseModel):
    name: str
    colour: Literal["red", "green"] = "red"
    parts: list[Part] = []


class ThingOut(ThingIn):
    id: str
    note: str | None = None


def _schemas() -> ModuleType:
    module = ModuleType("schemas")
    for model in (ThingIn, ThingOut):
        setattr(module, model.__name__, model)
    return module


WRITE = (Scope.ALERTS_WRITE, Scope.PERSON)
ROUTES = (
    Route("GET", "/api/things", "list_things", "All", Role.VIEWER, WRITE, response="ThingOut",
          parameters=(Parameter("tag", "A tag.", repeated=True), Parameter("limit", "How many."))),
    Route("PUT", "/api/things/{id}", "change_thing", "Change", Role.EDITOR, WRITE,
          request="ThingIn", response="ThingOut"),
    Route("DELETE", "/api/things/{id}", "delete_thing", "Remove", Role.EDITOR, WRITE),
    Route("PUT", "/api/text", "put_text", "No JSON", Role.EDITOR, WRITE,
          consumes="application/yaml", response="ThingOut", conditional=False),
    Route("GET", "/api/text", "get_text", "No JSON", Role.EDITOR, WRITE,
          produces="application/yaml"),
    Route("POST", "/api/things/{id}/again", "again", "If-Match", Role.EDITOR, WRITE,
          request="ThingIn", conditional=True),
    Route("GET", "/api/free", "free", "For anybody", None, ()),
)  # fmt: skip


@pytest.fixture
def made() -> Json:
    return _json(document([Domain("things", ROUTES, _schemas())]))


def _json(value: Any) -> Json:
    return dict(json.loads(json.dumps(value)))


def test_every_route_of_every_domain_is_described() -> None:
    described = {
        (path, method)
        for path, operations in document(domains())["paths"].items()
        for method in operations
    }
    served = {(each.path, each.method.lower()) for domain in domains() for each in domain.routes}
    assert described == served
    assert ("/api/metrics", "post") in described


def test_operations_have_names_of_their_own() -> None:
    names = [route.endpoint for domain in domains() for route in domain.routes]
    assert len(names) == len(set(names))


def test_references_lead_somewhere() -> None:
    found = document(domains())

    def check(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                _, area, kind, name = node["$ref"].split("/")
                assert name in found[area][kind], node["$ref"]
            for value in node.values():
                check(value)
        elif isinstance(node, list):
            for value in node:
                check(value)

    check(found)


def test_the_same_routes_make_the_same_document() -> None:
    assert json.dumps(document(domains())) == json.dumps(document(domains()))


def test_each_scope_is_enough_by_itself(made: Json) -> None:
    assert made["paths"]["/api/things"]["get"]["security"] == [
        {"AccessToken": ["aws.cognito.signin.user.admin"]},
        {"AccessToken": ["skafu/alerts.write"]},
    ]
    assert made["paths"]["/api/free"]["get"]["security"] == []


def test_parameters_say_where_they_stand_and_whether_they_repeat(made: Json) -> None:
    tag, limit = made["paths"]["/api/things"]["get"]["parameters"]
    assert (tag["in"], tag["schema"]["type"], limit["schema"]["type"]) == (
        "query",
        "array",
        "string",
    )
    path, header = made["paths"]["/api/things/{id}"]["put"]["parameters"]
    assert (path["name"], path["in"], path["required"]) == ("id", "path", True)
    assert (header["name"], header["in"], header["required"]) == ("If-Match", "header", True)
    _, optional = made["paths"]["/api/things/{id}"]["delete"]["parameters"]
    assert (optional["name"], optional["required"]) == ("If-Match", False)


def test_refusals_are_problem_documents_and_only_those_that_can_happen(made: Json) -> None:
    put = made["paths"]["/api/things/{id}"]["put"]["responses"]
    assert set(put) == {
        *("200", "400", "401", "403", "404", "409", "412", "413", "422", "428", "429", "503")
    }
    assert set(made["paths"]["/api/free"]["get"]["responses"]) == {"200", "400"}
    unavailable = made["components"]["responses"]["Unavailable"]
    assert list(unavailable["content"]) == ["application/problem+json"]
    assert "Retry-After" in unavailable["headers"]


# --- what would break a client ---


def test_bodies_that_are_no_json_are_texts_under_their_own_type(made: Json) -> None:
    text = {"application/yaml": {"schema": {"type": "string"}}}
    sent = made["paths"]["/api/text"]["put"]
    assert sent["requestBody"] == {"required": True, "content": text}
    assert made["paths"]["/api/text"]["get"]["responses"]["200"]["content"] == text
    assert {"413", "422"} <= set(sent["responses"])


def test_a_route_may_need_if_match_or_not_whatever_its_method(made: Json) -> None:
    put, post = made["paths"]["/api/text"]["put"], made["paths"]["/api/things/{id}/again"]["post"]
    assert "parameters" not in put
    assert "412" not in put["responses"]
    assert {"name": "If-Match", "in": "header"}.items() <= post["parameters"][-1].items()
    assert {"412", "428"} <= set(post["responses"])


def _edit(made: Json, change: Callable[[Json], object]) -> list[str]:
    edited = copy.deepcopy(made)
    change(edited)
    return breaking_changes(made, edited)


def _model(document_: Json, name: str) -> Json:
    return dict.__getitem__(document_["components"]["schemas"], name)


def _put(document_: Json) -> Json:
    return dict.__getitem__(document_["paths"]["/api/things/{id}"], "put")


PUT = "PUT /api/things/{id}"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d["paths"].pop("/api/free"), "GET /api/free is gone"),
        (
            lambda d: d["paths"]["/api/things/{id}"].pop("delete"),
            "DELETE /api/things/{id} is gone",
        ),
        (
            lambda d: d["paths"]["/api/things"]["get"]["parameters"].pop(),
            "GET /api/things: the query parameter limit is gone",
        ),
        (
            lambda d: d["paths"]["/api/things"]["get"]["parameters"][1].update(required=True),
            "GET /api/things: the query parameter limit is required now",
        ),
        (
            lambda d: d["paths"]["/api/free"]["get"].update(security=[{"AccessToken": ["x"]}]),
            "GET /api/free: needs a token now",
        ),
        (
            lambda d: _put(d)["security"].pop(),
            f"{PUT}: the scope skafu/alerts.write no longer enters",
        ),
        (
            lambda d: _model(d, "ThingIn")["properties"].pop("colour"),
            f"{PUT}: request: the field colour is gone",
        ),
        (
            lambda d: _model(d, "ThingIn")["required"].append("colour"),
            f"{PUT}: request: the field colour is required now",
        ),
        (
            lambda d: _model(d, "ThingIn")["properties"]["colour"].update(enum=["red"]),
            f"{PUT}: request.colour: no longer takes green",
        ),
        (
            lambda d: _model(d, "ThingIn")["properties"]["name"].update(enum=["a"]),
            f"{PUT}: request.name: takes only a now",
        ),
        (
            lambda d: _model(d, "ThingIn")["properties"]["name"].update(type="integer"),
            f"{PUT}: request.name: is no longer string",
        ),
        (
            lambda d: _model(d, "Part")["required"].append("weight"),
            f"{PUT}: request.parts[]: the field weight is required now",
        ),
        (
            lambda d: d["paths"]["/api/free"]["get"].update(
                requestBody={"content": {"application/json": {"schema": {"type": "object"}}}}
            ),
            "GET /api/free: needs a body now",
        ),
        (
            lambda d: _model(d, "ThingOut")["properties"].pop("id"),
            f"{PUT}: answer: the field id is gone",
        ),
        (
            lambda d: _model(d, "ThingOut")["required"].remove("id"),
            f"{PUT}: answer: the field id may be missing now",
        ),
        (
            lambda d: _model(d, "ThingOut")["properties"].update(
                id={"anyOf": [{"type": "string"}, {"type": "null"}]}
            ),
            f"{PUT}: answer.id: may be null now",
        ),
        (
            lambda d: _put(d)["responses"].update({"202": _put(d)["responses"].pop("200")}),
            f"{PUT}: no longer answers 200",
        ),
        (
            lambda d: _put(d)["responses"]["200"].pop("content"),
            f"{PUT}: 200 has no body any more",
        ),
    ],
)
def test_what_would_break_a_client_is_said_in_a_sentence(
    made: Json, change: Callable[[Json], object], sentence: str
) -> None:
    assert sentence in _edit(made, change)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: None,
        lambda d: d["paths"].update({"/api/more": d["paths"]["/api/free"]}),
        lambda d: _model(d, "ThingIn")["properties"].update(more={"type": "string"}),
        lambda d: _model(d, "ThingIn")["required"].remove("name"),
        lambda d: _model(d, "ThingIn")["properties"]["colour"]["enum"].append("blue"),
        lambda d: _model(d, "ThingIn")["properties"].update(
            name={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        lambda d: _model(d, "ThingOut")["properties"].update(more={"type": "string"}),
        lambda d: _model(d, "ThingOut")["properties"]["note"].update(
            {"anyOf": [{"type": "string"}]}
        ),
        lambda d: d["paths"]["/api/things"]["get"]["security"].append({"AccessToken": ["more"]}),
        lambda d: d["paths"]["/api/things"]["get"].update(security=[]),
    ],
)
def test_what_only_adds_breaks_nobody(made: Json, change: Callable[[Json], object]) -> None:
    assert not _edit(made, change)


def test_the_committed_document_is_what_clients_of_this_version_get() -> None:
    made = json.loads(openapi.generated().content)
    assert not breaking_changes(openapi.committed(), made)
