"""What `sam build` makes, made by the rules that it calls: the metrics function's slice and the
layer for this machine, and the interpreter that has only what Lambda's runtime has.
"""

import os
import platform
import shutil
import subprocess  # nosec B404 # it calls the rules that sam build calls
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / ".local" / "bench"
INTERPRETER = ROOT / ".local" / "tools" / "lambda" / "bin" / "python"
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
ENVIRONMENT = {
    "TABLE_NAME": "skafu-bench",
    "ENVIRONMENT": "production",
    "CORS_ORIGIN": "https://console.example.com",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "skafu",
    "POWERTOOLS_METRICS_NAMESPACE": "skafu",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "x" * 40,
    "AWS_SESSION_TOKEN": "t" * 800,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "skafu-bench-metrics",
    "HOME": "/nonexistent",
}
"""What a function finds in its environment; the credentials are nobody's."""


@dataclass(frozen=True)
class Artifacts:
    """Folders as they are unpacked to /var/task and /opt/python."""

    function: Path
    layer: Path

    def environment(self, *more: Path) -> dict[str, str]:
        """Variables for `INTERPRETER`: these folders, and more behind them, are importable."""
        folders = (self.function, self.layer, *more)
        return {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join(map(str, folders))}


@cache
def build() -> Artifacts:
    """Build both. Raises CalledProcessError where a rule fails."""
    made = Artifacts(TARGET / "MetricsFunction", TARGET / "PowertoolsLayer" / "python")
    architecture = ARCHITECTURES[platform.machine()]
    _make(ROOT / "backend", "Makefile", made.function)
    _make(ROOT / "layers" / "powertools" / architecture, "../Makefile", made.layer.parent)
    return made


def _make(folder: Path, makefile: str, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    rule = f"build-{target.name}"
    subprocess.run(  # nosec B603 B607 # make is found as people find it
        ["make", "--silent", "--directory", folder, "--file", makefile, rule],
        env={**os.environ, "ARTIFACTS_DIR": str(target)},
        stdout=sys.stderr,
        check=True,
    )


def zipped(folder: Path) -> int:
    """Bytes of the folder as the archive that is uploaded."""
    archive = TARGET / f"{folder.name}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as found:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found.write(path, path.relative_to(folder))
    return archive.stat().st_size
