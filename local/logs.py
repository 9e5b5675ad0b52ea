"""What the running system says: its own output, or the log of one function."""

import time
from collections.abc import Iterator

from botocore.exceptions import ClientError

from local import cloud
from local.home import STACK, Home, Refused

LAST_LINES = 50
PAUSE_S = 1.0


def of_processes(home: Home, follow: bool) -> Iterator[str]:
    """The last lines of every file in logs/, then what is added, each with its file's name."""
    offsets: dict[str, int] = {}
    while True:
        for path in sorted(home.logs.glob("*.log")):
            with path.open("rb") as file:
                file.seek(offsets.get(path.stem, 0))
                added = file.read().decode(errors="replace").splitlines()
                first = path.stem not in offsets
                offsets[path.stem] = file.tell()
            for line in added[-LAST_LINES:] if first else added:
                yield f"{path.stem:6} {line}"
        if not follow:
            return
        time.sleep(PAUSE_S)


def of_function(home: Home, function: str, follow: bool) -> Iterator[str]:
    """The log of one function (metrics, alert-evaluator, ...). Raises Refused when it has none."""
    client = cloud.client(home, "logs")
    group = f"/aws/lambda/{STACK}-{function}"
    seen: set[tuple[int, str]] = set()
    start = 0
    while True:
        try:
            pages = client.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=start
            )
            events = [
                (int(event["timestamp"]), str(event["message"]).rstrip())
                for page in pages
                for event in page["events"]
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise Refused(f"There is no log group {group}.") from None
            raise
        events.sort(key=lambda event: event[0])  # and no further: a call's lines share their time
        fresh = [event for event in events if event not in seen]
        for _, message in fresh if start else fresh[-LAST_LINES:]:
            yield message
        if not follow:
            return
        if events:
            start = events[-1][0]
            seen = {event for event in events if event[0] == start}
        time.sleep(PAUSE_S)
