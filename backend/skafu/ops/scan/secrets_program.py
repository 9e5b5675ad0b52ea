"""Run by checkov's own Python (.local/tools/checkov), which has detect-secrets; in one process,
because its own command starts one for each file.

Reads names of files, one a line, and prints a JSON list: `file`, `line` and `kind` of whatever
looks like a secret. It asks nobody whether it is one.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.settings import transient_settings

KEYWORDS = "KeywordDetector"
ELSEWHERE = (".py", ".yaml")
"""Files where other scanners look for a password beside its name, and know the language: bandit
(B105 to B107), checkov (CKV_AWS_45, CKV_AWS_384).
"""
FILTERS = (
    "detect_secrets.filters.allowlist.is_line_allowlisted",
    "detect_secrets.filters.common.is_invalid_file",
    "detect_secrets.filters.heuristic.is_non_text_file",
    "detect_secrets.filters.heuristic.is_sequential_string",
    "detect_secrets.filters.heuristic.is_templated_secret",
)


def plugins(*, keywords: bool) -> list[dict[str, str]]:
    """All detectors, or all but the one for words like `password`."""
    names = sorted(each.__name__ for each in get_mapping_from_secret_type_to_class().values())
    return [{"name": name} for name in names if keywords or name != KEYWORDS]


def found(files: list[str], *, keywords: bool) -> Iterator[dict[str, str | int]]:
    """What looks like a secret in these files."""
    settings = {
        "plugins_used": plugins(keywords=keywords),
        "filters_used": [{"path": path} for path in FILTERS],
    }
    with transient_settings(settings):
        for file in files:
            for secret in scan_file(file):
                yield {"file": file, "line": secret.line_number, "kind": secret.type}


def main() -> None:
    files = sys.stdin.read().splitlines()
    known = [each for each in files if Path(each).suffix in ELSEWHERE]
    others = [each for each in files if Path(each).suffix not in ELSEWHERE]
    json.dump([*found(known, keywords=False), *found(others, keywords=True)], sys.stdout)


if __name__ == "__main__":
    main()
