"""What the lists answer, as models for the documentation."""

from pydantic import BaseModel, ConfigDict


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MetricRow(_Message):
    """A metric: its unit as last sent, how many series it has, when it was last seen. A metric
    whose labels churn has so many layouts that not all are looked at: `complete` then is false, and
    it has at least so many series.
    """

    name: str
    unit: str | None
    series: int
    last_seen: int
    complete: bool


class MetricList(_Message):
    """A page of metrics in order of name."""

    metrics: list[MetricRow]
    cursor: str | None


class SeriesRow(_Message):
    """A series, and when it was last seen."""

    metric: str
    tags: dict[str, str]
    last_seen: int


class SeriesList(_Message):
    """A page of a metric's series in order of tags; `complete` is false where there are more than
    are looked for (1,000 layouts, 64,000 compacted series).
    """

    series: list[SeriesRow]
    complete: bool
    cursor: str | None


class TagRow(_Message):
    """A tag's key: how many series have it, with how many different values."""

    key: str
    series: int
    values: int


class TagList(_Message):
    """A page of tag keys in order; `complete` is as in a list of series."""

    tags: list[TagRow]
    complete: bool
    cursor: str | None


class TagValueRow(_Message):
    """One of a tag's values: how many series have it."""

    value: str
    series: int


class TagValueList(_Message):
    """A page of a tag's values in order; `complete` is as in a list of series."""

    values: list[TagValueRow]
    complete: bool
    cursor: str | None
