"""The tenant that belongs to Skafu itself: what releases are tried on, and nobody's data.

Its id is no tenant's that people can get: theirs are 20 hexadecimal digits (`identity.random_id`).
It is made where it is missing, by whoever needs it first, and is a tenant like any other: its data
is apart from everybody's, it is swept and compacted, and has a usage of its own that nobody is
billed for.

Nobody can be paged by it: a silence mutes all that its alerts would tell. Without that they would
reach the environment's topic, because a page that no route takes has to reach somebody.
"""

import json

from skafu.shared import keys
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import membership_item
from skafu.shared.table import Absent, Item, Put, Table

TENANT = "canary"

# The claims of an API function's event are those that the gateway's authorizer has verified; who
# may invoke a function may write them, and such a caller can be anybody already. From outside
# nobody is SUBJECT or STRANGER: `sub` and `client_id` are chosen by Cognito, people's are UUIDs and
# clients' are letters and digits, and neither name is one of these, for its dash and its length.
SUBJECT = "skafu-canary"
"""Who calls as a member of the tenant: an editor, as agents are."""
STRANGER = "skafu-stranger"
"""A machine that is nobody's member, and never becomes one: machines get no tenant of their own."""

SILENCE = "nobody"
"""The silence that mutes whatever the tenant's alerts would tell, for as long as anybody cares."""

SILENT_UNTIL = 4_102_444_800_000  # the year 2100

RETENTION_DAYS = 7
ACTIVE_SERIES = 10_000
POINTS_A_MINUTE = 100_000


def claims(subject: str) -> dict[str, str]:
    """Verified claims of a machine, as the authorizer hands them over."""
    return {"sub": subject, "client_id": subject, "scope": ""}


def found(table: Table, now: int) -> bool:
    """Make the tenant if it is not there; whether it was made. Two at once do no harm.

    Raises Unavailable. The membership goes last: where it is, everything else is.
    """
    if table.get(keys.membership(SUBJECT), consistent=True) is not None:
        return False
    table.write_many([Put(item, Absent()) for item in _records(now)])
    member = membership_item(Identity(SUBJECT, Kind.MACHINE, TENANT, Role.EDITOR), now)
    table.write_many([Put(member, Absent())])
    return True


def _records(now: int) -> list[Item]:
    quotas = {
        "active_series": ACTIVE_SERIES,
        "points_a_minute": POINTS_A_MINUTE,
        "retention_days": RETENTION_DAYS,
    }
    settings: Item = {"k": "tenant", "created": now, "quotas": json.dumps(quotas)}
    entry: Item = {"k": "registry", "tenant": TENANT, "created": now}
    silent = {
        "id": SILENCE,
        "version": 1,
        "matchers": [],
        "starts_at": now,
        "ends_at": SILENT_UNTIL,
        "comment": "Releases are tried in this tenant: nobody is paged by it.",
        "created_by": SUBJECT,
        "created_at": now,
        "edited_at": now,
    }
    silence: Item = {"k": "silence", "version": 1, "body": json.dumps(silent)}
    return [
        {**keys.tenant_settings(TENANT)._asdict(), **settings},
        # As silences are stored: among those that hold, and among all (alerts/silences/store.py).
        {**keys.silence(TENANT, SILENCE)._asdict(), **silence},
        {**keys.silence_record(TENANT, SILENCE)._asdict(), **silence},
        {**keys.registry(TENANT)._asdict(), **entry},
    ]
