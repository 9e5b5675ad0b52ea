"""What a stack's parameters are, by where infrastructure/stacks.yaml says that they come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import Environment, above
from skafu.ops.stacks.book import APPLICATION, Account, Book, Source, Stack, stack_name_of


@dataclass(frozen=True)
class Place:
    """An account that stacks are in; `environment` is the one that lives there. `replica`: the
    region that takes over, if there is one.
    """

    account: Account
    home: str
    replica: str | None
    environment: Environment | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.environment.name if self.environment else self.account

    def region(self, called: str) -> str | None:
        """A region as AWS calls it; None for a replica's where there is none."""
        return {"home": self.home, "replica": self.replica}.get(called, called)

    def regions(self, stack: Stack) -> tuple[str, ...]:
        """Where a stack is, each once; nowhere when it has no use here."""
        if self.account not in stack.accounts or not self._uses(stack):
            return ()
        found = (self.region(each) for each in stack.regions)
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _uses(self, stack: Stack) -> bool:
        return stack.when is None or bool(self.field(stack.when))

    def field(self, path: str) -> object:
        """A field of the environment's file; None without an environment, and where a part of the
        way is not set. Raises Refused when there is no such field.
        """
        found: object = self.environment
        for part in path.split("."):
            if found is None:
                return None
            name = "lambda_" if part == "lambda" else part
            if not hasattr(found, name):
                raise Refused(f"An environment has no field {path}.")
            found = getattr(found, name)
        return found


def place_of(book: Book, account: Account, environment: Environment | None = None) -> Place:
    """Of an environment, or of an account that is none's."""
    if environment is None:
        return Place(account, book.regions["home"], book.regions.get("replica"))
    replica = environment.dynamodb.replica_region
    return Place(account, environment.region, replica, environment)


@dataclass(frozen=True)
class Wanted:
    """An output that is looked for: of a stack by CloudFormation's name."""

    account: Account
    region: str
    stack: str
    output: str

    def __str__(self) -> str:
        return f"{self.stack}'s output {self.output} ({self.account} account, {self.region})"


type Look = Callable[[Wanted], str | None]
"""Reads an output; None when the stack or its output is not there, or nobody may look."""


@dataclass(frozen=True)
class Found:
    """Parameters with their values, and why others have none (a sentence each); `demanded` are
    those of the latter without which nothing may be deployed.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)
    demanded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finder:
    """Finds values for a place, in one of its regions."""

    book: Book
    place: Place
    region: str
    look: Look

    def all(self, parameters: Mapping[str, Source]) -> Found:
        """Of these parameters. Raises Refused for a field that environments do not have."""
        values, lacking, demanded = {}, {}, {}
        for name, source in parameters.items():
            if not self._is_asked(source):
                continue
            value = self._one(source)
            if value is not None:
                values[name] = value
            elif source.demanded:
                demanded[name] = f"{source.when} is set, and there is no {self._wanted(source)}"
            else:
                lacking[name] = self._why(source)
        return Found(values, lacking, demanded)

    def _is_asked(self, source: Source) -> bool:
        if source.only is not None and self.place.region(source.only) != self.region:
            return False
        return source.when is None or bool(self.place.field(source.when))

    def _one(self, source: Source) -> str | None:
        if source.output is not None:
            found = self.look(self._wanted(source))
            return None if found is None else found + source.suffix
        if source.environment is not None:
            return _text(self.place.field(source.environment))
        return source.value if source.told is None else self._told(source.told)

    def _told(self, what: str) -> str | None:
        place = self.place
        return {
            "place": place.name,
            "above": above(place.name) or "",
            "home": place.home,
            "replica": place.replica,
            "region": self.region,
            "account": place.environment.account if place.environment else None,
        }[what]

    def _wanted(self, source: Source) -> Wanted:
        stack, output = (source.output or ".").split(".")
        account = source.account or self.place.account
        region = self.place.region(source.region) if source.region else self._region(stack)
        return Wanted(account, region or self.region, self._name(stack), output)

    def _region(self, stack: str) -> str | None:
        """Beside who asks where it can be, else where it is first."""
        if stack == APPLICATION:
            return self.region
        regions = [self.place.region(each) for each in self.book.stack(stack).regions]
        return self.region if self.region in regions else regions[0]

    def _name(self, stack: str) -> str:
        if stack != APPLICATION:
            return stack_name_of(stack)
        environment = self.place.environment
        return environment.stack_name if environment else APPLICATION

    def _why(self, source: Source) -> str:
        if source.output is not None:
            return f"there is no {self._wanted(source)}"
        if source.environment is not None:
            return f"{source.environment} is not set in the environment's file"
        return source.operator or "there is none here"


def _text(value: object) -> str | None:
    """As CloudFormation takes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)
