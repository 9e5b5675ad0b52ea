"""`sam local start-api` against the deployed stack; some of it where a Docker engine is."""

import json
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from skafu.shared.settings import ApiSettings

from local.api import Answer, MachineToken, fetch
from local.home import ROOT, Home, Refused
from local.sam_local.engine import Engine, socket_path
from local.sam_local.serve import built_template, deployment, image_options
from local.sam_local.template import api_functions, local_template
from tests.integration.system import System, now_ms, point, unique

THERE = "http://172.17.0.1:40123"
type Ask = Callable[..., Answer]


def reason_to_skip() -> str:
    """Nothing is pulled for a test: the engine must hold an image already."""
    try:
        images = Engine(socket_path(os.environ)).images()
        options = image_options(os.environ.get("SAM_LOCAL_IMAGE"), images, platform.machine())
    except Refused as refused:
        return str(refused)
    return "" if options else "the Docker engine does not hold AWS's image for Python"


def machine_token(system: System) -> str:
    """The token of the first tenant's machine client."""
    stack = system.stack
    client, secret = stack["machine_client_id"], stack["machine_client_secret"]
    return MachineToken(stack["token_url"], client, secret, now_ms)()


@pytest.fixture(scope="module")
def ask(system: System) -> Iterator[Ask]:
    """Requests to the API that `sam local` serves, with or without a token."""
    if reason := reason_to_skip():
        pytest.skip(reason)
    home = system.home
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    environment = os.environ | {
        "SKAFU_HOME": str(home.folder),
        "SKAFU_PORT": str(home.port),
        "SAM_LOCAL_PORT": str(port),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "local.sam_local"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert any("The API is at" in line for line in running.stdout)

        def request(method: str, path: str, token: str = "", body: bytes | None = None) -> Answer:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return fetch(method, f"http://127.0.0.1:{port}{path}", body, headers)

        yield request
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert not Engine(socket_path(os.environ)).functions_of(home.build)


def test_functions_in_containers_get_what_they_get_when_deployed(system: System) -> None:
    home: Home = system.home
    built = built_template(home)
    functions = api_functions(built)
    deployed = deployment(home, functions)
    served = local_template(built, home.build, deployed, home.endpoint, THERE)["Resources"]

    for function in functions:
        variables = served[function]["Properties"]["Environment"]["Variables"]
        settings = ApiSettings.from_env(variables)
        assert settings.table_name == system.stack["table_name"]
        assert settings.user_pool_id == system.stack["user_pool_id"]
        assert settings.aws_endpoint_url == THERE
        assert str(home.port) not in "".join(variables.values())


def test_a_person_and_a_machine_are_known_by_their_tokens(system: System, ask: Ask) -> None:
    person = system.sign_in("admin")["AccessToken"]
    for token in (person, machine_token(system)):
        answer = ask("GET", "/api/me", token)
        assert answer.status == 200, answer
        assert ask("GET", "/api/metrics", token).status == 200
        assert ask("GET", "/api/alerts", token).status == 200


def test_without_a_valid_access_token_the_answer_is_401(system: System, ask: Ask) -> None:
    tokens = system.sign_in("admin")
    head, claims, signature = tokens["AccessToken"].split(".")
    other = "B" if signature[20] == "A" else "A"
    tampered = f"{head}.{claims}.{signature[:20]}{other}{signature[21:]}"
    for token in ("", "nonsense", tampered, tokens["IdToken"]):
        for method, path in (("GET", "/api/me"), ("POST", "/api/metrics"), ("GET", "/api/alerts")):
            answer = ask(method, path, token)
            assert answer.status == 401, answer
            assert answer.headers["content-type"] == "application/problem+json"


def test_health_needs_no_token(ask: Ask) -> None:
    assert ask("GET", "/api/health").status == 200


def test_what_is_sent_through_a_container_is_in_the_deployed_table(
    system: System, ask: Ask
) -> None:
    metric, at = unique("sam.local"), now_ms()
    timed = json.dumps({"metrics": [point(metric, 1.0, at)]}).encode()
    # Without a timestamp each request is one of its own, also when it says the same.
    untimed = json.dumps({"metrics": [{"name": metric, "value": 2.0}]}).encode()
    for body in (timed, timed, untimed, untimed):
        assert ask("POST", "/api/metrics", machine_token(system), body).status == 202

    answer = system.machine().ask(
        "POST",
        "/api/metrics/query",
        {
            "start": at - 60_000,
            "end": at + 3_600_000,
            "queries": [{"id": "a", "metric": metric, "statistic": "count", "period": 3600}],
        },
    )
    values = [value for value in answer["results"][0]["series"][0]["values"] if value]
    assert sum(values) == 3
