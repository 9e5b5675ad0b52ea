import pytest

from skafu.metrics.query.parsing import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_SIGNS,
    Binary,
    Call,
    ExpressionError,
    Negative,
    Node,
    Number,
    Reference,
    parse,
    references,
)


def spelled(node: Node) -> str:
    """The tree with all its parentheses."""
    match node:
        case Number(value):
            return f"{value:g}"
        case Reference(name):
            return name
        case Negative(of):
            return f"(-{spelled(of)})"
        case Binary(sign, left, right):
            return f"({spelled(left)}{sign}{spelled(right)})"
        case Call(name, arguments):
            return f"{name}({','.join(map(spelled, arguments))})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", "a"),
        ("1.5e3 + .5 + 2.", "((1500+0.5)+2)"),
        ("a * 100 / (a + b)", "((a*100)/(a+b))"),
        ("a - b - c", "((a-b)-c)"),
        ("a + b * c % d", "(a+((b*c)%d))"),
        ("2 ^ 3 ^ 2", "(2^(3^2))"),
        ("-2 ^ 2", "(-(2^2))"),
        ("2 ^ -1", "(2^(-1))"),
        ("--a", "(-(-a))"),
        ("a - -b", "(a-(-b))"),
        ("clamp(abs(a), 0, 1)", "clamp(abs(a),0,1)"),
        ("topk(3,a)", "topk(3,a)"),
        ("min(a) + min(a, b)", "(min(a)+min(a,b))"),
        ("\n a\t+ b_2 ", "(a+b_2)"),
        ("min + 1", "(min+1)"),
    ],
)
def test_signs_bind_as_in_promql(text: str, tree: str) -> None:
    assert spelled(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at character 1: expected a number, an id, a function or (, found the end"),
        ("a +", "at character 4: expected a number, an id, a function or (, found the end"),
        ("a b", "at character 3: expected an operator or the end, found b"),
        ("(a", "at character 3: expected ), found the end"),
        ("a)", "at character 2: expected an operator or the end, found )"),
        ("a > 1", "at character 3: '>' has no place in an expression"),
        ("a + ä", "at character 5: 'ä' has no place"),
        ("rate(a)", "at character 1: there is no function rate; there are abs,"),
        ("1 + abs(a, b)", "at character 5: abs takes 1 arguments, not 2"),
        ("clamp(a, 1)", "at character 1: clamp takes 3 arguments, not 2"),
        ("min(a, b, c)", "at character 1: min takes 1 or 2 arguments, not 3"),
        ("sum()", "at character 5: expected a number"),
        ("1.2.3", "at character 4: expected an operator or the end, found .3"),
        ("2a", "at character 2: expected an operator or the end, found a"),
        ("a" * (MAX_LENGTH + 1), f"at most 1,000 characters; this has {MAX_LENGTH + 1:,}"),
        ("(" * (MAX_DEPTH + 1) + "a", f"nesting is deeper than {MAX_DEPTH}"),
        ("-" * (MAX_DEPTH + 1) + "a", f"nesting is deeper than {MAX_DEPTH}"),
        ("1" + "+1" * (MAX_SIGNS + 1), f"at most {MAX_SIGNS} operators"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert reason in str(caught.value)


def test_the_deepest_and_the_longest_are_read() -> None:
    assert parse("(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)) == Reference("a")
    long = parse("a" + "+a" * MAX_SIGNS)
    assert len(list(references(long))) == MAX_SIGNS + 1


def test_references_come_in_order_from_everywhere() -> None:
    assert list(references(parse("-b + clamp(a, 1, c ^ 2) / b"))) == ["b", "a", "c", "b"]
