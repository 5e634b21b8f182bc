"""One request on its way through the model: what is asked, and how the answer is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mlstack_serving.batch import Batch
from mlstack_serving.http import Answer
from mlstack_serving.model import Model


class Call(NamedTuple):
    """``batch`` has passed the model's signature; ``write`` makes an answer of the model's result."""

    model: Model
    batch: Batch
    wanted: tuple[str, ...]
    write: Callable[[Any], Answer]

    def answer(self) -> Answer:
        """Of this request alone."""
        return self.write(self.model.predict(self.batch, self.wanted))
