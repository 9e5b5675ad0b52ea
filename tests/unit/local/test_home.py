from pathlib import Path

import pytest

from local.home import ROOT, Home, Refused


def test_a_home_is_the_repositorys_own_unless_said_otherwise() -> None:
    home = Home.from_environment({})
    assert (home.folder, home.port) == (ROOT / ".local", 4566)
    assert home.endpoint == "http://127.0.0.1:4566"


def test_folder_and_port_come_from_the_environment() -> None:
    home = Home.from_environment({"SKAFU_HOME": ".test", "SKAFU_PORT": "5000"})
    assert (home.folder, home.port) == (ROOT / ".test", 5000)
    elsewhere = Home.from_environment({"SKAFU_HOME": "/srv/skafu"})
    assert elsewhere.folder == Path("/srv/skafu")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "4566 "])
def test_what_is_no_port_is_refused_by_the_variables_name(port: str) -> None:
    with pytest.raises(Refused, match="SKAFU_PORT"):
        Home.from_environment({"SKAFU_PORT": port})


def test_everything_of_a_system_is_below_its_folder() -> None:
    home = Home(ROOT / ".test", 5000)
    places = (
        home.state,
        home.scratch,
        home.logs,
        home.run,
        home.build,
        home.build_cache,
        home.built,
        home.stack_file,
    )
    assert all(place.is_relative_to(home.folder) for place in places)


def test_tools_talk_to_this_system_and_to_nobodys_account() -> None:
    found = Home(ROOT / ".test", 5000).aws_environment()
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    assert (found["AWS_CONFIG_FILE"], found["AWS_ACCESS_KEY_ID"]) == ("/dev/null", "test")
    assert "AWS_PROFILE" not in found
