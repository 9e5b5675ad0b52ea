"""Expressions as clients write them, read into a tree by recursive descent.

sum     = product (("+" | "-") product)*
product = signed (("*" | "/" | "%") signed)*
signed  = "-" signed | power
power   = atom ("^" signed)?                so -2^2 is -4, and 2^3^2 is 2^9
atom    = number | id | name "(" sum ("," sum)* ")" | "(" sum ")"
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LENGTH = 1_000
MAX_DEPTH = 50
MAX_SIGNS = 100
"""How many signs and calls: a chain of them is a deep tree, too."""

ARITIES = {
    "abs": (1, 1),
    "ceil": (1, 1),
    "floor": (1, 1),
    "round": (1, 1),
    "sqrt": (1, 1),
    "ln": (1, 1),
    "log10": (1, 1),
    "min": (1, 2),
    "max": (1, 2),
    "clamp": (3, 3),
    "sum": (1, 1),
    "avg": (1, 1),
    "topk": (2, 2),
    "bottomk": (2, 2),
}
"""The functions, and how few and how many arguments each takes."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>[-+*/%^(),])|(?P<end>$)|(?P<wrong>.))",
    re.ASCII | re.DOTALL,
)


class ExpressionError(ValueError):
    """What is wrong with an expression, and at which of its characters (the first is 1)."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(f"at character {at}: {reason}")


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Reference:
    """The answer of another query."""

    id: str


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus sign before something."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two things and a sign between them; `at` is the sign's place."""

    sign: str
    left: "Node"
    right: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of ARITIES with as many arguments as it takes; `at` is its place."""

    name: str
    arguments: tuple["Node", ...]
    at: int


type Node = Number | Reference | Negative | Binary | Call


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Read an expression. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        reason = f"an expression has at most {MAX_LENGTH:,} characters; this has {len(text):,}"
        raise ExpressionError(MAX_LENGTH + 1, reason)
    tokens = list(_tokens(text))
    signs = [token for token in tokens if token.kind == "sign" and token.text not in "),"]
    if len(signs) > MAX_SIGNS:
        reason = f"an expression has at most {MAX_SIGNS} operators and calls"
        raise ExpressionError(signs[MAX_SIGNS].at, reason)
    return _Parser(tokens).whole()


def references(node: Node) -> Iterator[str]:
    """The ids that an expression names, in its order."""
    match node:
        case Reference(name):
            yield name
        case Negative(of):
            yield from references(of)
        case Binary(_, left, right):
            yield from references(left)
            yield from references(right)
        case Call(_, arguments):
            for each in arguments:
                yield from references(each)


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while found := _TOKEN.match(text, place):
        kind = found.lastgroup or ""
        token = _Token(kind, found[kind], found.start(kind) + 1)
        if kind == "wrong":
            raise ExpressionError(token.at, f"{token.text!r} has no place in an expression")
        yield token
        if kind == "end":
            return
        place = found.end()


class _Parser:
    """One expression; `_place` is the token that comes next."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        """The tree of all of it."""
        found = self._sum()
        if self._next.kind != "end":
            raise self._expected("an operator or the end")
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, signs: str) -> _Token | None:
        """The next token, if it is one of these signs."""
        token = self._next
        if token.kind != "sign" or token.text not in signs:
            return None
        self._place += 1
        return token

    def _sum(self) -> Node:
        found = self._product()
        while sign := self._take("+-"):
            found = Binary(sign.text, found, self._product(), sign.at)
        return found

    def _product(self) -> Node:
        found = self._signed()
        while sign := self._take("*/%"):
            found = Binary(sign.text, found, self._signed(), sign.at)
        return found

    def _signed(self) -> Node:
        """Everything that nests comes through here."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(self._next.at, f"nesting is deeper than {MAX_DEPTH}")
        found = Negative(self._signed()) if self._take("-") else self._power()
        self._depth -= 1
        return found

    def _power(self) -> Node:
        found = self._atom()
        if sign := self._take("^"):
            return Binary(sign.text, found, self._signed(), sign.at)
        return found

    def _atom(self) -> Node:
        token = self._next
        if token.kind == "number":
            self._place += 1
            return Number(float(token.text))
        if token.kind == "name":
            self._place += 1
            return self._call(token) if self._take("(") else Reference(token.text)
        if self._take("("):
            found = self._sum()
            self._close()
            return found
        raise self._expected("a number, an id, a function or (")

    def _call(self, name: _Token) -> Node:
        if name.text not in ARITIES:
            known = ", ".join(ARITIES)
            raise ExpressionError(name.at, f"there is no function {name.text}; there are {known}")
        arguments = [self._sum()]
        while self._take(","):
            arguments.append(self._sum())
        self._close()
        few, many = ARITIES[name.text]
        if not few <= len(arguments) <= many:
            takes = str(few) if few == many else f"{few} or {many}"
            reason = f"{name.text} takes {takes} arguments, not {len(arguments)}"
            raise ExpressionError(name.at, reason)
        return Call(name.text, tuple(arguments), name.at)

    def _close(self) -> None:
        if not self._take(")"):
            raise self._expected(")")

    def _expected(self, what: str) -> ExpressionError:
        token = self._next
        found = "the end" if token.kind == "end" else token.text
        return ExpressionError(token.at, f"expected {what}, found {found}")
