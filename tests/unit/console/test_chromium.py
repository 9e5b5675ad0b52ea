"""The browser of the tests is found, or installed where we may."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.console.chromium import NoBrowser, provide


@dataclass
class Machine:
    """One with these programs, by name; a Debian when apt-get is among them."""

    programs: dict[str, str] = field(default_factory=dict)
    is_root: bool = True
    offline: bool = False
    ran: list[Sequence[str]] = field(default_factory=list)

    def which(self, name: str) -> str | None:
        return self.programs.get(name)

    def execute(self, line: Sequence[str]) -> int:
        self.ran.append(line)
        if self.offline:
            return 100
        if "install" in line:
            self.programs["chromium"] = "/usr/bin/chromium"
        return 0

    def provide(self, **variables: str) -> Path:
        return provide(variables, is_root=self.is_root, which=self.which, execute=self.execute)


def debian(**more: str) -> Machine:
    return Machine({"apt-get": "/usr/bin/apt-get"} | more)


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_that_is_there_is_taken(name: str) -> None:
    machine = debian()
    machine.programs[name] = f"/opt/{name}"
    assert machine.provide() == Path(f"/opt/{name}")
    assert not machine.ran


def test_the_one_that_is_named_is_taken_before_others() -> None:
    machine = debian(chromium="/usr/bin/chromium", mine="/home/mine")
    assert machine.provide(SKAFU_CHROMIUM="mine") == Path("/home/mine")


def test_a_named_one_that_is_not_there_is_told() -> None:
    with pytest.raises(NoBrowser, match="SKAFU_CHROMIUM is 'gone'"):
        debian(chromium="/usr/bin/chromium").provide(SKAFU_CHROMIUM="gone")


def test_a_fresh_debian_gets_one() -> None:
    machine = debian()
    assert machine.provide() == Path("/usr/bin/chromium")
    update, install = machine.ran
    assert update == ["/usr/bin/apt-get", "update", "--quiet"]
    assert install[-1] == "chromium" and "--yes" in install


@pytest.mark.parametrize(
    "machine", [Machine(), debian(), debian()], ids=["no Debian", "not root", "offline"]
)
def test_others_are_told_what_to_install(machine: Machine, request: pytest.FixtureRequest) -> None:
    machine.is_root = "not root" not in request.node.name
    machine.offline = "offline" in request.node.name
    with pytest.raises(NoBrowser, match="apt-get install chromium.*SKAFU_CHROMIUM"):
        machine.provide()
