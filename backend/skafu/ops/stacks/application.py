"""What the application's own stack is told of the stacks beside it: the entry `application` of
infrastructure/stacks.yaml, looked up in the environment's account.
"""

from collections.abc import Sequence
from pathlib import Path

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import load as environments
from skafu.ops.generated import ROOT
from skafu.ops.stacks.book import Book
from skafu.ops.stacks.book import load as load_book
from skafu.ops.stacks.reaching import Reach
from skafu.ops.stacks.values import Finder, Found, Look, Place, place_of

LOCAL = "local"


def found(book: Book, place: Place, region: str, look: Look) -> Found:
    """Its parameters in a region, as far as they are there."""
    return Finder(book, place, region, look).all(book.application.parameters)


def beside(
    account: Account, environment: str, region: str, told: Sequence[str], root: Path = ROOT
) -> dict[str, str]:
    """Values for a deployment to an environment; those that are `told` as NAME=VALUE are nobody
    else's to say. Nothing on the embedded AWS of this checkout, which has the application alone.

    Raises Refused, in a sentence, for what the environment's file demands and no stack has.
    """
    if environment == LOCAL:
        return {}
    book = load_book(root)
    known = next(x for x in environments(root / "environments") if x.name == environment)
    place = place_of(book, "environment", known)
    seen = found(book, place, region, Reach(account, place, {}).look)
    known_anyway = {each.split("=", 1)[0] for each in told}
    lacking = {name: why for name, why in seen.demanded.items() if name not in known_anyway}
    if lacking:
        reasons = "\n".join(f"  {name}: {why}" for name, why in lacking.items())
        raise Refused(
            f"environments/{environment}.yaml asks for what is not there:\n{reasons}\n"
            "Deploy it (`stacks deploy`), or say it with --parameter."
        )
    return dict(seen.values)
