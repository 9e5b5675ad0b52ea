"""Run by checkov's own Python (.local/tools/checkov), in one process for all templates of a folder:
most of checkov's time is spent on importing itself.

Prints one JSON document: `version`, `known` (the ids of all its checks) and `results`, each with
`check`, `name`, `result` (PASSED, FAILED or SKIPPED), `file` and `resource`; and `unread`, files
that it could not parse.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from checkov.cloudformation.checks.resource.registry import cfn_registry
from checkov.cloudformation.runner import Runner
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.runner_filter import RunnerFilter
from checkov.version import version


def known() -> list[str]:
    """The ids of all checks of templates, those of the graph included."""
    graph = get_graph_checks_registry("cloudformation")
    graph.load_checks()
    by_type = [check.id for checks in cfn_registry.checks.values() for check in checks]
    wild = [check.id for checks in cfn_registry.wildcard_checks.values() for check in checks]
    return sorted({*by_type, *wild, *(check.id for check in graph.checks)})


def told(record: Any) -> dict[str, str]:
    return {
        "check": record.check_id,
        "name": record.check_name,
        "result": str(record.check_result["result"].value),
        "file": Path(record.file_path).name,
        "resource": record.resource.partition(".")[2],
    }


def main(folder: str) -> None:
    logging.disable(logging.WARNING)
    found = Runner().run(root_folder=folder, runner_filter=RunnerFilter(["cloudformation"]))
    records = [*found.passed_checks, *found.failed_checks, *found.skipped_checks]
    json.dump(
        {
            "version": version,
            "known": known(),
            "results": [told(record) for record in records],
            "unread": [Path(name).name for name in found.parsing_errors],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1])
