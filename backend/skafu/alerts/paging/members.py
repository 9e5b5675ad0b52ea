"""What is to be said of an instance in a group, by where it stands and what was said last: pure."""

from dataclasses import replace

from skafu.alerts.paging.group import Member, Said
from skafu.alerts.paging.model import Told


def fires_anew(member: Member) -> bool:
    """Whether a firing stands that was not told."""
    said = member.said
    if member.told is not Told.FIRING:
        return False
    return said is None or said.told is not Told.FIRING or said.began != member.began


def is_raised(member: Member) -> bool:
    """Whether it fires at a higher level than was said."""
    said = member.said
    if said is None or member.told is not Told.FIRING or fires_anew(member):
        return False
    return member.level > said.level


def is_news(member: Member) -> bool:
    """Whether what stands is not what was said."""
    said = member.said
    match member.told:
        case Told.FIRING:
            return fires_anew(member) or (said is not None and said.level != member.level)
        case Told.RESOLVED:
            return member.open
        case Told.UNKNOWN:
            return said is not None and said.told is Told.FIRING


def said_now(member: Member, now: int) -> Member:
    """The member after what stands was told."""
    said = member.said
    goes_on = said is not None and said.began == member.began and said.told is not Told.RESOLVED
    fired_at = member.fired_at if goes_on or member.told is not Told.FIRING else now
    return replace(
        member, said=Said(member.told, member.began, member.level, now), fired_at=fired_at
    )


def cooled_at(member: Member) -> int:
    """When the cooldown after the last firing that was told ends; 0 where there is none."""
    if member.fired_at is None:
        return 0
    return member.fired_at + member.notification.alert.cooldown * 1000


def told_since(member: Member) -> int:
    return member.since if member.fired_at is None else member.fired_at
