"""See whether the service is well: `smoke`, as everybody runs it."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from skafu.ops.artefact.accounts import Account
from skafu.ops.terminal import Operator


def failures(
    account: Account, environment: str, stack: str, operator: Operator, only: Sequence[str]
) -> Sequence[str]:
    """What failed, in words: of all checks of `smoke`, or of the named ones; nothing when all
    passed.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "smoke.json"
        line = [sys.executable, "-m", "skafu.ops", "smoke", "--environment", environment]
        line += ["--stack", stack, "--report", str(report)]
        line += [word for name in only for word in ("--only", name)]
        code = operator.program(line, account.variables())
        if code == 0:
            return ()
        if not report.exists():
            return (f"smoke ended with {code} and without a report.",)
        checks = json.loads(report.read_text(encoding="utf-8"))["checks"]
    failed = [f"{each['name']}: {each['detail']}" for each in checks if not each["passed"]]
    return failed or (f"smoke ended with {code}.",)
