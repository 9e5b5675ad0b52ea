"""`python -m local.sam_local [options of sam local start-api]`, or `... image`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local.home import ROOT, Home, Refused
from local.sam_local import base_image, serve
from local.sam_local.engine import Engine, socket_path

REQUIREMENTS = ("lambda.txt", "sam-local-image.txt")


def main(arguments: Sequence[str]) -> int:
    """Serve, or make the stand-in image; returns the exit status."""
    try:
        engine = Engine(socket_path(os.environ))
        if list(arguments) == ["image"]:
            files = [ROOT / "requirements" / name for name in REQUIREMENTS]
            name = base_image.make(engine, files, Path(sys.executable).with_name("uv"))
            print(f"Made {name} of this machine: use it with SAM_LOCAL_IMAGE={name}.")
            return 0
        home = Home.from_environment()
        return serve.serve(home, engine, serve.port_of(os.environ), arguments)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
