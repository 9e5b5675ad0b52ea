"""Nothing that is generated is stale, and samconfig.toml says what the CLI needs and no more."""

import tomllib
from typing import Any

import pytest

from skafu.ops import configuration, data_model, openapi
from skafu.ops.generated import ROOT, Generated
from skafu.shared.access_patterns import ACCESS_PATTERNS

type Json = dict[str, Any]
STACKS = {
    "local": "skafu-local",
    "development": "skafu-dev",
    "staging": "skafu-staging",
    "production": "skafu-prod",
}


@pytest.fixture
def samconfig() -> Json:
    return tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))


@pytest.mark.parametrize("page", configuration.generated(ROOT), ids=lambda page: str(page.path))
def test_what_the_environments_decide_is_up_to_date(page: Generated) -> None:
    assert not page.is_stale(ROOT), "run python -m skafu.ops environments"


def test_the_data_model_is_up_to_date() -> None:
    page = Generated(data_model.PATH, data_model.document(ACCESS_PATTERNS))
    assert not page.is_stale(ROOT), "run python -m skafu.ops data-model"


def test_the_api_s_document_is_up_to_date() -> None:
    assert not openapi.generated().is_stale(ROOT), "run python -m skafu.ops openapi"


def test_the_environments_differ_for_the_cli_in_names_alone(samconfig: Json) -> None:
    del samconfig["version"]
    assert set(samconfig) == set(STACKS)
    for name, stack in STACKS.items():
        assert samconfig[name] == {
            "global": {
                "parameters": {
                    "stack_name": stack,
                    "region": "us-east-1",
                    "parameter_overrides": f"Environment={name}",
                }
            },
            "build": {"parameters": {"cached": True, "parallel": True}},
            "validate": {"parameters": {"lint": True}},
            "deploy": {
                "parameters": {
                    "capabilities": "CAPABILITY_IAM",
                    "resolve_s3": True,
                    "s3_prefix": stack,
                    "confirm_changeset": name != "local",
                    "fail_on_empty_changeset": False,
                    "tags": f"project=skafu environment={name} team=skafu",
                }
            },
        }
