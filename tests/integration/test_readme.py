"""The README's commands, as a newcomer pastes them."""

import json
import os
import re
import subprocess

from local.home import ROOT
from tests.integration.system import System


def test_the_api_in_a_minute_works_as_it_is_printed(system: System) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split("## The API in a minute", 1)[1]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    environment = os.environ | {
        "SKAFU_HOME": str(system.home.folder),
        "SKAFU_PORT": str(system.home.port),
    }
    # Each answer on a line of its own; a curl that fails ends the script.
    script = "set -euo pipefail\n" + found.group(1).replace("curl -s ", "curl -s --fail -w '\\n' ")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sent, queried, made, listed = [json.loads(line) for line in done.stdout.splitlines()]
    assert (sent["accepted"], sent["rejected"]) == (1, [])
    [series] = queried["results"][0]["series"]
    assert series["tags"] == {"queue": "mail"} and 17 in series["values"]
    assert made["name"] == "Mail waits" and made["version"] == 1
    assert "alerts" in listed
