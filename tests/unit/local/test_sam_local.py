import json
from ipaddress import IPv4Network
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from local.home import ROOT, TOOLS, Home, Refused
from local.sam_local.base_image import libraries, place
from local.sam_local.engine import Bridge, bridge_of, socket_path
from local.sam_local.serve import (
    built_template,
    command,
    deployment,
    environment_of,
    image_options,
    port_of,
    sources_for,
)
from local.sam_local.template import Deployment, api_functions, local_template

HERE = "http://127.0.0.1:4566"
THERE = "http://172.17.0.1:40123"
BUILT = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Environment: {Type: String, Default: production}
  Architecture: {Type: String, Default: arm64}
Globals: {Function: {Runtime: python3.12, Layers: [{Ref: Packages}]}}
Resources:
  Gateway: {Type: AWS::Serverless::Api, Properties: {StageName: {Ref: Environment}}}
  Packages: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Packages}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {}}
  Answering:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Answering
      Environment: {Variables: {TABLE_NAME: {Ref: Table}}}
      Events:
        Get: {Type: Api, Properties: {Path: /api/me, Method: get}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
  Sweeping:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: Sweeping
      Events: {Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}}
  Idle: {Type: AWS::Serverless::Function, Properties: {CodeUri: Idle}}
Outputs:
  Name: {Value: {Ref: Table}}
"""
DEPLOYED = Deployment(
    {"Environment": "local", "Architecture": "x86_64"},
    {"Answering": {"TABLE_NAME": "skafu-local", "QUEUE_URL": f"{HERE}/000000000000/deliveries"}},
)


@pytest.fixture
def built() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(BUILT)
    return parsed


def served(built: dict[str, Any], deployed: Deployment = DEPLOYED) -> dict[str, Any]:
    return local_template(built, Path("/somewhere/build"), deployed, HERE, THERE)


def variables(template: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = template["Resources"]["Answering"]["Properties"]["Environment"][
        "Variables"
    ]
    return found


def test_only_functions_that_answer_requests_get_a_container(built: dict[str, Any]) -> None:
    assert api_functions(built) == ["Answering"]
    assert set(served(built)["Resources"]) == {"Gateway", "Packages", "Answering"}


def test_a_build_that_answers_no_requests_is_refused(built: dict[str, Any]) -> None:
    del built["Resources"]["Answering"]
    with pytest.raises(Refused, match="no function that answers"):
        api_functions(built)


def test_functions_get_the_values_that_were_deployed(built: dict[str, Any]) -> None:
    assert variables(served(built))["TABLE_NAME"] == "skafu-local"


def test_parameters_get_the_values_that_were_deployed(built: dict[str, Any]) -> None:
    parameters = served(built)["Parameters"]
    assert {name: parameter["Default"] for name, parameter in parameters.items()} == {
        "Environment": "local",
        "Architecture": "x86_64",
    }


def test_a_parameter_that_the_build_has_no_more_is_left_out(built: dict[str, Any]) -> None:
    del built["Parameters"]["Architecture"]
    assert set(served(built)["Parameters"]) == {"Environment"}


def test_functions_find_the_embedded_aws_from_inside_a_container(built: dict[str, Any]) -> None:
    assert variables(served(built))["AWS_ENDPOINT_URL"] == THERE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_addresses_of_this_machine_are_turned_into_ones_that_containers_reach(
    built: dict[str, Any], host: str
) -> None:
    queue = f"http://{host}:4566/000000000000/deliveries"
    deployed = Deployment({}, {"Answering": {"QUEUE_URL": queue, "OTHER": "127.0.0.1:9"}})
    found = variables(served(built, deployed))
    assert found["QUEUE_URL"] == f"{THERE}/000000000000/deliveries"
    assert found["OTHER"] == "127.0.0.1:9"


def test_code_and_layer_are_found_wherever_the_template_is_put(built: dict[str, Any]) -> None:
    resources = served(built)["Resources"]
    assert resources["Answering"]["Properties"]["CodeUri"] == "/somewhere/build/Answering"
    assert resources["Packages"]["Properties"]["ContentUri"] == "/somewhere/build/Packages"


def test_below_a_debugger_functions_run_the_sources_which_a_build_does_not_hold(
    built: dict[str, Any],
) -> None:
    template = local_template(built, Path("/build"), DEPLOYED, HERE, THERE, Path("/sources"))
    assert template["Resources"]["Answering"]["Properties"]["CodeUri"] == "/sources"
    assert template["Resources"]["Packages"]["Properties"]["ContentUri"] == "/build/Packages"
    for options in (["--debug-port", "5890"], ["--debug-port=5890"], ["-d", "5890"]):
        assert sources_for(options) == ROOT / "backend"
    assert sources_for(["--debug"]) is None


def test_the_built_template_stays_as_it_was(built: dict[str, Any]) -> None:
    served(built)
    assert built == yaml.safe_load(BUILT)


def test_without_a_build_or_a_deployment_a_sentence_says_what_to_run(tmp_path: Path) -> None:
    home = Home(tmp_path, 4566)
    with pytest.raises(Refused, match="no build yet: run `make up` first"):
        built_template(home)
    with pytest.raises(Refused, match="does not run on port 4566: run `make up` first"):
        deployment(home, ["Answering"])


def test_a_build_is_read(tmp_path: Path, built: dict[str, Any]) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "template.yaml").write_text(BUILT, encoding="utf-8")
    assert built_template(Home(tmp_path, 4566)) == built


@pytest.mark.parametrize(("given", "port"), [({}, 3001), ({"SAM_LOCAL_PORT": "3742"}, 3742)])
def test_the_port_is_3001_or_as_told(given: dict[str, str], port: int) -> None:
    assert port_of(given) == port


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "3001 "])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(Refused, match="SAM_LOCAL_PORT"):
        port_of({"SAM_LOCAL_PORT": port})


def test_awss_image_is_pulled_only_when_it_is_not_here() -> None:
    here = {"registry.test/lambda/python:3.12-x86_64"}
    assert not image_options(None, set(), "x86_64")
    assert not image_options(None, here, "aarch64")
    assert image_options(None, here, "x86_64") == ["--skip-pull-image"]


def test_an_image_that_is_named_is_used_and_never_pulled() -> None:
    options = image_options("own:1", {"own:1"}, "x86_64")
    assert options == ["--skip-pull-image", "--invoke-image", "own:1"]


def test_an_image_that_is_named_and_not_here_is_refused() -> None:
    with pytest.raises(Refused, match=r"no image own:1: see `make sam-local-image`"):
        image_options("own:1", set(), "x86_64")


def test_the_sam_cli_serves_the_loopback_address_only() -> None:
    line = command(Path("/home/template.json"), 3742, ["--debug-port", "5890"])
    assert line[:3] == [str(TOOLS / "sam" / "bin" / "sam"), "local", "start-api"]
    assert line[line.index("--host") + 1] == "127.0.0.1"
    assert line[line.index("--port") + 1] == "3742"
    assert line[line.index("--template") + 1] == "/home/template.json"
    assert line[-2:] == ["--debug-port", "5890"]


def test_nothing_of_a_persons_shell_overrides_what_functions_get(tmp_path: Path) -> None:
    shell = {
        "PATH": "/bin",
        "DOCKER_HOST": "unix:///engine",
        "TABLE_NAME": "mine",
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL": "http://elsewhere",
        "AWS_ACCESS_KEY_ID": "mine",
    }
    found = environment_of(Home(tmp_path, 4566), shell)
    assert found["PATH"] == "/bin"
    assert found["DOCKER_HOST"] == "unix:///engine"
    assert found["AWS_ACCESS_KEY_ID"] == "test"
    assert not {"TABLE_NAME", "AWS_PROFILE", "AWS_ENDPOINT_URL"} & set(found)


def test_the_engine_is_where_docker_host_says_or_at_the_usual_place() -> None:
    assert socket_path({}) == "/var/run/docker.sock"
    assert socket_path({"DOCKER_HOST": "unix:///run/user/1/docker.sock"}) == (
        "/run/user/1/docker.sock"
    )


@pytest.mark.parametrize("host", ["tcp://10.0.0.1:2375", "ssh://me@there", "npipe:////./pipe/x"])
def test_an_engine_on_another_machine_is_refused(host: str) -> None:
    with pytest.raises(Refused, match="an engine on this machine"):
        socket_path({"DOCKER_HOST": host})


@pytest.mark.parametrize(
    "config",
    [{"Subnet": "172.20.0.0/16", "Gateway": "172.20.0.1"}, {"Subnet": "172.20.0.0/16"}],
)
def test_the_hosts_address_on_the_bridge_is_told_or_the_first(config: dict[str, str]) -> None:
    network = {"IPAM": {"Config": [{"Subnet": "fd00::/64"}, config]}}
    assert bridge_of(network) == Bridge("172.20.0.1", IPv4Network("172.20.0.0/16"))


@pytest.mark.parametrize("network", ["{}", '{"IPAM": null}', '{"IPAM": {"Config": null}}'])
def test_an_engine_without_a_bridge_is_refused(network: str) -> None:
    with pytest.raises(Refused, match="no default bridge network"):
        bridge_of(json.loads(network))


def test_libraries_are_read_from_what_ldd_prints() -> None:
    printed = """\
\tlinux-vdso.so.1 (0x00007f599dcd6000)
\tlibpython3.12.so.1.0 => /opt/python/lib/libpython3.12.so.1.0 (0x00007f599d600000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f599d41e000)
\tlibgone.so.1 => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f599dcd8000)
"""
    assert libraries(printed) == {
        Path("/opt/python/lib/libpython3.12.so.1.0"),
        Path("/lib/x86_64-linux-gnu/libc.so.6"),
        Path("/lib64/ld-linux-x86-64.so.2"),
    }


def test_system_libraries_stay_where_the_loader_looks_and_others_go_to_the_interpreter() -> None:
    libc = Path("/lib/x86_64-linux-gnu/libc.so.6")
    assert place(libc) == PurePosixPath("lib/x86_64-linux-gnu/libc.so.6")
    assert place(Path("/opt/python/lib/libpython3.12.so.1.0")) == (
        PurePosixPath("var/lang/lib/libpython3.12.so.1.0")
    )
