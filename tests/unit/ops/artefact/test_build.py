"""Building, with programs in the places of the SAM CLI and of npm that copy what they are told to
build.
"""

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from skafu.ops.artefact.build import Tools, build
from skafu.ops.artefact.frontend import Node
from skafu.ops.artefact.manifest import read
from skafu.ops.artefact.sources import Refused
from tests.support.repositories import commit, write

SAM = """\
#!/bin/sh
set -e
if [ "$1" = --version ]; then echo "SAM CLI, version 1.2.3"; exit; fi
while [ "$1" != --build-dir ]; do shift; done
built="$2"
mkdir -p "$built/HelloFunction" "$built/PowertoolsLayer/python/other_code-1.0.dist-info"
cp template.yaml "$built"
cp backend/hello.py "$built/HelloFunction"
printf 'Name: other-code\\nVersion: 1.0\\n' > "$built/PowertoolsLayer/python/other_code-1.0.dist-info/METADATA"
test -z "$AWS_PROFILE"
mkdir backend/__pycache__ && date +%N > backend/__pycache__/hello.pyc
"""

NPM = """\
#!/bin/sh
set -e
echo "$@" >> "$SAID"
if [ "$1" = ci ]; then mkdir node_modules; exit; fi
test -d node_modules && test -z "$VITE_SECRET"
mkdir -p dist/assets && cp index.html dist && cp src/main.tsx dist/assets/main.js
"""


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What npm is told is written to this file."""
    monkeypatch.setenv("SAID", str(tmp_path / "said"))
    return tmp_path / "said"


@pytest.fixture
def tools(tmp_path: Path, npm: Path) -> Tools:
    uv = program(tmp_path / "uv", "#!/bin/sh\necho uv 4.5.6\n")
    node = Node(
        program(tmp_path / "node", "#!/bin/sh\necho v7.8.9\n"),
        program(npm.with_name("npm"), NPM),
        tmp_path / "installed",
    )
    return Tools(program(tmp_path / "sam", SAM), uv, node)


def test_an_artefact_has_each_part_and_the_bundle_has_all(
    root: Path, tmp_path: Path, tools: Tools
) -> None:
    place = build(root, tmp_path / "out", "arm64", tools)
    manifest = read(place)
    assert list(manifest.parts) == [
        "HelloFunction.zip",
        "PowertoolsLayer.zip",
        "console.zip",
        "infrastructure/foundation.yaml",
        "samconfig.toml",
        "sbom.json",
        "template.yaml",
    ]
    assert place.name == manifest.identity
    assert {name: manifest.tools[name] for name in ("node", "sam", "uv")} == {
        "node": "7.8.9",
        "sam": "1.2.3",
        "uv": "4.5.6",
    }
    with zipfile.ZipFile(f"{place}.zip") as bundle:
        assert set(bundle.namelist()) == {"manifest.json", *manifest.parts}
    assert sorted(path.name for path in place.parent.iterdir()) == [place.name, f"{place.name}.zip"]


def test_the_template_names_the_zips_and_allows_the_one_architecture(
    root: Path, tmp_path: Path, tools: Tools
) -> None:
    place = build(root, tmp_path / "out", "x86_64", tools)
    template = yaml.safe_load((place / "template.yaml").read_text())
    resources = template["Resources"]
    assert resources["HelloFunction"]["Properties"]["CodeUri"] == "HelloFunction.zip"
    assert resources["PowertoolsLayer"]["Properties"]["ContentUri"] == "PowertoolsLayer.zip"
    assert resources["Table"]["Properties"] == {"Version": "2012-10-17"}
    assert template["Globals"]["Function"] == {"Timeout": 3}
    assert template["Parameters"]["Architecture"]["AllowedValues"] == ["x86_64"]
    assert template["Parameters"]["Architecture"]["Default"] == "x86_64"


def test_the_bill_of_materials_is_part_of_it(root: Path, tmp_path: Path, tools: Tools) -> None:
    place = build(root, tmp_path / "out", "arm64", tools)
    components = json.loads((place / "sbom.json").read_text())["components"]
    assert [each["purl"] for each in components] == ["pkg:npm/a@1.0", "pkg:pypi/other-code@1.0"]


def test_the_console_is_part_of_it(root: Path, tmp_path: Path, tools: Tools) -> None:
    place = build(root, tmp_path / "out", "arm64", tools)
    with zipfile.ZipFile(place / "console.zip") as console:
        assert console.namelist() == ["assets/main.js", "index.html"]


def test_packages_are_installed_as_locked_where_others_or_none_are(
    root: Path, tmp_path: Path, tools: Tools, npm: Path
) -> None:
    build(root, tmp_path / "first", "arm64", tools)
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/.requirements").write_text(f"place {'0' * 64}")
    build(root, tmp_path / "second", "arm64", tools)
    ci = "ci --ignore-scripts --loglevel error"
    run = "run --silent build"
    assert npm.read_text().splitlines() == [ci, run, ci, run]


def test_packages_that_are_installed_are_not_installed_again(
    root: Path, tmp_path: Path, tools: Tools, npm: Path
) -> None:
    lock = hashlib.sha256((root / "frontend/package-lock.json").read_bytes()).hexdigest()
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/.requirements").write_text(f"place {lock}")
    build(root, tmp_path / "out", "arm64", tools)
    assert npm.read_text().splitlines() == ["run --silent build"]


def test_the_same_sources_are_the_same_artefact(root: Path, tmp_path: Path, tools: Tools) -> None:
    first = build(root, tmp_path / "out", "arm64", tools)
    commit(root, "A merge that changes nothing")
    bytes_before = (first / "manifest.json").read_bytes()
    assert build(root, tmp_path / "out", "arm64", tools) == first
    assert (first / "manifest.json").read_bytes() == bytes_before
    assert build(root, tmp_path / "elsewhere", "arm64", tools).name == first.name


def test_a_build_that_cannot_be_repeated_is_told(root: Path, tmp_path: Path, tools: Tools) -> None:
    first = build(root, tmp_path / "out", "arm64", tools)
    random = SAM + 'date +%s%N >> "$built/HelloFunction/hello.py"\n'
    other = replace(tools, sam=program(tmp_path / "other", random))
    with pytest.raises(Refused, match="built of the same sources and has other parts"):
        build(root, tmp_path / "out", "arm64", other)
    assert read(first)


def test_a_dirty_build_says_so_in_its_name_and_can_be_repeated(
    root: Path, tmp_path: Path, tools: Tools
) -> None:
    write(root, {"backend/hello.py": "print('hi')\n"})
    with pytest.raises(Refused, match="--dirty"):
        build(root, tmp_path / "out", "arm64", tools)
    place = build(root, tmp_path / "out", "arm64", tools, dirty=True)
    assert build(root, tmp_path / "out", "arm64", tools, dirty=True) == place
    assert read(place).dirty
    assert place.name == f"{read(place).identity}-dirty"


def test_a_failing_tool_leaves_nothing_and_is_heard(
    root: Path, tmp_path: Path, tools: Tools
) -> None:
    failing = program(tmp_path / "failing", "#!/bin/sh\necho no such layer\nexit 1\n")
    with pytest.raises(Refused, match="failing failed:\nno such layer"):
        build(root, tmp_path / "out", "arm64", replace(tools, sam=failing))
    assert not list((tmp_path / "out").iterdir())


def test_a_missing_tool_is_named(root: Path, tmp_path: Path, tools: Tools) -> None:
    missing = replace(tools, sam=str(tmp_path / "nothing"))
    with pytest.raises(Refused, match="There is no .*nothing: run make setup"):
        build(root, tmp_path / "out", "arm64", missing)


def test_nothing_of_the_callers_shell_gets_in(
    root: Path, tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("VITE_SECRET", "would be built into the console")
    assert build(root, tmp_path / "out", "arm64", tools)
