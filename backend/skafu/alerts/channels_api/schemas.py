"""What the endpoints about channels read and answer."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from skafu.alerts.channels import ChannelType, Region, Template
from skafu.alerts.channels_api.drafts import ChannelDraft
from skafu.alerts.schemas import MAX_URL, Instant, Integer, Line, Shape, TagName, TagValue
from skafu.alerts.senders.subscriptions import Standing

Type = Literal["webhook", "slack", "teams", "pagerduty", "email", "sms"]

MAX_TEMPLATE = 4000
DAY_S = 86_400
MAX_OVERLAP_S = 7 * DAY_S
CONTROLS = {chr(code) for code in range(32)} - set("\t\r\n")


def _source(text: str) -> str:
    if any(character in CONTROLS for character in text):
        sentence = "must not contain control characters"
        raise PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})
    return text


Source = Annotated[str, Field(max_length=MAX_TEMPLATE), AfterValidator(_source)]


class TemplateIn(Shape):
    """Jinja2, a small part of it: {{ title }}, {% if severity == "critical" %}..{% endif %},
    {% for item in items %}{{ item.name }}{% endfor %}. Empty: the standard title or text.
    """

    title: Source = ""
    text: Source = ""

    def template(self) -> Template:
        """The same as a value."""
        return Template(self.title, self.text)


class ChannelIn(Shape):
    """A channel. Of what is secret, a change may leave out what is to stay."""

    name: Line
    type: Type
    url: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_URL,
        description="webhook, slack and teams. Of Slack and Teams it is the secret: only its host "
        "is shown.",
    )
    secret: str | None = Field(
        default=None,
        max_length=256,
        description="webhook, as Standard Webhooks say: whsec_ and 24 to 64 bytes in base64. "
        "Without it one is made.",
    )
    routing_key: str | None = Field(
        default=None, max_length=64, description="pagerduty: an Events API v2 integration's key."
    )
    region: Region | None = Field(default=None, description="pagerduty: us (usual) or eu.")
    address: str | None = Field(
        default=None,
        min_length=3,
        max_length=320,
        description="email: an address, which has to confirm; sms: a number like +4915112345678.",
    )
    template: TemplateIn | None = None
    sends_resolved: StrictBool = Field(
        default=True, description="Whether the channel hears that something is over."
    )

    def draft(self) -> ChannelDraft:
        """The same as a value."""
        return ChannelDraft(
            name=self.name,
            type=ChannelType(self.type),
            url=self.url,
            secret=self.secret,
            routing_key=self.routing_key,
            region=self.region,
            address=self.address,
            template=None if self.template is None else self.template.template(),
            sends_resolved=self.sends_resolved,
        )


class ChannelOut(Shape):
    """A channel as it is shown: never with a secret. `default` is the environment's topic."""

    id: str
    version: int
    name: str
    type: Literal["webhook", "slack", "teams", "pagerduty", "email", "sms", "topic"]
    url: str | None
    region: Region | None
    address: str | None
    subscription: Standing | None = Field(
        description="email and sms: whether the address hears what is sent to it. Null in lists."
    )
    template: TemplateIn | None
    sends_resolved: bool
    previous_secret_until: Instant | None = Field(
        description="webhook: until when signatures with the secret before are sent too."
    )
    created_at: Instant | None
    edited_at: Instant | None


class ChannelCreated(ChannelOut):
    """The only answers that show a webhook's secret; it is empty for other types."""

    secret: str


class ChannelList(Shape):
    channels: tuple[ChannelOut, ...]
    cursor: str | None


class RotateIn(Shape):
    """How long the present secret stays valid beside the new one."""

    overlap: Integer = Field(
        default=DAY_S,
        ge=0,
        le=MAX_OVERLAP_S,
        description="Seconds; 0 ends all earlier secrets at once.",
    )


class TestResult(Shape):
    """What came of a test notification; `status` is the HTTP status that the receiver answered."""

    __test__ = False  # the name makes pytest curious

    delivered: bool
    status: int | None
    error: str | None
    note: str | None = Field(description="What should be known of a test that went well, too.")
    duration_ms: int


class PreviewIn(Shape):
    """A template, and what to try it on: without an alert, or where it never fired, a sample."""

    type: Type
    template: TemplateIn = TemplateIn()
    alert: Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")] | None = (
        None
    )
    tags: dict[TagName, TagValue] | None = Field(
        default=None, description="The instance's tags; without them, whichever fired last."
    )

    def draft(self) -> Template:
        """The template as a value."""
        return self.template.template()


class PreviewOut(Shape):
    """`message` is the body that would be sent to the service, without secrets; of mail and text
    messages its parts.
    """

    title: str
    text: str
    message: dict[str, Any]
    real: bool = Field(description="Whether this fired once; otherwise the page is a sample.")
    alert: str | None
    tags: dict[str, str]
    at: Instant | None
    notes: tuple[str, ...]
