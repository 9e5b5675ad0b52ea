"""Reports of tests, as pytest writes them (--junitxml): all passed, and those that were meant."""

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree  # nosec B405: reports are written by the pipeline itself

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report, Rule, Subject, Verdict, foreign, judged

TOLD = 5
FAILED = ("failure", "error")


def tests_of(*kinds: str) -> Rule:
    """The rule of a gate that takes tests of these kinds, which are folders below tests/: none has
    failed, and some of each kind were run. Several reports are read as one.

    Raises Refused for what is no JUnit XML, for a report without tests, one that tells of another
    number of tests than it counts, and where tests of a kind are missing or all were skipped.
    """

    def rule(reports: Sequence[Report], _: Subject) -> Verdict:
        cases = [case for report in reports for case in _cases(report)]
        failed = [_name(case) for case in cases if _has(case, *FAILED)]
        ran = Counter(_kind(case) for case in cases if not _has(case, "skipped"))
        if not failed and (missing := [kind for kind in kinds if not ran[kind]]):
            raise Refused(f"No test was run of: {', '.join(missing)}.")
        skipped = len(cases) - ran.total()
        of = ", ".join(f"{count} {kind}" for kind, count in sorted(ran.items()))
        summary = f"{ran.total()} tests passed ({of}), {skipped} skipped"
        return judged(list(_told(failed)), summary)

    return rule


def _cases(report: Report) -> list[ElementTree.Element]:
    """The tests that a report tells of."""
    try:
        root = ElementTree.fromstring(report.content)  # nosec B314: as above
    except ElementTree.ParseError as error:
        raise Refused(f"{report.name} is not a whole JUnit report: {error}.") from error
    if root.tag not in ("testsuites", "testsuite"):
        raise foreign(report, "a JUnit report")
    cases = list(root.iter("testcase"))
    # Failures decide by themselves, however a program counts a test that also failed to tidy up.
    if not any(_has(case, *FAILED) for case in cases):
        _refuse_miscounted(report, root)
    if not cases:
        raise Refused(f"{report.name} tells of no test.")
    if all(_has(case, "skipped") for case in cases):
        raise Refused(f"{report.name} tells of tests that were all skipped.")
    return cases


def _refuse_miscounted(report: Report, root: ElementTree.Element) -> None:
    for suite in root.iter("testsuite"):
        told, found = suite.get("tests"), len(suite.findall("testcase"))
        if told != str(found):
            raise Refused(f"{report.name} counts {told} tests and tells of {found}.")


def _kind(case: ElementTree.Element) -> str:
    """tests.<kind>.<...>; pytest names a module that could not be imported in the test's name."""
    place = (case.get("classname") or case.get("name") or "").split(".")
    return place[1] if len(place) > 1 and place[0] == "tests" else "other"


def _has(case: ElementTree.Element, *tags: str) -> bool:
    return any(case.find(tag) is not None for tag in tags)


def _name(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")


def _told(failed: Sequence[str]) -> Iterator[str]:
    if failed:
        more = f" and {len(failed) - TOLD} more" if len(failed) > TOLD else ""
        yield f"{len(failed)} tests failed: {', '.join(failed[:TOLD])}{more}"
