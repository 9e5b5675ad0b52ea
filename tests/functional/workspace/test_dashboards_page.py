"""docs/dashboards.md: every request on the page is answered as the page shows, in its order."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.workspace.dashboards import limits
from skafu.workspace.dashboards.routes import ROUTES
from tests.support.dashboards import Function
from tests.support.documented import ASKED, blocks, differences

PAGE = (Path(__file__).parents[3] / "docs" / "dashboards.md").read_text("utf-8")


class Reader:
    """Somebody who does what the page says, from the top to the bottom."""

    def __init__(self) -> None:
        self.function = Function()
        members = Members(self.function.table, self.function.clock, random_id)
        for role in (Role.EDITOR, Role.ADMIN):
            members.add_member(f"our {role.label}", Kind.PERSON, "acme", role)
        self.ids: dict[str, str] = {}
        self.called: set[tuple[str, str]] = set()
        self.last: Any = None

    def ask(self, head: str, text: str) -> None:
        asked = ASKED.fullmatch(head)
        assert asked, f"the page asks in an unknown way: {head}"
        route, _, query = asked["path"].partition("?")
        self.called.add((asked["method"], route.replace("{hosts}", "{id}")))
        answer = self.function.ask(
            asked["method"],
            route.format(**self.ids),
            json.loads(text) if text else None,
            who=f"our {asked['person'] or 'editor'}",
            match=None if asked["version"] is None else int(asked["version"]),
            **{name: values[0] for name, values in parse_qs(query).items()},
        )
        assert answer.status == int(asked["status"]), (head, answer.body)
        self.last = answer.body
        if asked["name"]:
            self.ids[asked["name"]] = answer.body["id"]


def test_the_page_shows_what_is_answered_by_every_route() -> None:
    reader = Reader()
    for block in blocks(PAGE):
        if block.head == "answer":
            assert not list(differences(json.loads(block.text), reader.last)), reader.last
        else:
            reader.ask(block.head, block.text)
    assert reader.called == {(route.method, route.path) for route in ROUTES}


def test_the_page_names_the_limits() -> None:
    for told in (
        f"at most {limits.MAX_DASHBOARDS}.",
        f"last {limits.MAX_VERSIONS} versions",
        f"up to {limits.MAX_PANELS}, on {limits.COLUMNS} columns",
        f"1 to {limits.MAX_QUERIES} `queries`",
        f"up to {limits.MAX_TEXT:,} characters",
        f"{limits.MAX_BYTES // 1024} KB",
        f"{limits.KEEP_DELETED_S // 86_400} days",
    ):
        assert told in PAGE, told
