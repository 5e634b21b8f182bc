"""A loaded model as the server sees it, whatever library is behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlstack_serving.batch import Batch


@dataclass(frozen=True)
class Tensor:
    """Metadata of one input or output; -1 in ``shape`` is any size."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}


@dataclass(frozen=True)
class Model:
    """``predict(batch, wanted)`` is called from several threads at once.

    ``wanted`` are names from ``outputs`` (empty: the usual ones); with any, the result is a dict of
    them. ``columns`` are the names the model was trained on. A ``raw`` model is handed the request's
    body as text, and its result is the answer's JSON.
    """

    platform: str
    predict: Callable[[Batch, Sequence[str]], Any]
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    columns: tuple[str, ...] | None = None
    raw: Callable[[str], Any] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
