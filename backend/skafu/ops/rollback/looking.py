"""See what a rollback starts from: AWS is asked, nothing is touched."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.observed import ALIAS, Alias, aliases_of, stack_of
from skafu.ops.release.record import Release
from skafu.ops.rollback import differences
from skafu.ops.rollback.aliases import code_of
from skafu.ops.rollback.choosing import choose
from skafu.ops.rollback.plan import Kept, Where, Plan, Seen, plan


def planned(
    account: Account, environment: str, stack: str, to: str | None, alone: Sequence[str]
) -> Plan:
    """The plan of going back: to the release `to` or the one that makes sense, of everything or of
    some functions alone.

    Raises Refused when there is no such stack or release, and when nobody can say which one.
    """
    journal = account.journal(stack)
    there = stack_of(account, stack)
    if there is None:
        raise Refused(f"There is no stack {stack} in this account and region.")
    aliases, held, current = aliases_of(account, stack), journal.held(), journal.current()
    choice = choose(current, held, aliases, to)
    target = journal.read(choice.release)
    seen = Seen(
        where=where_is(account, environment, stack),
        status=there.status,
        current=current or target,  # there is one, or nothing would have been chosen
        held=held,
        aliases=aliases,
        provisioned=provisioned(account, aliases),
        since=[journal.read(each) for each in journal.ids() if each > target.id],
    )
    left = kept(account, target, seen.current, there.parameters)
    return plan(seen, target, left, choice, alone)


def where_is(account: Account, environment: str, stack: str) -> Where:
    """A stack, and where it is."""
    caller = account.client("sts").get_caller_identity()
    return Where(environment, stack, caller["Account"], account.where["region_name"])


def kept(
    account: Account, target: Release, current: Release, parameters: Mapping[str, str]
) -> Kept:
    """What is left of a release, and what its template and parameters would change of those that
    are deployed.
    """
    s3, bucket = account.s3(), account.bucket()
    then = _text(s3, bucket, target.template)
    now = _text(s3, bucket, current.template)
    parts = [(bucket, f"parts/{target.console}")]
    found = None
    if then is not None:
        parts += differences.coded_at(then)
        found = differences.between(now or then, then, parameters, target.parameters)
    missing = [key for place, key in parts if not _is_there(s3, place, key)]
    return Kept(dict(_versions(account.client("lambda"), target)), found, missing)


def _versions(client: Any, target: Release) -> Iterator[tuple[str, str]]:
    for name, wanted in target.functions.items():
        try:
            found = client.get_function_configuration(
                FunctionName=wanted.name, Qualifier=wanted.version
            )
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            continue
        yield name, found["CodeSha256"]


def provisioned(account: Account, aliases: Mapping[str, Alias]) -> dict[str, int]:
    """How many instances are kept warm behind aliases that have such."""
    client = account.client("lambda")
    found = {}
    for name, alias in aliases.items():
        try:
            answer = client.get_provisioned_concurrency_config(
                FunctionName=alias.function, Qualifier=ALIAS
            )
        except ClientError as error:
            if code_of(error) != "ProvisionedConcurrencyConfigNotFoundException":
                raise
            continue
        found[name] = int(answer["RequestedProvisionedConcurrentExecutions"])
    return found


def _text(s3: Any, bucket: str, key: str) -> str | None:
    try:
        return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
    except ClientError as error:
        if code_of(error) != "NoSuchKey":
            raise
        return None


def _is_there(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return False
    return True
