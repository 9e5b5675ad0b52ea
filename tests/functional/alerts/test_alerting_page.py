"""docs/alerting.md: every request on the page is answered as the page shows, in its order, while
the load that it tells of is played to the functions that decide.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from tests.support.alerts_api import AlertsFunction
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT
from tests.support.documented import ASKED, blocks, differences

PAGE = (Path(__file__).parents[3] / "docs" / "alerting.md").read_text("utf-8")
PLAYED = re.compile(r"<!-- cpu\.load of (\S+): ([\d ]+) -->")


class Reader:
    """Somebody who does what the page says, from the top to the bottom."""

    def __init__(self) -> None:
        self.world = Deciding()
        self.function = AlertsFunction(table=self.world.table, clock=self.world.clock)
        members = Members(self.world.table, self.world.clock, random_id)
        for role in (Role.EDITOR, Role.ADMIN):
            members.add_member(f"our {role.label}", Kind.PERSON, TENANT, role)
        self.ids: dict[str, str] = {}
        self.last: Any = None

    def play(self, host: str, values: str) -> None:
        """A value a minute, the minute's sweep and the wakeups with it."""
        for value in values.split():
            self.world.send(float(value), host=host)
            self.world.live(60)

    def ask(self, head: str, text: str) -> None:
        asked = ASKED.fullmatch(head)
        assert asked, f"the page asks in an unknown way: {head}"
        for name, found in self.ids.items():
            text = text.replace("{" + name + "}", found)
        path = asked["path"].format(**self.ids)
        path, _, query = path.partition("?")
        answer = self.function.ask(
            f"our {asked['person'] or 'editor'}",
            asked["method"],
            path,
            json.loads(text) if text else None,
            query={name: values[0] for name, values in parse_qs(query).items()},
            version=asked["version"],
        )
        assert answer.status == int(asked["status"]), (head, answer.body)
        self.last = answer.body
        if asked["name"]:
            self.ids[asked["name"]] = answer.body["id"]


def test_the_page_shows_what_is_answered() -> None:
    reader = Reader()
    read = blocks(PAGE)
    assert sum(each.head.startswith(("GET", "POST", "PUT")) for each in read) >= 20
    for block in read:
        if block.comment:
            played = PLAYED.fullmatch(block.comment)
            assert played, block.comment
            reader.play(*played.groups())
        elif block.head == "answer":
            assert not list(differences(json.loads(block.text), reader.last)), reader.last
        else:
            reader.ask(block.head, block.text)
