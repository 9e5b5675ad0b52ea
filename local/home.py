"""Where a running system lives: one folder and one port, so that tests run beside `make up`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".local" / "tools"
REGION = "us-east-1"
ENVIRONMENT = "local"
STACK = "skafu-local"


class Refused(Exception):
    """What was asked for cannot be done; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Home:
    """Everything of one running system is below `folder`; its AWS answers on `port` of the loopback
    interface.
    """

    folder: Path
    port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Home":
        """Read SKAFU_HOME (default .local, relative to the repository) and SKAFU_PORT (default
        4566).

        Raises Refused when the port is not a port.
        """
        found = os.environ if environment is None else environment
        port = found.get("SKAFU_PORT") or "4566"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise Refused(f"SKAFU_PORT is {port!r}, but a port is a number from 1 to 65535.")
        return cls(ROOT / (found.get("SKAFU_HOME") or ".local"), int(port))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        """What the embedded AWS saves when it stops, S3 objects included."""
        return self.folder / "state"

    @property
    def scratch(self) -> Path:
        """Temporary files of the embedded AWS: deleted when it stops."""
        return self.folder / "tmp"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def run(self) -> Path:
        """One record per running process."""
        return self.folder / "run"

    @property
    def build(self) -> Path:
        """Output of `sam build`."""
        return self.folder / "build"

    @property
    def build_cache(self) -> Path:
        """What `sam build` keeps from one time to the next."""
        return self.folder / "build-cache"

    @property
    def built(self) -> Path:
        """The fingerprint of the sources that were built last."""
        return self.folder / "built"

    @property
    def stack_file(self) -> Path:
        """Addresses, names and logins of the running system."""
        return self.folder / "stack.json"

    def aws_environment(self) -> dict[str, str]:
        """Variables that make any AWS tool talk to this system, and to nothing else."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105: the embedded AWS's root key
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
