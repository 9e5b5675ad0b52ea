"""Which account the credentials are for, and what other accounts' stacks tell."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.observed import stack_of
from skafu.ops.stacks.values import Place, Wanted


@dataclass(frozen=True)
class Reach:
    """Accounts that can be asked: the one that stacks are deployed to, and by AWS profile those of
    others, by what they are (`security`, for instance).
    """

    account: Account
    place: Place
    profiles: Mapping[str, str]

    def within(self, region: str) -> Account:
        """The account, in a region."""
        return replace(self.account, where={**self.account.where, "region_name": region})

    def look(self, wanted: Wanted) -> str | None:
        """An output; None when there is none, and where the account cannot be asked."""
        profile = self.profiles.get(wanted.account)
        if wanted.account != self.place.account and profile is None:
            return None
        found = stack_of(self.within(wanted.region).of_profile(profile), wanted.stack)
        return None if found is None else found.outputs.get(wanted.output)

    def identity(self) -> str:
        """The account that the credentials are for. Raises Refused when nobody says."""
        try:
            return str(self.account.client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise Refused(f"There are no credentials that work: {error}") from error

    def refuse_another(self, meant: str | None) -> str:
        """The account's id, when it is the one that is `meant`: with `--account`, or by the
        environment's file. Raises Refused when it is not.
        """
        found = self.identity()
        environment = self.place.environment
        said = environment.account if environment else None
        wanted = meant or said
        if wanted is not None and found != wanted:
            by = "--account" if meant else f"environments/{self.place.name}.yaml"
            raise Refused(
                f"The credentials are those of account {found}, and {by} says {wanted}. Write "
                f"the account's id there, or say --account {found} if that one is meant."
            )
        return found
