"""docs/architecture.md names what is there, and its diagrams show what the templates say."""

import re
from functools import cache
from typing import Any

import pytest

from skafu.ops.architecture import command
from skafu.ops.architecture.flows import Arrow, Kind, Reader, names_in
from skafu.ops.generated import ROOT
from tests.support.transformed import transformed, written

PAGE = ROOT / command.PAGE
TEXT = PAGE.read_text("utf-8")
TABLES = TEXT.partition("## Line by line")[2]
NAMED = re.compile(r"`((?:infrastructure/)?[a-z-]+\.yaml):([A-Za-z0-9]+)`")
LINKS = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")
SECTIONS = ("Resources", "Parameters", "Mappings", "Conditions", "Outputs")


@cache
def anchors(path: str) -> frozenset[str]:
    """The headings of a page, as GitHub links to them."""
    lines = (PAGE.parent / path).read_text("utf-8").splitlines()
    headings = [each.lstrip("#").strip().lower() for each in lines if each.startswith("#")]
    return frozenset(re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in headings)


@cache
def names_of(template: str) -> frozenset[str]:
    """Everything in a template that has a name."""
    found = written(template)
    return frozenset(name for section in SECTIONS for name in found.get(section) or ())


@pytest.mark.parametrize(("template", "name"), sorted(set(NAMED.findall(TEXT))))
def test_every_resource_that_is_named_is_there(template: str, name: str) -> None:
    assert name in names_of(template)


@pytest.mark.parametrize(("path", "anchor"), sorted(set(LINKS.findall(TEXT))))
def test_every_file_and_heading_that_is_linked_is_there(path: str, anchor: str) -> None:
    assert (PAGE.parent / path).exists()
    assert not anchor or anchor in anchors(path)


def test_every_line_says_where_it_is_or_that_it_is_not() -> None:
    rows = [each for each in TABLES.splitlines() if each.startswith("| ")]
    lines = [each for each in rows if not each.startswith("| asked for")]
    assert len(lines) > 80
    for line in lines:
        _, asked, where, _ = re.split(r"(?<!\\)\|", line)
        told = ("`", "](", "*instead*", "*not built*")
        assert asked.strip() and any(each in where for each in told), line


def test_diagrams_and_tables_are_up_to_date() -> None:
    assert not [each.path for each in command.generated(ROOT) if each.is_stale(ROOT)]


def test_the_way_of_a_point_is_in_the_diagram() -> None:
    arrows = set(Reader(transformed("production")["Resources"]).arrows())
    assert {
        Arrow("ConsoleDistribution", "SkafuApi", Kind.WAKES),
        Arrow("SkafuApi", "MetricsFunction", Kind.WAKES),
        Arrow("MetricsFunction", "SkafuTable", Kind.WRITES),
        Arrow("SkafuTable", "AlertEvaluatorFunction", Kind.WAKES),
        Arrow("AlertEvaluatorFunction", "DeliveriesQueue", Kind.WRITES),
        Arrow("DeliveriesQueue", "AlertNotifierFunction", Kind.WAKES),
        Arrow("AlertNotifierFunction", "AlertsTopic", Kind.WRITES),
        Arrow("Schedule", "MetricsCompactorFunction", Kind.WAKES),
    } <= arrows


def _function(name: str, *statements: Any) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    return {
        name: {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]}},
        },
        f"{name}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"Policies": [{"PolicyDocument": document}]},
        },
    }


def test_what_a_role_may_do_is_read_as_reading_or_writing() -> None:
    resources = {
        "Table": {"Type": "AWS::DynamoDB::GlobalTable"},
        "Key": {"Type": "AWS::KMS::Key"},
        "Queue": {"Type": "AWS::SQS::Queue"},
        **_function(
            "Works",
            {"Action": "dynamodb:Query", "Resource": {"Fn::GetAtt": "Table.Arn"}},
            {"Action": ["sqs:SendMessage"], "Resource": [{"Fn::Sub": "${Queue.Arn}"}]},
            {"Action": "kms:Decrypt", "Resource": {"Ref": "Key"}},
        ),
    }
    assert Reader(resources).arrows() == (
        Arrow("Table", "Works", Kind.READS),
        Arrow("Works", "Queue", Kind.WRITES),
    )


def test_who_is_woken_by_a_queue_is_not_shown_to_read_it_too() -> None:
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Works"}}},
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": "Alias"},
            },
        },
        **_function(
            "Works",
            {
                "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
                "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        ),
    }
    assert Reader(resources).arrows() == (Arrow("Queue", "Works", Kind.WAKES),)


def test_names_are_found_in_every_way_of_naming() -> None:
    node = {
        "a": [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Fn::GetAtt": "C.Arn"}],
        "b": {"Fn::Sub": ["${D.Arn}-${E}", {"E": {"Ref": "F"}}]},
        "c": {"Fn::If": ["Condition", {"Ref": "G"}, "text"]},
    }
    assert list(names_in(node)) == ["A", "B", "C", "D", "E", "F", "G"]
