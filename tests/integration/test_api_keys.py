"""Machines' API keys on the embedded AWS: the plans are the stack's, the keys are its gateway's."""

import re

from tests.integration.system import System
from tests.integration.test_operating import ops


def test_an_operator_issues_a_key_of_the_stack_s_plan_and_ends_it(system: System) -> None:
    client = system.machine().ask("GET", "/api/me")["id"]
    told = ("--environment", "local")
    issued = ops(system, "api-keys", "issue", *told, "--client", client, "--plan", "premium")
    [key] = re.findall(r"^key +(\S+)$", issued, re.MULTILINE)
    [value] = re.findall(r"^value +(\S+)", issued, re.MULTILINE)
    listed = ops(system, "api-keys", "list", *told)
    [line] = [each for each in listed.splitlines() if each.startswith(key)]
    assert line.split()[1:4:2] == ["premium", client]
    assert value not in listed
    ops(system, "api-keys", "revoke", *told, "--key", key)
    assert key not in ops(system, "api-keys", "list", *told)
