"""Where what runs is not what was recorded: a deployment that died before it was recorded, one that
is under way, or aliases that were moved by hand.
"""

from collections.abc import Iterator, Mapping

from skafu.ops.release.observed import Alias
from skafu.ops.release.record import FunctionVersion


def drift(recorded: Mapping[str, FunctionVersion], aliases: Mapping[str, Alias]) -> Iterator[str]:
    """A sentence for each function, both by logical id; none where all is as recorded."""
    for name in sorted(recorded.keys() | aliases.keys()):
        wanted, alias = recorded.get(name), aliases.get(name)
        if alias is None:
            yield f"{name} was recorded and is not there"
        elif wanted is None:
            yield f"{name} runs version {alias.version} and was not recorded"
        elif alias.version != wanted.version or alias.function != wanted.name:
            yield f"{name} runs version {alias.version}, recorded is {wanted.version}"
        if alias is not None:
            yield from (f"{name}: {share}" for share in shifting(alias))


def shifting(alias: Alias) -> Iterator[str]:
    """Which share of the calls other versions get."""
    for version, share in sorted(alias.shares.items()):
        yield f"{share:.0%} of the calls go to version {version}"
