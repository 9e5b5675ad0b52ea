"""What the application's own stack is told of the stacks beside it."""

from pathlib import Path

import pytest
import yaml

from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.stacks.application import beside
from skafu.ops.stacks.book import PATH
from tests.support.clouds import Cloud, StackRecord
from tests.support.released import account_in
from tests.unit.ops.stacks.test_book import book


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    (tmp_path / "infrastructure").mkdir()
    (tmp_path / "environments").symlink_to(ROOT / "environments")
    application = {
        "Zone": {"output": "names.Zone", "when": "api_gateway.domain"},
        "Subnets": {"output": "names.Subnets", "when": "security.firewall", "demanded": True},
    }
    written = book(application, names={}).model_dump()
    (tmp_path / PATH).write_text(yaml.safe_dump(written), "utf-8")
    return tmp_path


def told(root: Path, environment: str, *given: str, **outputs: str) -> dict[str, str]:
    cloud = Cloud()
    if outputs:
        cloud.stacks.named["skafu-names"] = StackRecord(outputs)
    return beside(account_in(cloud), environment, "us-east-1", given, root)


def test_what_is_there_is_told(root: Path) -> None:
    values = {"Zone": "Z1", "Subnets": "s-1,s-2"}
    assert told(root, "production", **values) == values
    assert told(root, "production", Subnets="s-1") == {"Subnets": "s-1"}


def test_what_the_file_demands_and_nobody_made_is_refused_in_a_sentence(root: Path) -> None:
    with pytest.raises(Refused) as refused:
        told(root, "production", Zone="Z1")
    assert "environments/production.yaml asks for what is not there" in str(refused.value)
    assert "Subnets: security.firewall is set, and there is no skafu-names" in str(refused.value)


def test_who_says_it_demands_nothing(root: Path) -> None:
    assert not told(root, "production", "Subnets=s-9")


@pytest.mark.parametrize("environment", ["local", "development"])
def test_an_environment_that_asks_for_nothing_gets_nothing(root: Path, environment: str) -> None:
    assert not told(root, environment, Zone="Z1", Subnets="s-1")
