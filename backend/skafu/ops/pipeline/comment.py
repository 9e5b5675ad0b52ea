"""Comment on a pull request with a report, and on the next push say the new one in the same place.

Needs GITHUB_TOKEN (a job's own, with `pull-requests: write`) and GITHUB_REPOSITORY, as GitHub's
runners set it.
"""

import argparse
import http.client
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skafu.ops import alerts_client
from skafu.ops.alerts_client import Fetch
from skafu.ops.artefact.sources import Refused

MOST = 60_000
"""Characters of a comment; GitHub takes 65,536."""
PAGE = 100
PAGES = 30
NEEDED = ("GITHUB_TOKEN", "GITHUB_REPOSITORY")


@dataclass(frozen=True)
class PullRequest:
    """Its comments, by GitHub's API at `base` (https://api.github.com/repos/ORG/REPO)."""

    base: str
    number: int
    token: str
    fetch: Fetch

    def comments(self) -> Iterator[dict[str, Any]]:
        """All of them, oldest first. Raises Refused."""
        for page in range(1, PAGES + 1):
            path = f"/issues/{self.number}/comments?per_page={PAGE}&page={page}"
            found = self._ask("GET", path)
            yield from found
            if len(found) < PAGE:
                return

    def say(self, text: str) -> None:
        """A new comment. Raises Refused."""
        self._ask("POST", f"/issues/{self.number}/comments", {"body": text})

    def say_instead(self, comment: int, text: str) -> None:
        """Another text for a comment. Raises Refused."""
        self._ask("PATCH", f"/issues/comments/{comment}", {"body": text})

    def _ask(self, method: str, path: str, document: object = None) -> Any:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": "skafu",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        body = None if document is None else json.dumps(document).encode()
        try:
            answer = self.fetch(method, self.base + path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise Refused(f"GitHub does not answer: {error}") from error
        if not 200 <= answer.status < 300:
            raise Refused(f"GitHub refuses to {method} {path}: status {answer.status}")
        return json.loads(answer.body)


def main(
    arguments: Sequence[str],
    variables: Mapping[str, str] = os.environ,
    fetch: Fetch = alerts_client.fetch,
) -> int:
    """The command; its exit code."""
    options = parser().parse_args(arguments)
    try:
        if missing := [name for name in NEEDED if not variables.get(name)]:
            raise Refused(f"{' and '.join(missing)} must be set.")
        api = variables.get("GITHUB_API_URL", "https://api.github.com")
        base = f"{api}/repos/{variables['GITHUB_REPOSITORY']}"
        request = PullRequest(base, options.pull_request, variables["GITHUB_TOKEN"], fetch)
        print(put(request, options.name, options.report.read_text(encoding="utf-8")))
    except (Refused, OSError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command reads."""
    found = argparse.ArgumentParser(
        prog="python -m skafu.ops comment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--pull-request", required=True, type=int, metavar="NUMBER")
    found.add_argument("--report", required=True, type=Path, metavar="FILE", help="Markdown")
    found.add_argument("--name", required=True, help="of the report; one comment for each")
    return found


def put(request: PullRequest, name: str, report: str) -> str:
    """Comment, or change the comment that is there; what was done. Raises Refused."""
    mark = f"<!-- skafu: {name} -->"
    text = f"{mark}\n{shortened(report)}"
    for comment in request.comments():
        # A person who quotes the comment keeps what they wrote.
        if comment["user"]["type"] == "Bot" and comment["body"].startswith(mark):
            request.say_instead(comment["id"], text)
            return f"The comment {name} says the new report."
    request.say(text)
    return f"Commented: {name}."


def shortened(report: str) -> str:
    """As much as a comment takes, in whole lines, and that there was more."""
    if len(report) <= MOST:
        return report
    kept = report[:MOST].rpartition("\n")[0]
    return f"{kept}\n\n**The report is longer than a comment; the job has all of it.**\n"
