"""The language of message templates: a small part of Jinja2, checked name by name.

Values, `if`, and loops over the lists that a page has, two deep: what a template can cost is
bounded by its own length and the page's. There are no calls, no arithmetic, no assignments and
none of Jinja's global functions, so nothing in a template can loop by itself or grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from skafu.alerts.templates.environment import FILTERS, TESTS, environment
from skafu.alerts.templates.shapes import LOOP, PAGE, TEXT, Fields, Keyed, Many, Scalar, Shape

MAX_SOURCE = 4000  # characters
MAX_LOOPS = 2
MAX_NESTING = 30

type Scope = Mapping[str, Shape]

EXAMPLE = "{{ title }}"
LOOP_EXAMPLE = "{% for item in items %}{{ item.name }}: {{ item.value }}{% endfor %}"
IF_EXAMPLE = '{% if severity == "critical" %}Now!{% endif %}'
REFUSED: tuple[tuple[type[nodes.Node], str], ...] = (
    (nodes.Call, "nothing can be called; use a filter: {{ first.name | upper }}"),
    (nodes.BinExpr, "there is no arithmetic; texts are joined by ~: {{ status ~ ': ' ~ title }}"),
    (nodes.UnaryExpr, "there is no arithmetic"),
    (nodes.Assign, "nothing can be set; write the value where it is needed: {{ title }}"),
    (nodes.AssignBlock, "nothing can be set; write the value where it is needed: {{ title }}"),
    (nodes.Slice, "lists cannot be cut; loop over them: " + LOOP_EXAMPLE),
)


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line (from 1), with an example of what is right."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


def problems(source: str) -> list[Problem]:
    """What is wrong with a template; nothing where it can be used."""
    if len(source) > MAX_SOURCE:
        return [Problem(1, f"must have at most {MAX_SOURCE} characters")]
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError as error:
        return [Problem(error.lineno, f"{error.message}; an example: {EXAMPLE}")]
    except RecursionError:
        return [Problem(1, "is nested too deeply")]
    if _depth(tree) > MAX_NESTING:
        return [Problem(1, "is nested too deeply")]
    checker = _Checker()
    checker.statements(tree.body, PAGE.parts, 0)
    return checker.found


def _depth(tree: nodes.Node) -> int:
    """How many nodes stand within each other, counted without recursion."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
    return deepest


class _Checker:
    """Walks a template with what each name stands for, and collects what is wrong."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def statements(self, body: list[nodes.Node], scope: Scope, loops: int) -> None:
        """What stands between the braces, in order."""
        for node in body:
            match node:
                case nodes.Output():
                    for each in node.nodes:
                        self._output(each, scope)
                case nodes.If():
                    self._if(node, scope, loops)
                case nodes.For():
                    self._for(node, scope, loops + 1)
                case _:
                    self._refuse(node, "only values, if and for")

    def _output(self, node: nodes.Expr, scope: Scope) -> None:
        if isinstance(node, nodes.TemplateData):
            return
        match self._shape(node, scope):
            case Many():
                self._add(node, f"is a list; loop over it: {LOOP_EXAMPLE}")
            case Keyed():
                self._add(node, "has parts; name one: {{ labels.team }}")
            case Fields(parts):
                self._add(node, f"has parts; name one of {', '.join(parts)}")

    def _if(self, node: nodes.If, scope: Scope, loops: int) -> None:
        self._shape(node.test, scope)
        self.statements(node.body, scope, loops)
        for each in node.elif_:
            self._if(each, scope, loops)
        self.statements(node.else_, scope, loops)

    def _for(self, node: nodes.For, scope: Scope, loops: int) -> None:
        if loops > MAX_LOOPS:
            self._add(node, f"loops stand at most {MAX_LOOPS} deep")
        listed = self._shape(node.iter, scope)
        if not isinstance(listed, Many) or not isinstance(node.target, nodes.Name):
            self._add(
                node,
                "loops go over items, item.label_list or item.tag_list, with one name: "
                + LOOP_EXAMPLE,
            )
            return
        if node.recursive:
            self._add(node, "loops cannot be recursive")
        inner = {**scope, node.target.name: listed.of}
        if node.test is not None:
            self._shape(node.test, inner)
        self.statements(node.body, {**inner, "loop": LOOP}, loops)
        self.statements(node.else_, scope, loops)

    def _shape(self, node: nodes.Node, scope: Scope) -> Shape:
        """What an expression stands for."""
        match node:
            case nodes.Const():
                return TEXT
            case nodes.Name():
                return self._named(node, scope)
            case nodes.Getattr():
                return self._part(node, self._shape(node.node, scope), node.attr)
            case nodes.Getitem() if isinstance(node.arg, nodes.Const):
                return self._part(node, self._shape(node.node, scope), node.arg.value)
            case nodes.Filter():
                return self._filter(node, scope)
            case nodes.Test() if node.name in TESTS and not node.args:
                self._shape(node.node, scope)
                return TEXT
            case nodes.CondExpr():
                self._shape(node.test, scope)
                chosen = self._shape(node.expr1, scope)
                return chosen if node.expr2 is None else self._shape(node.expr2, scope)
            case nodes.Compare() | nodes.And() | nodes.Or() | nodes.Not() | nodes.Concat():
                return self._scalars(node, scope)
            case _:
                self._refuse(node, "this cannot be used here")
                return TEXT

    def _scalars(self, node: nodes.Node, scope: Scope) -> Shape:
        for child in node.iter_child_nodes():
            self._shape(child.expr if isinstance(child, nodes.Operand) else child, scope)
        return TEXT

    def _named(self, node: nodes.Name, scope: Scope) -> Shape:
        if node.name not in scope:
            self._add(node, f"there is no {node.name}; there are {', '.join(scope)}")
        return scope.get(node.name, TEXT)

    def _part(self, node: nodes.Node, whole: Shape, name: object) -> Shape:
        match whole:
            case Fields(parts) if name in parts:
                return parts[str(name)]
            case Fields(parts):
                self._add(node, f"there is no {name} here; there are {', '.join(parts)}")
            case Many():
                self._add(node, f"{name} is not a part of a list; loop over it: {LOOP_EXAMPLE}")
            case Scalar():
                self._add(node, f"{name} is not a part of a text or a number")
            case Keyed() if not isinstance(name, str):
                self._add(node, "labels and tags have names: {{ labels.team }}")
        return TEXT

    def _filter(self, node: nodes.Filter, scope: Scope) -> Shape:
        wanted = FILTERS.get(node.name)
        if node.node is None or wanted is None:
            self._add(node, f"there is no filter {node.name}; there are {', '.join(FILTERS)}")
            return TEXT
        filtered = self._shape(node.node, scope)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) != wanted.arguments:
            self._add(node, f"write it like this: {wanted.example}")
        for argument in node.args:
            if not isinstance(argument, nodes.Const):
                self._add(node, f"takes a plain text or number: {wanted.example}")
        if not isinstance(filtered, Scalar) and not wanted.lists:
            self._add(node, f"is for texts and numbers: {wanted.example}")
        return TEXT

    def _refuse(self, node: nodes.Node, otherwise: str) -> None:
        found = (why for kind, why in REFUSED if isinstance(node, kind))
        self._add(node, next(found, f"{otherwise}: {EXAMPLE}, {IF_EXAMPLE}, {LOOP_EXAMPLE}"))

    def _add(self, node: nodes.Node, sentence: str) -> None:
        self.found.append(Problem(node.lineno, sentence))
