"""Hugging Face: a folder with config.json, or a hub id, as a transformers pipeline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import need
from mlstack_serving.model import Model, Tensor

# The head of an architecture says what the model is for; a hub id's card says it too, a folder has only this.
_TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForImageClassification": "image-classification",
}


def load(source: str, task: str | None) -> Model:
    transformers = need("transformers", "transformers", "huggingface")
    if task is None and Path(source).is_dir():
        task = task_of(Path(source))
    pipeline = transformers.pipeline(task=task, model=source)

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        if batch.named:
            names = list(batch.tensors)
            count = len(batch.tensors[names[0]])
            rows: list[Any] = [{name: batch.tensors[name][i] for name in names} for i in range(count)]
        else:
            rows = list(getattr(batch.rows, "flat", batch.rows))
            if not all(isinstance(row, str) for row in rows):
                raise BadInput("must be texts, one per row", batch.field)
        results = pipeline(rows)
        # Some pipelines answer each row by a list of one.
        return [row[0] if isinstance(row, list) and len(row) == 1 else row for row in results]

    return Model(
        "huggingface", predict, inputs=(Tensor("text", "BYTES", (-1,)),), parameters={"task": pipeline.task}
    )


def task_of(folder: Path) -> str:
    """The pipeline's task by the architecture named in config.json."""
    architectures = (
        json.loads((folder / "config.json").read_text(encoding="utf-8")).get("architectures") or []
    )
    for architecture in architectures:
        for ending, task in _TASKS.items():
            if architecture.endswith(ending):
                return task
    raise LoadError(f"the task of {architectures or folder} is not known: give --task (MLSTACK_TASK)")
