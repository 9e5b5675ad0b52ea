"""A first tenant in an environment, made as `bootstrap` makes it, and its machine client."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from skafu.ops.bootstrap import CognitoDirectory, Person, Workspace, bootstrap
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable

from local.api import Api, MachineToken
from local.rehearsal.places import Cloud, Place

ADMIN = Person("admin@example.com", "Admin")
MACHINE = "rehearsal"


@dataclass(frozen=True)
class Login:
    """How a machine reaches an environment."""

    api_url: str
    token_url: str
    client_id: str
    secret: str

    def api(self) -> Api:
        """The API as this machine."""
        token = MachineToken(self.token_url, self.client_id, self.secret, system_clock)
        return Api(self.api_url, token)

    def write(self, path: Path) -> Path:
        """Keep it in a file that its owner alone can read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


def found(cloud: Cloud, place: Place) -> Login:
    """Make what is missing, and tell how to get in."""
    outputs = cloud.outputs(place)
    directory = CognitoDirectory(cloud.client("cognito-idp", place), outputs["UserPoolId"])
    table = DynamoTable(cloud.client("dynamodb", place), outputs["TableName"])
    there = bootstrap(directory, Workspace.over(table, system_clock), ADMIN, MACHINE)
    return Login(
        outputs["ApiEndpoint"],
        f"{cloud.home.endpoint}/oauth2/token",
        there.machine.client_id,
        there.machine.secret,
    )
