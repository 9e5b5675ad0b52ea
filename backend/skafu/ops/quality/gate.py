"""security/quality-gate.yaml: the conditions of SonarQube's quality gate."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.artefact.sources import Refused

FILE = "security/quality-gate.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Condition(_Part):
    """Fails where a metric is greater (GT) or less (LT) than `error`."""

    metric: Annotated[str, Field(pattern="^[a-z_]+$")]
    op: Literal["GT", "LT"]
    error: int
    why: Annotated[str, Field(min_length=1)]

    def fails(self, value: float) -> bool:
        return value > self.error if self.op == "GT" else value < self.error


class Gate(_Part):
    """Its name on the server, and what it asks."""

    name: Annotated[str, Field(min_length=1)]
    conditions: Annotated[list[Condition], Field(min_length=1)]

    def of(self, metric: str) -> Condition:
        """The condition for a metric. Raises Refused where there is none."""
        for condition in self.conditions:
            if condition.metric == metric:
                return condition
        raise Refused(f"{FILE} asks nothing of {metric}.")


def read(path: Path) -> Gate:
    """The gate. Raises Refused, also for a metric that is there twice."""
    try:
        gate = Gate.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Refused(f"{path.name}: {error}") from error
    metrics = [each.metric for each in gate.conditions]
    if len(set(metrics)) != len(metrics):
        raise Refused(f"{path.name} names a metric twice.")
    return gate
