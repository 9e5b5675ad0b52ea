"""Alerts as code on the deployed stack: the operators' command, a machine client, the gateway."""

import os
import subprocess
import sys
from pathlib import Path

from local.home import ROOT
from tests.integration.system import System, unique


def command(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m skafu.ops alerts ...` with a machine client's credentials, as CI has them."""
    stack = system.stack
    environment = os.environ | {
        "API": stack["api_url"],
        "TOKEN_URL": stack["token_url"],
        "CLIENT_ID": stack["machine_client_id"],
        "CLIENT_SECRET": stack["machine_client_secret"],
    }
    environment.pop("TOKEN", None)
    return subprocess.run(
        [sys.executable, "-m", "skafu.ops", "alerts", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_is_planned_applied_and_exported_through_the_gateway(
    system: System, tmp_path: Path
) -> None:
    name, file = unique("as code "), tmp_path / "alerts.yaml"
    file.write_text(
        f"""\
alerts:
- name: {name}
  metric: {unique("coded")}
  statistic: max
  period: 60
  comparison: '>'
  threshold: 80
""",
        encoding="utf-8",
    )

    planned = command(system, "plan", str(file))
    assert (planned.returncode, f"+ {name}" in planned.stdout) == (2, True), planned.stderr

    applied = command(system, "apply", str(file))
    assert applied.returncode == 0, applied.stdout + applied.stderr

    again = command(system, "plan", str(file))
    assert (again.returncode, again.stdout.strip()) == (0, "Alerts: 1 unchanged"), again.stderr

    exported = command(system, "export")
    assert exported.returncode == 0, exported.stderr
    assert f"- name: {name}\n" in exported.stdout
