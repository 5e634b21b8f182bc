"""A loaded model as the server sees it, whatever library is behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.schema import Signature, Tensor


@dataclass(frozen=True)
class Model:
    """``predict(batch, wanted)`` is called from several threads at once.

    The batch is one that ``signature`` has read. ``wanted`` are names from ``outputs`` (empty: the usual
    ones); with any, the result is a dict of them. A ``raw`` model is handed the request's body as text and
    its headers (or none), and its result is the answer's JSON. ``native``: a call is a library's own work,
    without code that might wait for something.
    """

    platform: str
    predict: Callable[[Batch, Sequence[str]], Any]
    outputs: tuple[Tensor, ...] = ()
    signature: Signature = field(default_factory=Signature)
    raw: Callable[..., Any] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    native: bool = False

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self.signature.tensors

    @property
    def columns(self) -> tuple[str, ...] | None:
        return self.signature.names
