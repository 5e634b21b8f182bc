"""A monitor as its file says it: ``monitors/<name>/monitor.json``, written by the resource's verbs."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlstack_local.captures.recorder import SETTLED_SECONDS
from mlstack_local.files import private_folder, write_private
from mlstack_local.monitors.reading import Reading

NAME = "monitor.json"
#: Signals that are read from captured requests; the others from the gateway's totals.
FROM_CAPTURES = frozenset({"data-drift", "prediction-drift", "data-quality", "feature-attribution", "custom"})
#: Rows that a comparison of distributions needs. Without drift the PSI of deciles has a mean of 9/n and
#: stays below 27.9/n in 999 windows of 1,000 (Yurdakul 2018): with 200 rows that is 0.14, under the 0.2
#: from which a difference is usually taken to matter; with 100 it would be over it.
_ROWS = 200
#: Requests beyond the quantile that make it one: fewer are single stragglers.
_BEYOND = 5
#: Requests of which a share of errors is taken: one error of 50 is 2 %.
_REQUESTS = 50


@dataclass(frozen=True)
class Baseline:
    """Place and version of what is compared with; ``columns`` as the data's spec has them."""

    uri: str
    version: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """``path`` is the copy that was deployed, relative to the spec's folder."""

    path: str
    script: str


@dataclass(frozen=True)
class Definition:
    """``threshold`` is in seconds for latency; ``every`` and ``window`` are seconds."""

    name: str
    endpoint: str
    signal: str
    threshold: float
    metric: str | None = None
    baseline: Baseline | None = None
    features: tuple[str, ...] | None = None
    quantile: float = 0.95
    code: Code | None = None
    every: float = 3600.0
    window: float | None = None
    min_samples: int | None = None
    notify: tuple[str, ...] = ()
    project: str | None = None

    @property
    def needed(self) -> int:
        """Samples below which a reading says nothing."""
        if self.min_samples is not None:
            return self.min_samples
        if self.signal == "latency":
            return math.ceil(_BEYOND / (1 - self.quantile) - 1e-9)
        return {"errors": _REQUESTS, "custom": 1}.get(self.signal, _ROWS)

    @property
    def settles(self) -> float:
        """Seconds before now at which a window ends: what came later may not be written yet."""
        return SETTLED_SECONDS if self.signal in FROM_CAPTURES else 0.0

    @property
    def measure(self) -> str:
        """What the value is, in a word or two."""
        if self.signal == "latency":
            return f"p{100 * self.quantile:g}"
        return {"errors": "error rate", "custom": "custom"}.get(self.signal, self.metric or "")

    @property
    def series(self) -> str:
        """The same for definitions whose values can be compared: all but when it is read and who is told."""
        what = asdict(self)
        for name in ("threshold", "every", "window", "min_samples", "notify"):
            del what[name]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]

    def compares(self, reading: Reading) -> bool:
        """Whether a reading is of this definition's series."""
        if reading.series is None:
            return (reading.signal, reading.measure) == (self.signal, self.measure)
        return reading.series == self.series

    def passes(self, value: float) -> bool:
        """Whether a value is beyond the threshold: above it, but below for a likeness such as NDCG."""
        return value < self.threshold if self.metric == "ndcg" else value > self.threshold

    def write(self, folder: Path) -> None:
        write_private(private_folder(folder) / NAME, json.dumps(asdict(self), indent=1))


def read(folder: Path) -> Definition | None:
    """The definition in a monitor's folder; None when there is none that can be read."""
    try:
        return parsed(json.loads((folder / NAME).read_text()))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def parsed(document: Mapping[str, Any]) -> Definition:
    """What `Definition.write` has written. Raises TypeError and KeyError for anything else."""
    document = {**document}
    baseline, code, features = (document.pop(key) for key in ("baseline", "code", "features"))
    return Definition(
        **{**document, "notify": tuple(document["notify"])},
        baseline=Baseline(**baseline) if baseline else None,
        code=Code(**code) if code else None,
        features=None if features is None else tuple(features),
    )
