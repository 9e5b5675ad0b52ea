import json

from tests.support.evaluation_cases import FILE, document, outcome


def test_the_console_is_held_to_what_the_engine_does() -> None:
    """If this fails, the engine decides otherwise than it did: `python -m
    tests.support.evaluation_cases` writes the file anew, and the console's tests tell what its
    evaluator lacks.
    """
    assert FILE.read_text(encoding="utf-8") == document()


def test_the_examples_have_changes_of_every_kind() -> None:
    found = [
        (change["from"], change["to"], change["level"] > change["fromLevel"])
        for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]
        for change in case["changes"]
    ]

    assert len({(source, target) for source, target, _ in found}) >= 7
    assert ("ALARM", "ALARM", True) in found
    assert ("ALARM", "ALARM", False) in found


def test_an_example_made_by_hand_is_as_one_would_reckon() -> None:
    found = outcome({"evaluation_periods": 2, "datapoints_to_alarm": 2}, [11, 11, 5])

    assert [(x["from"], x["to"]) for x in found["changes"]] == [
        ("INSUFFICIENT_DATA", "ALARM"),
        ("ALARM", "OK"),
    ]
    assert found["pages"] == 1
