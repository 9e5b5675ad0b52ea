"""The data that estimates are made from."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from skafu.metrics.prices import PRICES
from skafu.ops.cost import inputs, prices
from skafu.shared.api import log_answer
from skafu.shared.observability import Count, count, observed
from tests.unit.ops.cost import stacks
