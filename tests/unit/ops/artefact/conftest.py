"""A small repository with everything that an artefact is made of."""

from pathlib import Path

import pytest

from tests.support.repositories import repository

TEMPLATE = """\
Parameters:
  Architecture: {Type: String, AllowedValues: [arm64, x86_64], Default: arm64}
Globals:
  Function: {CodeUri: backend/, Timeout: 3}
Resources:
  HelloFunction: {Type: AWS::Serverless::Function, Properties: {CodeUri: HelloFunction, Handler: a.b}}
  PowertoolsLayer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: PowertoolsLayer}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {Version: "2012-10-17"}}
"""
FILES = {
    ".gitignore": "__pycache__/\n",
    "README.md": "Not part of it.\n",
    "template.yaml": TEMPLATE,
    "samconfig.toml": "version = 0.1\n",
    "backend/hello.py": "print('hello')\n",
    "backend/skafu/data_format.json": '{"writes": 2, "reads": [1, 2]}\n',
    "layers/powertools/requirements.txt": "other-code==1.0 \\\n    --hash=sha256:00\n",
    "environments/local.yaml": "name: local\n",
    "infrastructure/foundation.yaml": "Resources: {}\n",
    "requirements/sam.txt": "aws-sam-cli==1\n",
    "frontend/.npmrc": "fund=false\n",
    "frontend/index.html": "<!doctype html>\n",
    "frontend/package-lock.json": '{"packages": {"": {}, "node_modules/a": {"version": "1.0"}}}\n',
    "frontend/package.json": "{}\n",
    "frontend/public/robots.txt": "\n",
    "frontend/src/main.tsx": "\n",
    "frontend/vite.config.ts": "\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", FILES)
