"""What the metrics API reads and answers, as models: the edge where JSON becomes values.

Only the query routes and the documentation import this module: importing pydantic costs a cold
start more than all the rest. Points are checked by hand (points.py); their models here are what the
documentation shows.
"""

from typing import Annotated, Literal

from pydantic import Field

from skafu.metrics.columnar import MAX_COLUMNS
from skafu.metrics.fields.schemas import Message, Name, Tags, Time
from skafu.metrics.ingest import MAX_POINTS
from skafu.metrics.observations import MAX_BOUNDS, MAX_COUNT, MAX_SKETCH_BINS, MAX_VALUES
from skafu.metrics.points import UNITS

# --- sending points -------------------------------------------------------------------------------


Counted = Annotated[
    int, Field(ge=1, le=MAX_COUNT, description="How often; a whole number, 4.0 too")
]
Tally = Annotated[int, Field(ge=0, le=MAX_COUNT)]


class StatisticSpec(Message):
    """Observations of which only this is known, as PutMetricData has them. Percentiles and standard
    deviation of a bucket with such a set are unknown (null, and missing data to alerts), unless all
    its observations are equal.
    """

    sample_count: Counted
    sum: float
    minimum: float
    maximum: float


class HistogramSpec(Message):
    """Observations counted between bounds. A bin reaches from the bound before it to its own, and
    its middle stands for it; the first begins at `minimum`, or at 0, or at its own bound if that is
    not positive; the last ends at `maximum`, or at the last bound. No bin stands outside of
    `minimum` and `maximum`; where they are not told they are taken from the bins, as is the sum.
    """

    bounds: Annotated[
        list[float],
        Field(min_length=1, max_length=MAX_BOUNDS, description="Ascending upper bounds"),
    ]
    counts: Annotated[
        list[Tally],
        Field(max_length=MAX_BOUNDS + 1, description="One more than bounds: the last for above"),
    ]
    sum: float | None = None
    minimum: float | None = None
    maximum: float | None = None


class SketchSpec(Message):
    """Observations counted in DDSketch's bins: with gamma = (1 + relative_accuracy) / (1 -
    relative_accuracy), bin i has what is over gamma^(i-1) up to gamma^i, and 2 gamma^i / (gamma +
    1) stands for it. Extremes and sum as in a histogram.
    """

    relative_accuracy: Annotated[float, Field(ge=0.0001, le=0.5)]
    zero_count: Tally = 0
    positive: Annotated[
        dict[str, Tally], Field(max_length=MAX_SKETCH_BINS, description="Counts by index")
    ] = Field(default_factory=dict)
    negative: Annotated[
        dict[str, Tally],
        Field(max_length=MAX_SKETCH_BINS, description="The same, of the values without their sign"),
    ] = Field(default_factory=dict)
    sum: float | None = None
    minimum: float | None = None
    maximum: float | None = None


class PointSpec(Message):
    """One point, with exactly one of `value`, `values`, `statistics`, `histogram` and `sketch`: all
    but `value` are many observations, and every statistic counts them as such. Without a timestamp
    it gets the time of receipt. Timestamps from 30 days ago to 2 hours ahead are accepted, both
    rounded outward to quarters of an hour; by the server's clock, so that one that is some minutes
    off costs nothing. Points of one series and one timestamp are all kept, in one request or in
    several; only the same request is stored once.
    """

    name: Name
    value: float | None = None
    values: Annotated[list[float], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    counts: (
        Annotated[
            list[Counted],
            Field(max_length=MAX_VALUES, description="How often each of `values`; 1 if not given"),
        ]
        | None
    ) = None
    statistics: StatisticSpec | None = None
    histogram: HistogramSpec | None = None
    sketch: SketchSpec | None = None
    timestamp: Time | None = None
    tags: Tags = Field(default_factory=dict)
    unit: Annotated[str, Field(json_schema_extra={"enum": sorted(UNITS)})] | None = None
    type: Annotated[
        Literal["gauge", "counter"],
        Field(description="A counter only grows, and begins anew at a restart"),
    ] = "gauge"


class ColumnSpec(Message):
    """Values of a layout that an answer has named: the series of that request, without repeating
    them. A layout lists its series in order of name, then tags (pairs of key and value, sorted by
    key), then unit, then type (gauge first), texts by Unicode code points and what is not there
    first. Learn it from an answer without rejected points. `timestamp` is for all values,
    `timestamps` has one for each; with neither they get the time of receipt.
    """

    layout: Annotated[str, Field(json_schema_extra={"pattern": "^[a-z2-7]{16}$"})]
    timestamp: Time | None = None
    timestamps: Annotated[list[Time | None], Field(max_length=MAX_POINTS)] | None = None
    values: Annotated[
        list[float | None],
        Field(max_length=MAX_POINTS, description="One for each series; null where there is none"),
    ]


class IngestRequest(Message):
    """Points to store: either `metrics` or `columns`. Together at most as many as the quota
    batch_points allows, 10,000 if nothing else was set; 4 MB inflated; else 413. Columns of a
    layout that is not known (any more) are answered with 409, /problems/unknown-layout and the
    `layouts` it is about: nothing is stored, and the points are to be sent in full.
    """

    metrics: Annotated[list[PointSpec], Field(min_length=1, max_length=MAX_POINTS)] = Field(
        default_factory=list
    )
    columns: Annotated[list[ColumnSpec], Field(min_length=1, max_length=MAX_COLUMNS)] = Field(
        default_factory=list
    )


class RejectedPoint(Message):
    """Why a point was not taken: its place in `metrics` or `columns`, the field at fault, a
    sentence. In columns the field tells which value (`values.3`), or the whole column is at fault.
    """

    index: int
    field: str
    reason: str


class IngestAnswer(Message):
    """How many points are stored, and why the others are not; and, where they made exactly one,
    their layout: what columns may name from now on.
    """

    accepted: int
    rejected: list[RejectedPoint]
    layout: str | None
