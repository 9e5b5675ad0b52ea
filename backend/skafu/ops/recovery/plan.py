"""What a restore, or a switch-over, would do: said before anything is touched. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from skafu.ops.recovery.backups import Backup
from skafu.ops.recovery.place import shown


@dataclass(frozen=True)
class Plan:
    """A restore of `used`, the table that the functions use, or of a backup of it. `moment` (epoch
    ms) is what the restored table will look like. `own` is the table that the stack has made.
    """

    stack: str
    environment: str
    used: str
    own: str
    target: str
    moment: int
    backup: Backup | None
    validates: bool
    switches: bool

    @property
    def problems(self) -> Iterator[str]:
        """What forbids it."""
        if self.target in (self.used, self.own):
            yield f"{self.target} is in use: a restore makes a new table, it never replaces one."
        if not self.target.startswith(f"skafu-{self.environment}"):
            yield (
                f"{self.target} has to begin with skafu-{self.environment}: roles may use tables "
                "of that name alone."
            )
        if self.backup is not None and self.backup.table not in (self.used, self.own):
            yield f"{self.backup.arn} is a backup of {self.backup.table}, not of {self.stack}'s."

    def lines(self, now: int) -> Iterator[str]:
        """The plan in words; `now` is epoch ms."""
        yield f"Restore: {self.stack} ({self.environment}) uses {self.used}"
        what = self.backup.arn if self.backup is not None else f"{self.used}, point in time"
        yield f"  from   {what}"
        yield f"  as of  {shown(self.moment)}, {(now - self.moment) / 60_000:.1f} minutes ago"
        yield f"  into   {self.target}, a new table; {self.used} stays as it is"
        yield "Steps:"
        yield "  restore: make the table and wait; gone on with where it is there already"
        yield "  settle: stream, TTL, point-in-time recovery, deletion protection, key, tags"
        if self.validates:
            yield f"  validate: read all of {self.used} and {self.target} by Scan and compare"
        if self.switches:
            yield f"  switch: {self.stack} uses {self.target}, all functions at once"
            yield (
                f"Know that what was written to {self.used} since {shown(self.moment)} is not in "
                f"{self.target}. It stays in {self.used}."
            )
        for problem in self.problems:
            yield f"It cannot be done: {problem}"
