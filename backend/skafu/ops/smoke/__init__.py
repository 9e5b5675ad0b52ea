"""Whether a deployed environment does what people use it for, seen from outside."""

from skafu.ops.smoke.report import Report
from skafu.ops.smoke.running import Means, Target, Via, Wanted, run

__all__ = ["Means", "Report", "Target", "Via", "Wanted", "run"]
