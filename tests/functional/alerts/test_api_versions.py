"""Earlier versions of alerts as people meet them over HTTP."""

from typing import Any

import pytest

from skafu.alerts.versions.schemas import VersionList
from skafu.shared import audit, keys
from skafu.shared.audit import AuditReader, Change, Wanted
from skafu.shared.table import Delete
from tests.support.alerting import TENANT
from tests.support.alerts_api import AlertsFunction, Answer
from tests.support.clocks import NOON

BODY: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 1.0,
}


class Story:
    """An alert whose threshold is its version's number, changed once a second."""

    def __init__(self, versions: int = 3, **more: Any) -> None:
        self.function = AlertsFunction()
        made = self.function.ask("editor", "POST", "/api/alerts", {**BODY, **more})
        self.id = made.body["id"]
        self.path = f"/api/alerts/{self.id}"
        for version in range(1, versions):
            self.function.clock.advance(1_000)
            body = {**BODY, **more, "threshold": float(version + 1)}
            self.function.ask("admin", "PUT", self.path, body, version=version)

    def versions(self, **query: str) -> Answer:
        answer = self.function.ask("viewer", "GET", f"{self.path}/versions", query=query)
        assert answer.status == 200, answer.body
        assert VersionList.model_validate(answer.body)
        return answer

    def restore(self, wanted: int, version: int | None) -> Answer:
        self.function.clock.advance(1_000)
        body = {"version": wanted}
        return self.function.ask("editor", "POST", f"{self.path}/restore", body, version=version)

    def delete(self) -> None:
        self.function.clock.advance(1_000)
        assert self.function.ask("admin", "DELETE", self.path).status == 204


@pytest.fixture
def story() -> Story:
    return Story()


# --- versions -------------------------------------------------------------------------------------


def test_every_version_tells_who_made_it_when_and_what_it_changed(story: Story) -> None:
    answer = story.versions()

    third, second, first = answer.body["versions"]
    assert [each["version"] for each in (first, second, third)] == [1, 2, 3]
    assert (first["by"], first["action"], first["at"]) == ("editor", "create", NOON)
    assert (third["by"], third["action"], third["at"]) == ("admin", "change", NOON + 2_000)
    assert third["changes"] == [{"field": "threshold", "before": 2.0, "after": 3.0}]
    assert {"field": "name", "before": None, "after": "CPU is busy"} in first["changes"]
    assert second["alert"]["threshold"] == 2.0
    assert answer.headers["etag"] == '"3"'
    assert (answer.body["deleted"], answer.body["deletion"]) == (False, None)


def test_pages_tell_the_same_as_one(story: Story) -> None:
    whole = story.versions().body["versions"]
    paged: list[Any] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        body = story.versions(**query).body
        paged += body["versions"]
        if body["cursor"] is None:
            break
        query["cursor"] = body["cursor"]

    assert paged == whole


def test_a_version_that_the_audit_has_forgotten_is_there_all_the_same(story: Story) -> None:
    table = story.function.table
    for key in [each for each in table.items if each.pk == keys.audit(TENANT)]:
        table.write(Delete(key))

    newest, *_ = story.versions().body["versions"]

    assert (newest["version"], newest["by"], newest["action"]) == (3, None, None)
    assert newest["changes"] == [{"field": "threshold", "before": 2.0, "after": 3.0}]


def test_what_else_is_done_to_an_alert_makes_no_version(story: Story) -> None:
    drill = story.function.ask("editor", "POST", f"{story.path}/drill", {})
    assert drill.status == 202, drill.body
    change = Change("ann", NOON + 9_000, "acknowledge", "alert", story.id, None, {"version": 3})
    story.function.table.transact([audit.entry(TENANT, change)])

    versions = story.versions().body["versions"]

    assert [each["action"] for each in versions] == ["change", "change", "create"]


def test_a_deleted_alert_keeps_its_versions_and_tells_who_deleted_it(story: Story) -> None:
    story.delete()

    answer = story.versions()

    assert answer.body["deleted"] is True
    assert answer.body["deletion"] == {"at": NOON + 3_000, "by": "admin"}
    assert len(answer.body["versions"]) == 3
    assert answer.headers["etag"] == '"3"'


def test_others_alerts_have_no_versions_here(story: Story) -> None:
    path = f"{story.path}/versions"
    assert story.function.ask("stranger", "GET", path).status == 404
    assert story.function.ask("viewer", "GET", "/api/alerts/nobody/versions").status == 404
    assert story.function.ask("viewer", "GET", "/api/alerts/a%23b/versions").status == 404


# --- restore --------------------------------------------------------------------------------------


def test_restoring_makes_the_next_version_with_the_old_content(story: Story) -> None:
    answer = story.restore(1, version=3)

    assert answer.status == 200, answer.body
    assert (answer.body["version"], answer.body["threshold"]) == (4, 1.0)
    assert answer.body["edited_at"] == NOON + 3_000
    assert answer.body["created_at"] == NOON
    assert answer.headers["etag"] == '"4"'
    newest = story.versions().body["versions"][0]
    assert (newest["by"], newest["action"]) == ("editor", "restore")
    assert newest["changes"] == [{"field": "threshold", "before": 3.0, "after": 1.0}]


def test_the_audit_says_that_it_was_restored(story: Story) -> None:
    story.restore(1, version=3)

    reader = AuditReader(story.function.table)
    newest = reader.page(TENANT, Wanted(kind="alert"), 1, None).changes[0]
    assert (newest.action, newest.actor, newest.subject) == ("restore", "editor", story.id)
    assert newest.before is not None and newest.after is not None
    assert (newest.before["threshold"], newest.after["threshold"]) == (3.0, 1.0)


def test_restoring_what_is_so_already_makes_no_version(story: Story) -> None:
    assert story.restore(3, version=3).body["version"] == 3
    assert len(story.versions().body["versions"]) == 3


def test_a_deleted_alert_comes_back_under_its_id_with_the_next_number(story: Story) -> None:
    story.delete()

    answer = story.restore(2, version=3)

    assert answer.status == 200, answer.body
    assert (answer.body["id"], answer.body["version"]) == (story.id, 4)
    assert (answer.body["threshold"], answer.body["instances"]) == (2.0, [])
    read = story.function.ask("viewer", "GET", story.path)
    assert (read.status, read.body) == (200, answer.body)
    body = story.versions().body
    assert (body["deleted"], body["deletion"]) == (False, None)
    assert body["versions"][0]["action"] == "restore"
    assert body["versions"][0]["changes"] == [{"field": "threshold", "before": 3.0, "after": 2.0}]


def test_a_deleted_alert_may_come_back_just_as_it_was(story: Story) -> None:
    story.delete()

    answer = story.restore(3, version=3)

    assert (answer.status, answer.body["version"], answer.body["threshold"]) == (200, 4, 3.0)


def test_restoring_needs_the_newest_version(story: Story) -> None:
    assert story.restore(1, version=None).status == 428
    assert story.restore(1, version=2).status == 412
    story.delete()
    assert story.restore(1, version=2).status == 412
    assert story.restore(1, version=3).status == 200
    assert story.restore(1, version=3).status == 412


@pytest.mark.parametrize("wanted", [4, 0, -1])
def test_a_version_that_there_never_was_is_refused_by_name(story: Story, wanted: int) -> None:
    answer = story.restore(wanted, version=3)

    assert (answer.status, answer.fields) == (422, ["version"])


def test_a_version_that_names_a_channel_that_is_gone_is_refused() -> None:
    story = Story(versions=1, channels=["default"])
    channel = story.function.ask(
        "admin",
        "POST",
        "/api/channels",
        {"name": "x", "type": "webhook", "url": "https://x.example"},
    )
    assert channel.status == 201, channel.body
    made = channel.body["id"]
    with_it = {**BODY, "channels": [made]}
    assert story.function.ask("editor", "PUT", story.path, with_it, version=1).status == 200
    assert story.function.ask("editor", "PUT", story.path, BODY, version=2).status == 200
    assert story.function.ask("admin", "DELETE", f"/api/channels/{made}").status == 204

    answer = story.restore(2, version=3)

    assert (answer.status, answer.fields) == (422, ["channels.0"])
    assert story.restore(1, version=3).status == 200


def test_viewers_do_not_restore(story: Story) -> None:
    answer = story.function.ask(
        "viewer", "POST", f"{story.path}/restore", {"version": 1}, version=3
    )
    assert answer.status == 403
