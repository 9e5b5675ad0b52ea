"""Tell how a commit was reviewed: the pull request that it was merged by, who wrote it, and what
each reviewer said last.

GitHub's API is asked through its own program, `gh`, which knows how to sign in; in a workflow
GH_TOKEN is enough, with `pull-requests: read`.
"""

import argparse
import json
import subprocess  # nosec B404: it runs gh
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.review import Opinion, Review

OPINIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
"""What a comment alone (COMMENTED, PENDING) does not change."""

type Api = Callable[[str], Any]
"""GETs all pages of a path of GitHub's API, as a list of pages. Raises Refused."""


def gh(program: str) -> Api:
    """Asks GitHub through a program; {owner} and {repo} are those of the work tree, or of
    GH_REPO.
    """

    def ask(path: str) -> Any:
        line = [program, "api", "--paginate", "--slurp", path]
        try:
            # A fixed program, and no shell.
            done = subprocess.run(line, capture_output=True, text=True, check=False)  # nosec B603
        except FileNotFoundError as error:
            raise Refused(f"There is no {program}: GitHub cannot be asked.") from error
        if done.returncode:
            raise Refused(f"GitHub does not tell of {path}: {done.stderr.strip()}")
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise Refused(f"GitHub's answer about {path} is no JSON.") from error

    return ask


def review_of(commit: str, api: Api) -> Review:
    """How a commit was reviewed. Raises Refused when no pull request was merged as this commit, and
    for answers of another shape.
    """
    try:
        pulls = _all(api(f"repos/{{owner}}/{{repo}}/commits/{commit}/pulls"))
        merged = [
            each for each in pulls if each["merged_at"] and each["merge_commit_sha"] == commit
        ]
        if not merged:
            raise Refused(f"No pull request was merged as {commit}: nobody has reviewed it.")
        pull = merged[-1]
        place = f"repos/{{owner}}/{{repo}}/pulls/{pull['number']}"
        commits, reviews = _all(api(f"{place}/commits")), _all(api(f"{place}/reviews"))
        return Review(
            commit=commit,
            pull_request=pull["number"],
            url=pull["html_url"],
            head=pull["head"]["sha"],
            authors=tuple(sorted({pull["user"]["login"], *_authors(commits)})),
            opinions=_opinions(reviews),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"GitHub's answer about {commit} is not understood: {error}") from error


def _all(pages: Any) -> list[Any]:
    return [each for page in pages for each in page]


def _authors(commits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Whoever wrote a commit or put it there; None is somebody whom GitHub does not know."""
    for each in commits:
        for role in ("author", "committer"):
            # GitHub's own committer of what is edited in a browser.
            if each.get(role) and each[role].get("login") not in (None, "web-flow"):
                yield str(each[role]["login"])


def _opinions(reviews: Sequence[Mapping[str, Any]]) -> dict[str, Opinion]:
    """The last opinion of each; GitHub tells them in the order in which they were given."""
    return {
        each["user"]["login"]: Opinion(state=each["state"], commit=each["commit_id"])
        for each in reviews
        if each["state"] in OPINIONS and each["user"]
    }


def main(arguments: Sequence[str], connect: Callable[[str], Api] = gh) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops review",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--commit", required=True, metavar="SHA", help="the full one")
    parser.add_argument("--report", required=True, type=Path, metavar="FILE")
    parser.add_argument("--gh", default="gh", metavar="PROGRAM", help="(%(default)s)")
    options = parser.parse_args(arguments)
    try:
        review = review_of(options.commit, connect(options.gh))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    options.report.write_text(review.model_dump_json(indent=2) + "\n", encoding="utf-8")
    said = ", ".join(f"{name}: {each.state}" for name, each in review.opinions.items())
    print(f"#{review.pull_request} by {', '.join(review.authors)}; {said or 'no review'}")
    return 0
