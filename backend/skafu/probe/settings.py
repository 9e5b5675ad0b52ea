"""The probe's configuration: where the public finds what it looks at."""

from dataclasses import dataclass

from skafu.shared.settings import Settings
from skafu.shared.working_hours import ALWAYS


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(Settings):
    """Addresses are those that customers use. `secret` is the ARN of the probe's own credentials;
    `working_hours` are as WorkingHours.parse reads them.
    """

    api_url: str
    console_url: str
    token_url: str
    secret: str
    working_hours: str = ALWAYS
