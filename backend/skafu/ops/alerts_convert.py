"""Files of other systems, by the name of the system."""

from collections.abc import Callable, Mapping, Sequence

from skafu.ops.alerts_foreign import Converted, Unreadable

__all__ = ["CONVERTERS", "Unreadable", "convert"]

type Converter = Callable[[str, Sequence[str]], Converted]


def _prometheus(text: str, group_by: Sequence[str]) -> Converted:
    # pylint: disable-next=import-outside-toplevel # promql-parser is for developers: not always here
    from skafu.ops.alerts_prometheus import convert as prometheus

    return prometheus(text, group_by)


def _cloudwatch(text: str, group_by: Sequence[str]) -> Converted:
    # pylint: disable-next=import-outside-toplevel # as above
    from skafu.ops.alerts_cloudwatch import convert as cloudwatch

    del group_by  # alarms name their dimensions
    return cloudwatch(text)


CONVERTERS: Mapping[str, Converter] = {"cloudwatch": _cloudwatch, "prometheus": _prometheus}


def convert(source: str, text: str, group_by: Sequence[str]) -> Converted:
    """Convert a file. Raises Unreadable."""
    return CONVERTERS[source](text, group_by)
